package dev.drover.test.block;

import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.block.CopyPlan;
import dev.drover.spi.block.PullPlan;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.BlockView;
import dev.drover.test.model.ImageHeader;
import dev.drover.v1.ChainImage;
import dev.drover.v1.JobKind;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;

/** What a job does to its disk: a plan of the SPI, carried out on the model. */
sealed interface JobTask {

  /** Kind of the job. */
  JobKind kind();

  /** True where the job waits in READY and is then completed or cancelled. */
  boolean twoPhase();

  /** The copying that the job needs. */
  ClusterCopy copy(OpenDisk disk);

  /** Brings the chain to what the plan says: header above, and images open. */
  void apply(OpenDisk disk);

  /** Images that hold no usable view of the disk once the chain has changed, from the top down. */
  List<BlockImage> invalidated(List<BlockImage> before);

  /**
   * Images between that lost their view although the chain did not change, because their base was
   * written to (C12).
   */
  List<BlockImage> damaged(List<BlockImage> before);

  /**
   * A pull.
   *
   * @param plan what it will do
   */
  record Pull(PullPlan plan) implements JobTask {

    @Override
    public JobKind kind() {
      return JobKind.JOB_KIND_PULL;
    }

    @Override
    public boolean twoPhase() {
      return false;
    }

    @Override
    public ClusterCopy copy(OpenDisk disk) {
      List<BlockImage> images = disk.images();
      BlockImage into = images.get(plan.into().getIndex());
      BlockView dropped = new BlockView(images.subList(plan.into().getIndex(), end(images)));
      NavigableSet<Long> pending =
          plan.base().isPresent() ? dropped.decided() : dropped.allocated();
      pending.removeAll(into.allocated());
      BlockView shown = new BlockView(images.subList(plan.into().getIndex(), images.size()));
      return new ClusterCopy(shown, into, pending, true);
    }

    @Override
    public void apply(OpenDisk disk) {
      List<BlockImage> images = disk.images();
      int place = plan.into().getIndex();
      List<BlockImage> after = new ArrayList<>(images.subList(0, place + 1));
      after.addAll(images.subList(end(images), images.size()));
      images
          .get(place)
          .rewriteHeader(
              plan.base()
                  .map(base -> ImageHeader.backing(plan.backingReference(), base.getFormat()))
                  .orElse(ImageHeader.NONE));
      disk.replace(after);
    }

    @Override
    public List<BlockImage> invalidated(List<BlockImage> before) {
      return List.of();
    }

    @Override
    public List<BlockImage> damaged(List<BlockImage> before) {
      return List.of();
    }

    private int end(List<BlockImage> images) {
      return plan.base().map(ChainImage::getIndex).orElse(images.size());
    }
  }

  /**
   * A commit, of an intermediate or the active image.
   *
   * @param plan what it will do
   */
  record Commit(CommitPlan plan) implements JobTask {

    @Override
    public JobKind kind() {
      return plan.kind();
    }

    @Override
    public boolean twoPhase() {
      return plan.twoPhase();
    }

    @Override
    public ClusterCopy copy(OpenDisk disk) {
      List<BlockImage> images = disk.images();
      BlockImage base = images.get(plan.base().getIndex());
      base.grow(images.get(plan.top().getIndex()).virtualSizeBytes());
      BlockView moved = new BlockView(moved(images));
      return new ClusterCopy(
          new BlockView(images.subList(plan.top().getIndex(), images.size())),
          base,
          moved.decided(),
          false);
    }

    @Override
    public void apply(OpenDisk disk) {
      List<BlockImage> images = new ArrayList<>(disk.images());
      plan.overlay()
          .ifPresent(
              overlay ->
                  images
                      .get(overlay.getIndex())
                      .rewriteHeader(
                          ImageHeader.backing(plan.backingReference(), plan.base().getFormat())));
      images.removeAll(moved(disk.images()));
      disk.replace(images);
    }

    @Override
    public List<BlockImage> invalidated(List<BlockImage> before) {
      return moved(before);
    }

    @Override
    public List<BlockImage> damaged(List<BlockImage> before) {
      List<BlockImage> moved = moved(before);
      return moved.subList(1, moved.size());
    }

    private List<BlockImage> moved(List<BlockImage> images) {
      return List.copyOf(images.subList(plan.top().getIndex(), plan.base().getIndex()));
    }
  }

  /**
   * A copy.
   *
   * @param plan what it will do
   * @param destination the destination's chain, itself first
   * @param made true where the destination was made for the job
   */
  record Copy(CopyPlan plan, List<BlockImage> destination, boolean made) implements JobTask {

    @Override
    public JobKind kind() {
      return JobKind.JOB_KIND_COPY;
    }

    @Override
    public boolean twoPhase() {
      return true;
    }

    @Override
    public ClusterCopy copy(OpenDisk disk) {
      NavigableSet<Long> pending;
      if (plan.shallow()) {
        pending = disk.active().allocated();
      } else {
        pending = disk.view().allocated();
        BlockView old = new BlockView(destination);
        for (long cluster : old.allocated()) {
          if (cluster < disk.active().clusters() && old.read(cluster) != 0) {
            pending.add(cluster);
          }
        }
      }
      return new ClusterCopy(disk.view(), destination.getFirst(), pending, false);
    }

    @Override
    public void apply(OpenDisk disk) {
      disk.replace(destination);
    }

    @Override
    public List<BlockImage> invalidated(List<BlockImage> before) {
      return List.of();
    }

    @Override
    public List<BlockImage> damaged(List<BlockImage> before) {
      return List.of();
    }
  }
}
