package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.block.PullPlan;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobResult;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R9, R3: which jobs would lose moments that an image keeps inside itself. */
class HeldInsideTest {

  private static final Chain CHAIN =
      new Chain(
          "guest",
          "vda",
          List.of(
              image("/i/top", "/i/middle"), image("/i/middle", "/i/base"), image("/i/base", "")));

  private final HeldInside top = held("/i/top");
  private final HeldInside middle = held("/i/middle");

  @Test
  void aPullIntoTheImageTakesAwayWhatItsMomentsRead() {
    PullPlan plan = PullPlan.of(CHAIN, BlockPullRequest.newBuilder().setDisk("vda").build());
    refused(ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS, () -> top.requirePullable(CHAIN, plan));
    middle.requirePullable(CHAIN, plan);
  }

  @Test
  void aCommitLeavesTheImagesAboveItsBase() {
    CommitPlan active =
        CommitPlan.of(
            CHAIN, BlockCommitRequest.newBuilder().setDisk("vda").setActive(true).build(), true);
    refused(
        ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS,
        () -> top.requireCommittable(CHAIN, active));
    refused(
        ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS,
        () -> middle.requireCommittable(CHAIN, active));
    CommitPlan below =
        CommitPlan.of(
            CHAIN,
            BlockCommitRequest.newBuilder().setDisk("vda").setTop("/i/middle").build(),
            true);
    top.requireCommittable(CHAIN, below);
    assertThat(
            refused(
                    ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS,
                    () -> middle.requireCommittable(CHAIN, below))
                .metadata())
        .containsEntry("path", "/i/middle")
        .containsEntry("snapshots", "one");
  }

  @Test
  void aCopyMayBeKeptButNotPivotedTo() {
    Job copy =
        Job.newBuilder()
            .setKind(JobKind.JOB_KIND_COPY)
            .setDomainName("guest")
            .setDisk("vda")
            .setResult(JobResult.newBuilder().addAllChainBefore(CHAIN.images()))
            .build();
    middle.requireLeavable(CHAIN);
    middle.requireCompletable(List.of(copy), JobCompletion.JOB_COMPLETION_PIVOT);
    top.requireCompletable(List.of(copy), JobCompletion.JOB_COMPLETION_KEEP);
    refused(
        ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS,
        () -> top.requireCompletable(List.of(copy), JobCompletion.JOB_COMPLETION_PIVOT));
  }

  private static HeldInside held(String path) {
    return new HeldInside(
        List.of(
            Snapshot.newBuilder()
                .setName("one")
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vda")
                        .setInside(Image.newBuilder().setPath(path)))
                .build()),
        String::equals);
  }

  private static ChainImage image(String path, String below) {
    return ChainImage.newBuilder()
        .setPath(path)
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .setVirtualSizeBytes(1 << 20)
        .setBackingReference(below)
        .build();
  }
}
