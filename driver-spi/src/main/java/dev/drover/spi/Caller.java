package dev.drover.spi;

/**
 * Who makes a call, as the daemon identified it.
 *
 * @param principal stable name for records and permissions, for example {@code uid:1000}
 * @param origin where the call came from, for example {@code unix pid 4711}
 */
public record Caller(String principal, String origin) {

  /** The daemon itself, for work nobody asked for, such as autostart. */
  public static final Caller DAEMON = new Caller("droverd", "daemon");
}
