package dev.drover.test.block;

import dev.drover.spi.block.Convergences;
import dev.drover.spi.error.DriverException;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Keeps what a mirror's convergence promises: one hold of the guest in which the rest is copied,
 * and an end in time (R19). Under the {@link dev.drover.test.clock.WorldLock}.
 */
final class ConvergenceWatch {

  /** A deadline beyond this is none. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final double NANOS_PER_SECOND = 1e9;

  private final World world;
  private final Duration tick;
  private final BiConsumer<JobRun, DriverException> fail;

  /**
   * Makes the watch.
   *
   * @param tick time between two rounds of copying
   * @param fail ends a job on the old chain
   */
  ConvergenceWatch(World world, Duration tick, BiConsumer<JobRun, DriverException> fail) {
    this.world = world;
    this.tick = tick;
    this.fail = fail;
  }

  /** A job begins. */
  void begun(JobRun run, Job job) {
    Convergences.due(job)
        .map(due -> Duration.between(world.time().instant(), due))
        .filter(left -> left.compareTo(LONGEST) < 0)
        .ifPresent(left -> world.clock().schedule(left, () -> due(run)));
  }

  private void due(JobRun run) {
    Job job = world.jobs().require(run.id);
    if (Convergences.due(job).isPresent()) {
      fail.accept(run, Convergences.notConverged(job));
    }
  }

  /** A job has copied for a moment and is not done. */
  void copied(JobRun run) {
    Job job = world.jobs().require(run.id);
    Optional<Duration> allowed = Convergences.mayHold(job);
    Optional<Machine> guest = run.machine.filter(machine -> !machine.paused());
    long left = run.copy.totalBytes() - run.copy.offsetBytes();
    boolean helps =
        guest.isPresent()
            && job.getState() == JobState.JOB_STATE_RUNNING
            && run.guestPause.isEmpty()
            && allowed
                .filter(
                    most ->
                        left / (double) run.rate() <= most.minus(tick).toNanos() / NANOS_PER_SECOND)
                .isPresent();
    if (helps) {
      guest.get().setHeld(true);
      run.heldSince = Optional.of(world.clock().now());
      run.guestPause = Optional.of(Duration.ZERO);
      world.clock().schedule(allowed.orElseThrow(), () -> letGo(run));
    }
  }

  /** A job is READY; one that ends by itself now keeps the guest until it has. */
  void ready(JobRun run, Job job) {
    if (job.getCompletion() == JobCompletion.JOB_COMPLETION_UNSPECIFIED) {
      letGo(run);
    }
  }

  /** Lets the guest go on, where it is held for the job. */
  void letGo(JobRun run) {
    run.heldSince.ifPresent(
        since -> {
          run.guestPause = Optional.of(world.clock().now().minus(since));
          run.heldSince = Optional.empty();
          run.machine.ifPresent(machine -> machine.setHeld(false));
          world.lock().signal();
        });
  }
}
