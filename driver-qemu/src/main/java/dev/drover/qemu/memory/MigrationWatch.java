package dev.drover.qemu.memory;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.MigrationCommand;
import dev.drover.qemu.qmp.MigrationInfo;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunState;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.time.Duration;

/**
 * Follows the stream of a guest's memory to its end. It may take as long as bytes flow, since how
 * many they are and how fast storage takes them is nobody's to promise; a flow that stands still
 * ends it.
 */
final class MigrationWatch implements AutoCloseable {

  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration STANDSTILL = Duration.ofSeconds(60);

  private final LiveDomain live;
  private final EventSubscription events;

  private MigrationWatch(LiveDomain live, EventSubscription events) {
    this.live = live;
    this.events = events;
  }

  /** Watches from now on; to be called before the migration begins. */
  static MigrationWatch of(LiveDomain live) {
    MigrationWatch watch = subscribed(live);
    try {
      live.execute(new MigrationCommand.TellStates());
      return watch;
    } catch (DriverException e) {
      watch.close();
      throw e;
    }
  }

  private static MigrationWatch subscribed(LiveDomain live) {
    return new MigrationWatch(
        live, live.monitor().subscribe(event -> event.name().equals("MIGRATION"), 256));
  }

  /**
   * Waits for the end.
   *
   * @param check called now and then; throws to give up
   * @throws DriverException DEADLINE_EXCEEDED where the flow stands still, what the monitor raises,
   *     and whatever check throws
   */
  MigrationInfo await(ByteFlow flow, Runnable check) {
    long last = flow.moved().get();
    long since = System.nanoTime();
    while (true) {
      check.run();
      MigrationInfo now = live.execute(new QueryCommand.QueryMigrate());
      if (now.state().isFinal() && now.state() != MigrationInfo.State.NONE) {
        return now;
      }
      if (flow.moved().get() != last) {
        last = flow.moved().get();
        since = System.nanoTime();
      } else if (System.nanoTime() - since > STANDSTILL.toNanos()) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
            "the memory of domain '%s' has stood still for %d s after %d bytes"
                .formatted(live.name(), STANDSTILL.toSeconds(), last),
            "domain",
            live.name());
      }
      var _ = events.next(LOOK);
    }
  }

  /**
   * Ends a migration that may be under way, and waits until it has ended; the guest is held as
   * before.
   */
  static void cancel(LiveDomain live) {
    if (over(live)) {
      return;
    }
    // While a migration goes on QEMU refuses to be told what it is to tell; it was told before.
    try (MigrationWatch watch = subscribed(live)) {
      live.execute(new MigrationCommand.MigrateCancel());
      long end = System.nanoTime() + STANDSTILL.toNanos();
      while (!over(live)) {
        if (System.nanoTime() > end) {
          throw DriverException.of(
              ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE,
              "the hypervisor of domain '%s' does not end writing its memory"
                  .formatted(live.name()),
              "domain",
              live.name(),
              "command",
              "migrate_cancel");
        }
        var _ = watch.events.next(LOOK);
      }
    }
  }

  /** QEMU tells how a migration has ended before it has left the state that belongs to its end. */
  private static boolean over(LiveDomain live) {
    return live.execute(new QueryCommand.QueryMigrate()).state().isFinal()
        && live.execute(new QueryCommand.QueryStatus()).state() != RunState.FINISH_MIGRATE;
  }

  @Override
  public void close() {
    events.close();
  }
}
