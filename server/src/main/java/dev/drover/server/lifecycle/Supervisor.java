package dev.drover.server.lifecycle;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who started the daemon and waits until it serves: systemd, for a unit of {@code Type=notify}. It
 * names a datagram socket in NOTIFY_SOCKET; what is said there is described in sd_notify(3).
 */
public final class Supervisor {

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);
  private static final String VARIABLE = "NOTIFY_SOCKET";

  private final Optional<byte[]> address;

  private Supervisor(Optional<byte[]> address) {
    this.address = address;
  }

  /** The one that the environment names; where it names none, nobody is told anything. */
  public static Supervisor of(Map<String, String> environment) {
    return new Supervisor(
        Optional.ofNullable(environment.get(VARIABLE))
            .filter(name -> !name.isEmpty())
            .map(Supervisor::address));
  }

  /** A name that begins with @ has no file: for the kernel its first byte is 0. */
  private static byte[] address(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes[0] == '@') {
      bytes[0] = 0;
    }
    return bytes;
  }

  /** Tells that the daemon serves. A supervisor that cannot be reached gives up by itself. */
  public void ready() {
    address.ifPresent(Supervisor::send);
  }

  private static void send(byte[] address) {
    Epoll.ensureAvailability();
    byte[] words = "READY=1".getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.allocateDirect(words.length).put(words);
    try {
      Socket socket = Socket.newSocketDomainDgram();
      try {
        socket.sendToDomainSocket(message, 0, words.length, address);
      } finally {
        socket.close();
      }
    } catch (IOException e) {
      log.warn("the supervisor could not be told that the daemon serves: {}", e.getMessage());
    }
  }
}
