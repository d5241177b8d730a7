package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UnixSocketTest { // R13: Java's own sockets, no native library
  @TempDir private Path directory;

  @Test
  void aUnixSocketIsReachedAndLeftAtOnce() {
    Path socket = directory.resolve("droverd.sock");
    FakeDomains domains = new FakeDomains();
    domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
    try (var _ = new SocketDaemon(socket, domains);
        Drover drover = Drover.connect("qemu+unix:///session?socket=" + socket)) {
      assertThat(drover.domains().list())
          .extracting(domain -> domain.getSpec().getName())
          .containsExactly("web");
      assertThat(drover.endpoint()).isEqualTo("unix socket " + socket);
    }
  }

  @Test
  void aConnectionThatWasClosedSaysSo() {
    Path socket = directory.resolve("droverd.sock");
    try (var _ = new SocketDaemon(socket, new FakeDomains())) {
      for (boolean brief : List.of(false, true)) {
        Drover drover =
            Drover.builder().uri("qemu+unix:///session?socket=" + socket).brief(brief).build();
        drover.domains().list();
        drover.close();

        DroverException failure =
            catchThrowableOfType(DroverException.class, () -> drover.domains().list());
        assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_CALL_CANCELLED);
        assertThat(failure)
            .hasMessageContaining("closed by this program")
            .hasMessageNotContaining("droverd'");
      }
    }
  }

  @Test
  void aSocketThatIsNotThereIsNamed() {
    Path socket = directory.resolve("none.sock");
    try (Drover drover = Drover.connect("qemu+unix:///session?socket=" + socket)) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.host().version()))
          .hasMessageContaining(socket.toString())
          .hasMessageContaining("start it with 'droverd'");
    }
  }
}
