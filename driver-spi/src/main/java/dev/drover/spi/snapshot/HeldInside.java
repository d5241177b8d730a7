package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.block.PullPlan;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/**
 * Refuses block jobs that would lose moments which an image keeps inside itself: they would leave
 * the image, or take away what its moments read below it (R3, R9). Jobs that keep all of that are
 * let through.
 *
 * @param all the snapshots of every domain
 * @param same whether two paths lead to one file
 */
public record HeldInside(List<Snapshot> all, BiPredicate<String, String> same) {

  /** Copies the list. */
  public HeldInside {
    all = List.copyOf(all);
  }

  /**
   * A pull fills the image for the guest only: what its moments have not allocated they read below
   * it, where nothing is any more.
   *
   * @throws DriverException IMAGE_HOLDS_SNAPSHOTS
   */
  public void requirePullable(Chain chain, PullPlan plan) {
    require(chain, plan.into(), "a pull into it");
  }

  /**
   * A commit leaves the images from its top down to its base.
   *
   * @throws DriverException IMAGE_HOLDS_SNAPSHOTS
   */
  public void requireCommittable(Chain chain, CommitPlan plan) {
    for (ChainImage image : chain.images()) {
      if (image.getIndex() >= plan.top().getIndex() && image.getIndex() < plan.base().getIndex()) {
        require(chain, image, "a commit of it");
      }
    }
  }

  /**
   * A copy that ends with a pivot leaves the image; one that is kept as a copy does not.
   *
   * @throws DriverException IMAGE_HOLDS_SNAPSHOTS
   */
  public void requireLeavable(Chain chain) {
    require(chain, chain.active(), "a pivot to a copy of it");
  }

  /**
   * The same of copies that are ending.
   *
   * @throws DriverException IMAGE_HOLDS_SNAPSHOTS
   */
  public void requireCompletable(List<Job> jobs, JobCompletion completion) {
    if (completion != JobCompletion.JOB_COMPLETION_PIVOT) {
      return;
    }
    for (Job job : jobs) {
      if (job.getKind() == JobKind.JOB_KIND_COPY && job.getResult().getChainBeforeCount() > 0) {
        requireLeavable(
            new Chain(job.getDomainName(), job.getDisk(), job.getResult().getChainBeforeList()));
      }
    }
  }

  private void require(Chain chain, ChainImage image, String what) {
    List<Snapshot> holding =
        all.stream()
            .filter(
                snapshot ->
                    snapshot.getDisksList().stream()
                        .filter(SnapshotDisk::hasInside)
                        .anyMatch(disk -> same.test(disk.getInside().getPath(), image.getPath())))
            .toList();
    if (holding.isEmpty()) {
      return;
    }
    String names = holding.stream().map(Snapshot::getName).collect(Collectors.joining(","));
    throw DriverException.of(
        ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS,
        "image '%s' of disk '%s' of domain '%s' keeps the snapshots %s inside itself, which %s would lose; delete them first"
            .formatted(image.getPath(), chain.disk(), chain.domain(), names, what),
        "domain",
        chain.domain(),
        "disk",
        chain.disk(),
        "path",
        image.getPath(),
        "snapshots",
        names);
  }
}
