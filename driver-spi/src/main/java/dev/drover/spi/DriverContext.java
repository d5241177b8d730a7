package dev.drover.spi;

import dev.drover.spi.activity.Activities;
import dev.drover.spi.event.EventSink;
import dev.drover.spi.store.Store;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the daemon lends a driver. A driver reaches nothing of the daemon but this.
 *
 * @param mode whether the daemon serves the system or one user's session
 * @param store durable records of this driver alone
 * @param clock the time
 * @param events where the driver tells what happened
 * @param activities where the driver tells what it is at
 * @param blocking executor of virtual threads for work that may block
 * @param timers executor for short work at a later time; tasks must not block
 * @param stateDirectory directory for files that outlive the daemon and the host's next boot
 * @param runtimeDirectory directory, mode 0700, for sockets and process ids; gone after a boot
 * @param settings the driver's part of the daemon's configuration
 * @param limits what the driver may have at a time
 */
public record DriverContext(
    DaemonMode mode,
    Store store,
    InstantSource clock,
    EventSink events,
    Activities activities,
    ExecutorService blocking,
    ScheduledExecutorService timers,
    Path stateDirectory,
    Path runtimeDirectory,
    DriverSettings settings,
    DriverLimits limits) {

  /** A context without limits. */
  public DriverContext(
      DaemonMode mode,
      Store store,
      InstantSource clock,
      EventSink events,
      Activities activities,
      ExecutorService blocking,
      ScheduledExecutorService timers,
      Path stateDirectory,
      Path runtimeDirectory,
      DriverSettings settings) {
    this(
        mode,
        store,
        clock,
        events,
        activities,
        blocking,
        timers,
        stateDirectory,
        runtimeDirectory,
        settings,
        DriverLimits.NONE);
  }
}
