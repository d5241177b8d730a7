package dev.drover.client.pki;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * A name that a certificate proves. For a server it is what clients connect to, for a client what
 * the daemon knows it by.
 *
 * @param kind what the value is
 * @param value the name, in ASCII
 */
public record AlternativeName(Kind kind, String value) {

  /** Where the identity of a client made by this program begins. */
  public static final String PRINCIPAL_PREFIX = "drover:principal/";

  private static final Pattern DNS =
      Pattern.compile("(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?");
  private static final Pattern EMAIL = Pattern.compile("[!-?A-~]+@[A-Za-z0-9.-]+");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /** Kinds of names. */
  public enum Kind {
    /** Host name. */
    DNS,
    /** IPv4 or IPv6 address. */
    IP,
    /** URI. */
    URI,
    /** Mail address. */
    EMAIL
  }

  /**
   * Checks the value.
   *
   * @throws PkiException where it is no name of that kind
   */
  public AlternativeName {
    boolean good =
        switch (kind) {
          case DNS -> DNS.matcher(value).matches();
          case IP -> looksLikeAddress(value) && isAddress(value);
          case EMAIL -> EMAIL.matcher(value).matches();
          case URI -> isUri(value);
        };
    if (!good) {
      throw new PkiException(
          "'%s' is not a valid %s"
              .formatted(
                  value,
                  switch (kind) {
                    case DNS -> "host name";
                    case IP -> "IP address";
                    case EMAIL -> "mail address";
                    case URI -> "URI with a scheme, in ASCII";
                  }));
    }
  }

  /** The address where the text is one, else the host name. */
  public static AlternativeName host(String text) {
    return new AlternativeName(looksLikeAddress(text) ? Kind.IP : Kind.DNS, text);
  }

  /** The identity that a client gets where nothing else is asked for. */
  public static AlternativeName principal(String name) {
    return new AlternativeName(Kind.URI, PRINCIPAL_PREFIX + name);
  }

  private static boolean looksLikeAddress(String text) {
    return IPV4.matcher(text).matches() || IPV6.matcher(text).matches();
  }

  private static boolean isAddress(String value) {
    try {
      return !InetAddress.ofLiteral(value).getHostAddress().isEmpty();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static boolean isUri(String value) {
    try {
      return new URI(value).isAbsolute() && value.chars().allMatch(c -> c > ' ' && c < 0x7f);
    } catch (URISyntaxException _) {
      return false;
    }
  }

  /** The name as tables show it, for example {@code DNS:host.example}. */
  @Override
  public String toString() {
    return kind + ":" + value;
  }
}
