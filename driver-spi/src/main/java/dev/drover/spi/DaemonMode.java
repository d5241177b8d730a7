package dev.drover.spi;

/** Whom a daemon serves, as the path of a connection URI says. */
public enum DaemonMode {
  /** The whole host; runs as root ({@code qemu:///system}). */
  SYSTEM("/system"),
  /** One user; needs no privileges ({@code qemu:///session}). */
  SESSION("/session");

  private final String uriPath;

  DaemonMode(String uriPath) {
    this.uriPath = uriPath;
  }

  /** Path of the connection URIs of this mode. */
  public String uriPath() {
    return uriPath;
  }
}
