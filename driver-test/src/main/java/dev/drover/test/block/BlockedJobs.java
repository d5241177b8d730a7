package dev.drover.test.block;

import dev.drover.test.hypervisor.World;
import dev.drover.v1.ErrorReason;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The jobs that an I/O error holds, and how each of them tries again (C20). Under the {@link
 * dev.drover.test.clock.WorldLock}.
 */
final class BlockedJobs {

  private final World world;
  private final Map<String, Runnable> attempts = new HashMap<>();

  BlockedJobs(World world) {
    this.world = world;
  }

  /**
   * Blocks a job until somebody lets it try again.
   *
   * @param next what it does then
   * @return lets it try again, once, unless it was let or was ended meanwhile
   */
  Runnable block(JobRun run, ErrorReason reason, String detail, Runnable next) {
    Runnable planned = run.unlessDecided(next);
    Runnable attempt =
        new Runnable() {
          @Override
          public void run() {
            if (attempts.remove(run.id, this)) {
              tell(run, ErrorReason.ERROR_REASON_UNSPECIFIED, "");
              run.rest(world.clock().now());
              planned.run();
            }
          }
        };
    attempts.put(run.id, attempt);
    tell(run, reason, detail);
    return attempt;
  }

  /** Lets a job try again, if it is blocked. */
  void resume(String jobId) {
    Optional.ofNullable(attempts.get(jobId)).ifPresent(Runnable::run);
  }

  /** Forgets a job that ends. */
  void forget(JobRun run) {
    attempts.remove(run.id);
  }

  private void tell(JobRun run, ErrorReason reason, String detail) {
    boolean blocked = reason != ErrorReason.ERROR_REASON_UNSPECIFIED;
    world
        .jobs()
        .observe(
            run.id,
            builder -> {
              builder.setBlocked(blocked).setBlockedReason(reason).setBlockedDetail(detail);
              if (blocked && builder.hasProgress()) {
                builder.getProgressBuilder().setRateBytesPerSecond(0).setRemainingMilliseconds(0);
              }
            });
  }
}
