package dev.drover.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SupervisorTest {

  @BeforeAll
  static void loadSockets() {
    Epoll.ensureAvailability();
  }

  @Test
  void isToldThatTheDaemonServes(@TempDir Path directory) throws IOException {
    String path = directory.resolve("notify").toString();

    assertThat(toldOn(path, path)).isEqualTo("READY=1");
  }

  @Test
  void mayListenWithoutAFile() throws IOException {
    String name = "drover-" + UUID.randomUUID();

    assertThat(toldOn("\0" + name, "@" + name)).isEqualTo("READY=1");
  }

  @Test
  void thatHasGoneIsNoReasonToStop(@TempDir Path directory) {
    Supervisor.of(Map.of("NOTIFY_SOCKET", directory.resolve("nobody").toString())).ready();
    Supervisor.of(Map.of()).ready();
  }

  private static String toldOn(String bound, String named) throws IOException {
    Socket socket = Socket.newSocketDomainDgram();
    try {
      socket.bind(new DomainSocketAddress(bound));
      Supervisor.of(Map.of("NOTIFY_SOCKET", named)).ready();
      // The message lies in the socket by now: sending returns after it was delivered.
      ByteBuffer received = ByteBuffer.allocateDirect(64);
      int length = socket.recv(received, 0, received.capacity());
      byte[] bytes = new byte[Math.max(0, length)];
      received.get(0, bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } finally {
      socket.close();
    }
  }
}
