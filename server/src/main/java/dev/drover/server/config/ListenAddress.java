package dev.drover.server.config;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host name or address, an IPv6 address without its brackets
 * @param port TCP port; 0: any that is free
 */
public record ListenAddress(String host, int port) {

  /** Port of clients that name none; the one libvirt uses for TLS. */
  public static final int DEFAULT_PORT = 16514;

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([^\\[\\]:\\s]+))(?::([0-9]{1,5}))?");
  private static final int LAST_PORT = 65535;

  /**
   * Reads {@code host:port}, {@code host}, or {@code [address]:port}.
   *
   * @throws IllegalArgumentException says what is expected
   */
  public static ListenAddress parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw expected();
    }
    String port = parts.group(3);
    int number = port == null ? DEFAULT_PORT : Integer.parseInt(port);
    if (number > LAST_PORT) {
      throw expected();
    }
    String address = parts.group(1);
    return new ListenAddress(address == null ? parts.group(2) : address, number);
  }

  private static IllegalArgumentException expected() {
    return new IllegalArgumentException(
        "expected host:port, for example 0.0.0.0:16514 or [::]:16514");
  }

  /** The address of a socket. */
  public static ListenAddress of(InetSocketAddress address) {
    return new ListenAddress(address.getHostString(), address.getPort());
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
