package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.disk;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Section 1E: the flags of a copy, over a qcow2 chain and over a raw disk. */
class CopyTest {

  private final DriverFixture world = new DriverFixture();

  @AfterEach
  void close() {
    world.close();
  }

  /** Existing: what lies at the destination before; after: the chain of the pivoted disk. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "E3, false, false, false, none, qcow2, /d/copy",
    "E4, false, false, true, none, raw, /d/copy",
    "E5, true, false, false, none, qcow2, /d/copy /i/snap2 /i/snap1 /i/base",
    "E6, false, true, false, empty, qcow2, /d/copy",
    "E7, true, true, false, overlay, qcow2, /d/copy /i/snap2 /i/snap1 /i/base",
    "E8, true, true, true, filled, raw, /d/copy",
    "E10, false, true, true, dirty, raw, /d/copy",
  })
  void copyOfAChainPivotsToTheSameBytes(
      String row,
      boolean shallow,
      boolean reuse,
      boolean raw,
      String existing,
      String format,
      String after) {
    world.running();
    prepare(existing);
    String seen = world.guestSha();

    Job job = rebase(shallow, reuse, raw);
    assertThat(job.getKind()).as("E11").isEqualTo(JobKind.JOB_KIND_COPY);
    world.advanceSeconds(1);
    Job ended = world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.paths("vda")).containsExactly(after.split(" "));
    assertThat(world.guestSha()).isEqualTo(seen);
    Image source = world.domain().getSpec().getDisks(0).getSource();
    assertThat(source.getPath()).isEqualTo("/d/copy");
    assertThat(source.getFormat().name()).endsWith(format.toUpperCase(java.util.Locale.ROOT));
    assertThat(ended.getResult().getInvalidatedPathsList()).isEmpty();
  }

  @ParameterizedTest(name = "shallow={0} raw={1}")
  @CsvSource({"false, false", "false, true", "true, true"})
  void copyOfARawDiskStandsAlone(boolean shallow, boolean raw) {
    // E3, E4, E9: there is nothing below a raw source, so shallow means nothing.
    world.image("/i/disk", "raw", "", write(0, 3, 7), write(30, 1, 9));
    world.define(NAME, disk("vda", "/i/disk", ImageFormat.IMAGE_FORMAT_RAW));
    world.start(NAME);
    String seen = world.guestSha();

    Job job = rebase(shallow, false, raw);
    world.advanceSeconds(1);
    world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(world.paths("vda")).containsExactly("/d/copy");
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(world.domain().getSpec().getDisks(0).getSource().getFormat())
        .isEqualTo(ImageFormat.IMAGE_FORMAT_RAW);
  }

  @Test
  void shallowCopyOfAChainIntoRawIsRefused() {
    // E9
    world.running();
    refused(ErrorReason.ERROR_REASON_SHALLOW_COPY_INTO_RAW, () -> rebase(true, false, true));
    assertNothingLeft();
  }

  @Test
  void existingDestinationIsRefusedWithoutReuse() {
    // E18
    world.running();
    world.image("/d/copy", "qcow2", "", write(0, 1, 9));
    String before = world.sha("/d/copy");
    refused(ErrorReason.ERROR_REASON_DESTINATION_EXISTS, () -> rebase(false, false, false));
    assertThat(world.sha("/d/copy")).isEqualTo(before);
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
  }

  @Test
  void missingDestinationIsRefusedWithReuse() {
    // E18
    world.running();
    refused(ErrorReason.ERROR_REASON_DESTINATION_MISSING, () -> rebase(false, true, false));
    assertNothingLeft();
  }

  @Test
  void destinationIsNeverProbed() {
    // E12: the file is qcow2, the request says raw.
    world.running();
    world.image("/d/copy", "qcow2", "");
    refused(ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH, () -> rebase(false, true, true));
  }

  @Test
  void relativeReferenceOfAReusedDestinationIsKept() {
    // E13
    world.running();
    world.image("/d/copy", "qcow2", "../i/snap2");
    Job job = rebase(true, true, false);
    world.advanceSeconds(1);
    world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(
            world
                .driver
                .testControl()
                .orElseThrow()
                .readImage(
                    call(),
                    dev.drover.testing.v1.ReadImageRequest.newBuilder().setPath("/d/copy").build())
                .getBackingReference())
        .isEqualTo("../i/snap2");
  }

  @Test
  void cancelInReadyLeavesTheDestinationAsItWasThen() {
    // D9: also what the guest wrote while the mirror was READY.
    world.running();
    Job job = rebase(false, false, false);
    world.advanceSeconds(1);
    world.guestWrites(write(33, 2, 77));
    String moment = world.guestSha();

    Job ended = cancel(job);
    world.guestWrites(write(34, 1, 78));

    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(ended.getResult().getPivoted()).isFalse();
    assertThat(world.paths("vda")).hasSize(4);
    assertThat(world.sha("/d/copy")).isEqualTo(moment).isNotEqualTo(world.guestSha());
    assertThat(cancel(job)).as("C11").isEqualTo(ended);
  }

  @Test
  void cancelWhileCopyingRevertsToTheSource() {
    // D9
    world.running();
    String seen = world.guestSha();
    Job job = rebase(false, false, false);
    Job ended = cancel(job);
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(ended.getResult().getChainAfterList())
        .isEqualTo(ended.getResult().getChainBeforeList());
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(ended.getResult().getDeletedPathsList()).containsExactly("/d/copy");
    assertThat(world.exists("/d/copy")).as("worthless").isFalse();
    world.advanceSeconds(10);
    assertThat(world.job(job.getId())).isEqualTo(ended);
  }

  @Test
  void reusedDestinationOfACancelledCopyIsKeptAndToldToBeUnusable() {
    // D9: a file of the client is not deleted.
    world.running();
    world.image("/d/copy", "qcow2", "");
    Job ended = cancel(rebase(false, true, false));
    assertThat(ended.getResult().getInvalidatedPathsList()).containsExactly("/d/copy");
    assertThat(world.exists("/d/copy")).isTrue();
  }

  @Test
  void synchronousWritesReachTheDestinationAtOnce() {
    world.running();
    Job job =
        world
            .driver
            .blockJobs()
            .orElseThrow()
            .copy(
                call(),
                copy()
                    .setConvergence(
                        Convergence.newBuilder()
                            .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING))
                    .build());
    world.advanceSeconds(1);
    world.guestWrites(write(33, 2, 77));
    assertThat(world.sha("/d/copy")).isEqualTo(world.guestSha());
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Test
  void backgroundMirrorFollowsInVirtualTime() {
    world.running();
    Job job = world.driver.blockJobs().orElseThrow().copy(call(), copy().build());
    world.advanceSeconds(1);
    world.guestWrites(write(33, 2, 77));
    assertThat(world.sha("/d/copy")).isNotEqualTo(world.guestSha());
    world.advanceSeconds(1);
    assertThat(world.sha("/d/copy")).isEqualTo(world.guestSha());
    assertThat(world.job(job.getId()).getProgress().getTotalBytes())
        .isEqualTo(world.job(job.getId()).getProgress().getOffsetBytes());
  }

  @Test
  void copyOfAShutOffDomainWaitsInReadyAndPivots() {
    // R15, C16
    world.chain("/i");
    world.define(NAME, disk("vda", "/i/active"));
    String seen = world.guestSha();
    Job job = world.driver.blockJobs().orElseThrow().copy(call(), copy().build());
    world.advanceSeconds(1);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> world.start(NAME));
    world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(world.paths("vda")).containsExactly("/d/copy");
    assertThat(world.guestSha()).isEqualTo(seen);
    world.start(NAME);
  }

  private void assertNothingLeft() {
    assertThat(world.exists("/d/copy")).isFalse();
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
  }

  private void prepare(String existing) {
    switch (existing) {
      case "none" -> assertThat(world.exists("/d/copy")).isFalse();
      case "empty" -> world.image("/d/copy", "qcow2", "");
      case "overlay" -> world.image("/d/copy", "qcow2", "/i/snap2");
      case "dirty" -> world.image("/d/copy", "raw", "", write(10, 5, 200), write(50, 2, 201));
      case "filled" ->
          world.image(
              "/d/copy",
              "raw",
              "",
              write(0, 1, 1),
              write(1, 1, 2),
              write(2, 1, 3),
              write(10, 2, 3),
              write(12, 1, 2),
              write(13, 1, 1));
      default -> throw new AssertionError(existing);
    }
  }

  private Job rebase(boolean shallow, boolean reuse, boolean raw) {
    return world
        .driver
        .blockJobs()
        .orElseThrow()
        .rebase(
            call(),
            BlockRebaseRequest.newBuilder()
                .setDomain(GUEST)
                .setDisk("vda")
                .setCopy(true)
                .setBase("/d/copy")
                .setShallow(shallow)
                .setReuseExternal(reuse)
                .setCopyRaw(raw)
                .build());
  }

  private static BlockCopyRequest.Builder copy() {
    return BlockCopyRequest.newBuilder()
        .setDomain(GUEST)
        .setDisk("vda")
        .setDestination(
            Image.newBuilder().setPath("/d/copy").setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));
  }

  private Job cancel(Job job) {
    return world
        .driver
        .jobs()
        .orElseThrow()
        .cancel(call(), CancelJobRequest.newBuilder().setJobId(job.getId()).build());
  }
}
