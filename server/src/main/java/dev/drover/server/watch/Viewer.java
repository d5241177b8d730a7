package dev.drover.server.watch;

import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;

/** Whose stream it is: what that caller may see, as it is decided at the moment (R23). */
public interface Viewer {

  /** Whether a domain may be shown. */
  boolean sees(Domain domain);

  /** Whether a job may be shown. */
  boolean sees(Job job);

  /** Whether a snapshot may be shown. */
  boolean sees(Snapshot snapshot);

  /**
   * What the caller may see, for comparison: once it differs, what the stream has shown is not what
   * it would show.
   *
   * @throws dev.drover.spi.error.DriverException PERMISSION_DENIED where the caller may not watch
   *     any more
   */
  Object scope();
}
