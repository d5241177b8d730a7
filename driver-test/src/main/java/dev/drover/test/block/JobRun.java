package dev.drover.test.block;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.test.clock.Pace;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.model.BlockImage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A job that has not ended, as the hypervisor sees it. Guarded by the {@link
 * dev.drover.test.clock.WorldLock}.
 */
final class JobRun {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  final String id;
  final OpenDisk disk;
  final Optional<Machine> machine;
  final JobTask task;
  final ClusterCopy copy;
  final boolean delete;
  final Chain chainBefore;
  final List<BlockImage> imagesBefore;

  /** Counts what was decided about the job; work planned before the last decision is void. */
  private long decision;

  /** True while the next round of copying is on the clock. */
  boolean ticking;

  /** True from the moment a round of copying is planned until nothing is left to copy. */
  boolean busy;

  /** Virtual time since which the guest is held for the job; empty: it is not. */
  Optional<Duration> heldSince = Optional.empty();

  /** How long the guest was held, to converge and to end; zero while it is, empty: not at all. */
  Optional<Duration> guestPause = Optional.empty();

  /** True once file systems were frozen for the end that is under way (D14). */
  boolean quiesced;

  /** Why the last common end was given up; empty: it was not, or no reason is known. */
  Optional<DriverException> refusal = Optional.empty();

  /** True once the disk reads the new chain. */
  boolean switched;

  /** True where the job was broken off, and not ended as somebody had ordered. */
  boolean brokenOff;

  private final Pace pace;
  private long speedBytesPerSecond;

  /** What may be copied, in billionths of a byte, so that no fraction of a tick is lost. */
  private long budget;

  private Duration paidUntil;

  /**
   * Makes a job that has not copied anything.
   *
   * @param machine the guest that has the disk open; empty on a shut-off domain
   * @param delete true to delete invalidated files after success
   * @param speedBytesPerSecond limit; 0: none
   * @param pace how fast disks are
   * @param now virtual time
   */
  JobRun(
      String id,
      OpenDisk disk,
      Optional<Machine> machine,
      JobTask task,
      boolean delete,
      long speedBytesPerSecond,
      Pace pace,
      Duration now) {
    this.id = id;
    this.disk = disk;
    this.machine = machine;
    this.task = task;
    this.delete = delete;
    this.speedBytesPerSecond = speedBytesPerSecond;
    this.pace = pace;
    this.paidUntil = now;
    this.chainBefore = disk.chain();
    this.imagesBefore = disk.images();
    this.copy = task.copy(disk);
  }

  /** Makes void what was planned before. */
  void decide() {
    decision++;
    ticking = false;
  }

  /** Work that is done only if nothing else was decided meanwhile. */
  Runnable unlessDecided(Runnable work) {
    long planned = decision;
    return () -> {
      if (decision == planned) {
        work.run();
      }
    };
  }

  /** Bytes/s the job copies at. */
  long rate() {
    return speedBytesPerSecond == 0
        ? pace.bytesPerSecond()
        : Math.min(speedBytesPerSecond, pace.bytesPerSecond());
  }

  /** Changes the limit from now on. */
  void setSpeed(long bytesPerSecond, Duration now) {
    earn(now);
    speedBytesPerSecond = bytesPerSecond;
  }

  /** Grants the bytes that may be copied since the last time. */
  void earn(Duration now) {
    long nanos = now.minus(paidUntil).toNanos();
    budget += Math.multiplyExact(rate(), nanos);
    paidUntil = now;
  }

  /** Grants nothing for the time up to now, in which the job was held or idle. */
  void rest(Duration now) {
    paidUntil = now;
    budget = 0;
  }

  /** Spends the right to copy this many bytes; false where it is not granted yet. */
  boolean spend(long bytes) {
    long price = bytes * NANOS_PER_SECOND;
    if (budget < price) {
      return false;
    }
    budget -= price;
    return true;
  }

  /** Virtual time until this many bytes are granted. */
  Duration until(long bytes) {
    long missing = Math.max(0, bytes * NANOS_PER_SECOND - budget);
    return Duration.ofNanos(Math.ceilDiv(missing, rate()));
  }
}
