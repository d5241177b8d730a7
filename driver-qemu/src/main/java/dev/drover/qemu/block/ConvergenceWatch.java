package dev.drover.qemu.block;

import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.block.Convergences;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a mirror's convergence promises (R19): one hold of the guest in which the rest is
 * copied, never longer than allowed, and an end of the job that is not READY in time. Both follow
 * from the job's record, so that the next daemon goes on with the same promise.
 */
final class ConvergenceWatch implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(ConvergenceWatch.class);

  /** Time between two looks at a guest that did not run when it was to be held. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** Part of the allowed time that is kept to let the guest go on. */
  private static final int RESERVE = 20;

  private final JobRecord record;
  private final JobProgressMeter meter;
  private final InstantSource clock;
  private Optional<GuestHold> hold = Optional.empty();
  private Instant nextLook = Instant.EPOCH;
  private Optional<Boolean> promised = Optional.empty();
  private boolean cutOff;
  private boolean cancelSent;

  ConvergenceWatch(JobRecord record, JobProgressMeter meter, InstantSource clock) {
    this.record = record;
    this.meter = meter;
    this.clock = clock;
    this.cutOff = record.known().filter(ConvergenceWatch::heldWhenLastSeen).isPresent();
  }

  /** Looks at the job before its flow does. */
  void look(BlockHost host, Optional<BlockJobInfo> seen) {
    if (!promises()) {
      return;
    }
    if (cutOff) {
      cutOff = false;
      record.warn(
          "the guest was held for the job when the daemon ended; it is not known for how long");
    }
    Job job = record.job();
    Optional<Duration> allowed = Convergences.mayHold(job);
    if (allowed.isPresent()) {
      seen.ifPresentOrElse(info -> pause(host, job, info, usable(allowed.get())), this::letGo);
    }
    if (Convergences.due(job).filter(due -> !clock.instant().isBefore(due)).isPresent()) {
      overdue(host, job, seen.map(BlockJobInfo::status));
    }
  }

  /**
   * Whether the job's request asks for anything of this; it never changes, and most ask nothing.
   */
  private boolean promises() {
    if (promised.isEmpty()) {
      Job job = record.job();
      promised =
          Optional.of(
              Convergences.mayHold(job).isPresent()
                  || job.getRequest().getConvergence().hasDeadline());
    }
    return promised.get();
  }

  /** How long the worker may sleep, at most. */
  Duration sleep(Duration longest) {
    if (!promises()) {
      return longest;
    }
    Job job = record.job();
    Duration shortest = longest;
    Optional<Duration> held = hold.flatMap(GuestHold::pause);
    if (held.isPresent()) {
      Duration left = usable(Convergences.mayHold(job).orElse(Duration.ZERO)).minus(held.get());
      shortest = shorter(shortest, left);
    }
    Optional<Instant> due = Convergences.due(job);
    if (due.isPresent() && !cancelSent) {
      shortest = shorter(shortest, Duration.between(clock.instant(), due.get()));
    }
    return shortest;
  }

  private static Duration shorter(Duration one, Duration other) {
    Duration least = Duration.ofMillis(1);
    Duration shortest = one.compareTo(other) < 0 ? one : other;
    return shortest.compareTo(least) < 0 ? least : shortest;
  }

  private static Duration usable(Duration allowed) {
    return allowed.minus(allowed.dividedBy(RESERVE));
  }

  private void pause(BlockHost host, Job job, BlockJobInfo info, Duration usable) {
    switch (info.status()) {
      case RUNNING, PAUSED -> {
        if (hold.isEmpty()) {
          holdIfItHelps(host, job, info, usable);
        } else if (hold.get().pause().filter(held -> held.compareTo(usable) >= 0).isPresent()) {
          letGo();
        }
      }
      case READY, STANDBY, WAITING, PENDING -> {
        boolean endsAtOnce =
            record.entry().endingWhenReady() != JobEnding.NONE
                && hold.flatMap(GuestHold::pause)
                    .filter(held -> held.compareTo(usable) < 0)
                    .isPresent();
        if (!endsAtOnce) {
          letGo();
        }
      }
      case CONCLUDED, ABORTING, NULL -> letGo();
      case UNDEFINED, CREATED -> {}
    }
  }

  private void holdIfItHelps(BlockHost host, Job job, BlockJobInfo info, Duration usable) {
    long rate = meter.rate();
    long left = info.lengthBytes() - info.offsetBytes();
    boolean helps =
        info.status() == JobStatus.RUNNING
            && job.getState() == JobState.JOB_STATE_RUNNING
            && record.entry().ending() == JobEnding.NONE
            && !job.getResult().hasGuestPause()
            && rate > 0
            && left > 0
            && left / (double) rate <= usable.toNanos() / 1e9;
    if (!helps || clock.instant().isBefore(nextLook)) {
      return;
    }
    // On record before the guest stops: the daemon after this one must not hold it a second time.
    record.guestPause(Optional.of(Duration.ZERO));
    GuestHold taken = take(host);
    hold = Optional.of(taken);
    if (taken.stopped()) {
      logger.info(
          "Job {} of domain {}: the guest is held while {} bytes are copied",
          record.id(),
          host.domainName(),
          left);
    } else {
      hold = Optional.empty();
      taken.close();
      record.guestPause(Optional.empty());
      nextLook = clock.instant().plus(LOOK_AGAIN);
    }
  }

  private GuestHold take(BlockHost host) {
    try {
      return host.holdGuest(record.id() + "/converge");
    } catch (DriverException | QmpException e) {
      record.guestPause(Optional.empty());
      nextLook = clock.instant().plus(LOOK_AGAIN);
      throw e;
    }
  }

  /** The guest has ended, and with it whatever held it. */
  void hostEnded() {
    hold.ifPresent(taken -> record.guestPause(taken.pause()));
    hold = Optional.empty();
  }

  private void letGo() {
    if (hold.isPresent()) {
      GuestHold taken = hold.get();
      taken.release();
      hold = Optional.empty();
      record.guestPause(taken.pause());
    }
  }

  private void overdue(BlockHost host, Job job, Optional<JobStatus> status) {
    boolean copies =
        status
            .filter(
                now ->
                    now == JobStatus.CREATED || now == JobStatus.RUNNING || now == JobStatus.PAUSED)
            .isPresent();
    boolean mayBeReady =
        status
            .filter(
                now ->
                    now == JobStatus.READY
                        || now == JobStatus.STANDBY
                        || now == JobStatus.WAITING
                        || now == JobStatus.PENDING)
            .isPresent();
    if (mayBeReady) {
      return;
    }
    record.abandon(Convergences.notConverged(job));
    if (copies && !cancelSent) {
      logger.info(
          "Job {} of domain {} is cancelled, since it was not READY in time",
          record.id(),
          host.domainName());
      host.execute(new BlockJobCommand.JobCancel(record.monitorId()));
      cancelSent = true;
    }
  }

  /** True where the record says that the guest is being held: no time is known yet. */
  private static boolean heldWhenLastSeen(Job job) {
    return job.getResult().hasGuestPause()
        && job.getResult()
            .getGuestPause()
            .equals(com.google.protobuf.Duration.getDefaultInstance());
  }

  /** Lets the guest go on, since nobody follows the job any more. */
  @Override
  public void close() {
    hold.ifPresent(GuestHold::close);
  }
}
