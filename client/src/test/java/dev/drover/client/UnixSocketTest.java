package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.v1.DomainState;
import java.nio.file.Path;
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
  void aSocketThatIsNotThereIsNamed() {
    Path socket = directory.resolve("none.sock");
    try (Drover drover = Drover.connect("qemu+unix:///session?socket=" + socket)) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.host().version()))
          .hasMessageContaining(socket.toString())
          .hasMessageContaining("start it with 'droverd'");
    }
  }
}
