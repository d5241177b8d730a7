package dev.drover.client.cli;

/**
 * Named as java.util.logging's configuration class, this sets up nothing: what goes wrong is said
 * once, by the command, and the libraries' own logs are for DROVER_DEBUG=1. Public because
 * java.util.logging makes it.
 */
public final class QuietLogging {
  /** Leaves the root logger without handlers. */
  public QuietLogging() {}
}
