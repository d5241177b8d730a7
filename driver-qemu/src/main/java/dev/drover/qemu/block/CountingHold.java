package dev.drover.qemu.block;

import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.spi.error.DriverException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Holds the guest from before a copy or an active commit is started until QEMU has counted what
 * there is to copy (C7, E16). From QEMU 8.0 on, a mirror does not note the guest's writes while it
 * counts: one into a part that was empty when it was looked at is never copied, and the pivot loses
 * it without an error. Which builds are cured cannot be asked, so none is trusted; a guest that
 * does not run cannot write, and that its user does not let it go on meanwhile is part of the hold.
 *
 * <p>The hold is on record before the job is, in the sense of {@link
 * dev.drover.qemu.domain.GuestProcessors#hold}: the daemon after this one takes it up again.
 */
final class CountingHold implements AutoCloseable {

  private static final Duration FIRST_LOOK = Duration.ofMillis(1);
  private static final Duration LONGEST_LOOK = Duration.ofMillis(50);

  private final String owner;
  private final CompletableFuture<Boolean> over = new CompletableFuture<>();
  private Optional<GuestHold> hold = Optional.empty();
  private boolean takenUp;
  private Duration nextLook = FIRST_LOOK;

  CountingHold(String jobId) {
    this.owner = owner(jobId);
  }

  /** Name of the hold on record. */
  static String owner(String jobId) {
    return jobId + "/count";
  }

  /**
   * Holds the guest, before the job is started.
   *
   * @throws DriverException what prevents it; nothing is held then
   */
  void take(BlockHost host) {
    takenUp = true;
    if (host.hasGuest()) {
      hold = Optional.of(host.holdGuest(owner));
    }
  }

  /** Looks at the job before its flow does, and lets the guest go on once nothing is missed. */
  void look(BlockHost host, Optional<BlockJobInfo> seen) {
    if (!takenUp) {
      takenUp = true;
      hold = host.takeUpHold(owner);
    }
    if (seen.filter(CountingHold::counts).isEmpty()) {
      letGo();
    }
  }

  private static boolean counts(BlockJobInfo job) {
    return switch (job.status()) {
      case UNDEFINED, CREATED -> true;
      case RUNNING, PAUSED -> job.lengthBytes() == 0;
      case READY, STANDBY, WAITING, PENDING, ABORTING, CONCLUDED, NULL -> false;
    };
  }

  /** How long the worker may sleep, at most: no event tells that QEMU has counted. */
  Duration sleep(Duration longest) {
    if (hold.isEmpty()) {
      return longest;
    }
    Duration look = nextLook;
    Duration twice = look.multipliedBy(2);
    nextLook = twice.compareTo(LONGEST_LOOK) < 0 ? twice : LONGEST_LOOK;
    return look;
  }

  /** Waits until the guest is let go; the worker goes on with it where that takes longer. */
  void await(Duration longest) {
    try {
      over.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of a hold is never a failure", e);
    } catch (TimeoutException e) {
      // QEMU reads the metadata of a large image: the job is started, which is what was asked for.
    }
  }

  private void letGo() {
    Optional<GuestHold> taken = hold;
    hold = Optional.empty();
    try {
      taken.ifPresent(GuestHold::release);
    } finally {
      over.complete(true);
    }
  }

  /** The guest has ended, and with it whatever held it. */
  void hostEnded() {
    hold = Optional.empty();
    over.complete(true);
  }

  /** Lets the guest go on, since nobody follows the job any more. */
  @Override
  public void close() {
    hold.ifPresent(GuestHold::close);
    over.complete(true);
  }
}
