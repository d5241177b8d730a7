package dev.drover.server.config;

import java.net.InetAddress;
import java.nio.file.Path;

/** Where metrics are served. */
public sealed interface MetricsAddress {

  /**
   * On TCP.
   *
   * @param address host and port
   */
  record Tcp(ListenAddress address) implements MetricsAddress {

    @Override
    public String toString() {
      return address.toString();
    }
  }

  /**
   * On a unix socket, which the daemon's own user and root may open.
   *
   * @param path its file
   */
  record Unix(Path path) implements MetricsAddress {

    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * Reads {@code host:port}, {@code [address]:port} or an absolute path.
   *
   * @throws IllegalArgumentException says what is expected
   */
  static MetricsAddress parse(String text) {
    if (text.startsWith("/")) {
      return new Unix(Path.of(text));
    }
    if (!text.matches(".*:[0-9]{1,5}")) {
      throw expected();
    }
    try {
      return new Tcp(ListenAddress.parse(text));
    } catch (IllegalArgumentException e) {
      throw expected();
    }
  }

  /** Whether nobody but this host reaches it. A name other than localhost could be anywhere. */
  default boolean withinHost() {
    return switch (this) {
      case Unix _ -> true;
      case Tcp tcp -> loopback(tcp.address().host());
    };
  }

  private static boolean loopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static IllegalArgumentException expected() {
    return new IllegalArgumentException(
        "expected host:port, for example 127.0.0.1:9264, or the absolute path of a unix socket");
  }
}
