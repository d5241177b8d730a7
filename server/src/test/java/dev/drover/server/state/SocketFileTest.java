package dev.drover.server.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {

  @TempDir private Path directory;

  @Test
  void aSocketThatNobodyListensOnIsRemoved() throws IOException {
    Path path = directory.resolve("s");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    SocketFile.prepare(path);
    assertThat(path).doesNotExist();
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws IOException {
    Path path = Files.writeString(directory.resolve("s"), "precious");
    assertThatThrownBy(() -> SocketFile.prepare(path))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("is no socket");
    assertThat(path).hasContent("precious");
  }

  @Test
  void aPathTheKernelWouldNotTakeIsToldWithItsLength() {
    Path path = directory.resolve("s".repeat(120));
    assertThatThrownBy(() -> SocketFile.prepare(path))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("the system takes 107");
  }
}
