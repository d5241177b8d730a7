package dev.drover.test.snapshot;

import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.test.model.BlockImage;
import java.util.ArrayList;
import java.util.List;

/** A revert that has not ended. Guarded by the {@link dev.drover.test.clock.WorldLock}. */
final class RevertRun {

  final String jobId;
  final RevertPlan plan;

  /** The overlays made so far, in the order of the plan's parts. */
  final List<BlockImage> made = new ArrayList<>();

  /** Closed to others from the call to the job's end. */
  private final DomainLanes.Pass lane;

  /** Counts what was decided; work planned before the last decision is void. */
  private long decision;

  RevertRun(String jobId, RevertPlan plan, DomainLanes.Pass lane) {
    this.jobId = jobId;
    this.plan = plan;
    this.lane = lane;
  }

  /** Makes void what was planned before. */
  void decide() {
    decision++;
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

  /** Lets others change the domain. */
  void leave() {
    lane.close();
  }
}
