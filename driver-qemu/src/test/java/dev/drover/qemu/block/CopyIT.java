package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.SetJobSpeedRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Section 1E on a real QEMU: what the destination holds, alone or above the source's chain. */
@Tag("qemu")
class CopyIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @Test
  void fullCopyAndPivotLeaveOneImage() { // E3
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2));
      bench.guestWrites(0xe2, 6);
      Job ended = bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      assertThat(ended.getResult().getPivoted()).isTrue();
      assertThat(bench.chain()).containsExactly("copy.qcow2");
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).containsExactly("copy.qcow2");
    }
  }

  @Test
  void whatTheGuestReadsIsSavedByACopyWhereFilesOfItsChainAreGone() throws IOException { // R8
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Files.delete(bench.images().path("active"));
      Files.move(bench.images().path("snap1"), bench.images().path("moved"));
      Files.writeString(bench.images().path("snap1"), "not an image");
      assertThatThrownBy(
              () ->
                  bench
                      .blockJobs()
                      .copy(
                          bench.call(),
                          request(bench, "refused", ImageFormat.IMAGE_FORMAT_QCOW2)
                              .setShallow(true)
                              .build()))
          .as("its destination would stand on an image that is gone")
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND));

      Job job = ready(bench, request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2));
      bench.guestWrites(0xe2, 6);
      Job ended = bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      assertThat(ended.getResult().getPivoted()).isTrue();
      assertThat(bench.chain()).containsExactly("copy.qcow2");
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).containsExactly("copy.qcow2");
    }
  }

  @Test
  void copyIntoRawLeavesARawDisk() { // E4
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(bench, "copy", ImageFormat.IMAGE_FORMAT_RAW));
      bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      bench.guestWrites(0xe3, 7);
      assertThat(bench.definedSource().getFormat()).isEqualTo(ImageFormat.IMAGE_FORMAT_RAW);
      bench.assertNothingLost();
    }
  }

  @Test
  void shallowCopyStandsOnTheSourcesBackingImage() { // E5
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job =
          ready(
              bench,
              request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2)
                  .setShallow(true)
                  .setConvergence(
                      Convergence.newBuilder()
                          .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING)));
      bench.guestWrites(0xe2, 6);
      bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      bench.guestWrites(0xe3, 7);
      assertThat(bench.chain())
          .containsExactly("copy.qcow2", "snap2.qcow2", "snap1.qcow2", "base.qcow2");
      bench.assertNothingLost();
      assertThat(bench.definedChain())
          .containsExactly("copy.qcow2", "snap2.qcow2", "snap1.qcow2", "base.qcow2");
    }
  }

  @Test
  void reusedDestinationIsFlattenedInto() { // E6
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      create(bench, "copy", List.of());
      Job job =
          ready(
              bench, request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2).setReuseExternal(true));
      bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      assertThat(bench.chain()).containsExactly("copy.qcow2");
      bench.assertNothingLost();
    }
  }

  @Test
  void reusedShallowDestinationKeepsItsOwnReference() { // E7, E13
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      create(bench, "copy", List.of("-b", "snap2.qcow2", "-F", "qcow2"));
      Job job =
          ready(
              bench,
              request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2)
                  .setReuseExternal(true)
                  .setShallow(true));
      Job ended = bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      bench.guestWrites(0xe3, 7);
      assertThat(ended.getResult().getChainAfter(0).getBackingReference()).isEqualTo("snap2.qcow2");
      assertThat(bench.chain())
          .containsExactly("copy.qcow2", "snap2.qcow2", "snap1.qcow2", "base.qcow2");
      bench.assertNothingLost();
    }
  }

  @Test
  void reusedShallowDestinationMayStandOnARelocatedChain() { // E7
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Path flat = bench.images().path("flat");
      TestImages.run(
          List.of(
              "qemu-img",
              "convert",
              "-U",
              "-f",
              "qcow2",
              "-O",
              "qcow2",
              bench.images().path("snap2").toString(),
              flat.toString()));
      create(bench, "copy", List.of("-b", "flat.qcow2", "-F", "qcow2"));
      Job job =
          ready(
              bench,
              request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2)
                  .setReuseExternal(true)
                  .setShallow(true));
      bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      bench.guestWrites(0xe3, 7);
      assertThat(bench.chain()).containsExactly("copy.qcow2", "flat.qcow2");
      bench.assertNothingLost();
      assertThat(bench.definedChain()).containsExactly("copy.qcow2", "flat.qcow2");
    }
  }

  @Test
  void reusedShallowRawDestinationIsCompletedFromTheTop() { // E8
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      TestImages.run(
          List.of(
              "qemu-img",
              "convert",
              "-U",
              "-f",
              "qcow2",
              "-O",
              "raw",
              bench.images().path("snap2").toString(),
              bench.images().path("copy").toString()));
      Job job =
          ready(
              bench,
              request(bench, "copy", ImageFormat.IMAGE_FORMAT_RAW)
                  .setReuseExternal(true)
                  .setShallow(true));
      bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      bench.assertNothingLost();
      assertThat(bench.definedChain()).containsExactly("copy.qcow2");
    }
  }

  @Test
  void keepLeavesTheDiskAndMakesTheDestinationACopy() { // D9, D11
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2));
      bench.guestWrites(0xe2, 6);
      Job ended =
          bench
              .jobs()
              .complete(
                  bench.call(),
                  CompleteJobRequest.newBuilder()
                      .setJobId(job.getId())
                      .setCompletion(JobCompletion.JOB_COMPLETION_KEEP)
                      .build());

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getPivoted()).isFalse();
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      bench.assertNothingLost();
      bench.images().assertGuestView(bench.images().path("copy").toString(), "qcow2");
    }
  }

  @Test
  void cancelAtReadyLeavesACopyAndIsACancelAllTheSame() { // D9: a soft cancel is no pivot
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2));
      bench.guestWrites(0xe2, 6);
      Job ended = bench.jobs().cancel(bench.call(), cancel(job));

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(ended.getResult().getPivoted()).isFalse();
      assertThat(bench.jobs().cancel(bench.call(), cancel(job))).isEqualTo(ended); // C11
      bench.images().assertGuestView(bench.images().path("copy").toString(), "qcow2");
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
    }
  }

  @Test
  void cancelInTheFirstPhaseRemovesTheDestinationItHadMade() {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = bench.blockJobs().copy(bench.call(), slow(bench, "copy").build());
      assertThatThrownBy(() -> bench.jobs().complete(bench.call(), CommitIT.pivot(job)))
          .isInstanceOfSatisfying(
              DriverException.class,
              e ->
                  assertThat(e.reason())
                      .isEqualTo(ErrorReason.ERROR_REASON_JOB_NOT_READY)); // D10, R5
      Job ended = bench.jobs().cancel(bench.call(), cancel(job));

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(Files.exists(bench.images().path("copy"))).isFalse();
      bench.assertNothingLost();
    }
  }

  @Test
  void aFileThatSomebodyPutInPlaceOfTheDestinationStays() throws IOException { // R3, D9
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = bench.blockJobs().copy(bench.call(), slow(bench, "copy").build());
      Path copy = bench.images().path("copy");
      Files.move(copy, directory.resolve("aside"));
      Files.writeString(copy, "somebody's letters");

      Job ended = bench.jobs().cancel(bench.call(), cancel(job));

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(copy).hasContent("somebody's letters");
      assertThat(ended.getResult().getDeletedPathsList()).isEmpty();
      assertThat(ended.getResult().getWarningsList())
          .anySatisfy(
              warning -> assertThat(warning).contains(copy.toString()).contains("put there since"));
      bench.assertNothingLost();
    }
  }

  @Test
  void destinationRulesAreCheckedBeforeAnythingHappens() throws IOException { // E18
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Files.writeString(bench.images().path("full"), "not empty");
      List<String> files = bench.images().files();

      refused(
          bench,
          request(bench, "full", ImageFormat.IMAGE_FORMAT_QCOW2),
          ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
      refused(
          bench,
          request(bench, "missing", ImageFormat.IMAGE_FORMAT_QCOW2).setReuseExternal(true),
          ErrorReason.ERROR_REASON_DESTINATION_MISSING);
      refused(
          bench,
          request(bench, "full", ImageFormat.IMAGE_FORMAT_QCOW2).setReuseExternal(true),
          ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH);
      refused(
          bench,
          request(bench, "new", ImageFormat.IMAGE_FORMAT_RAW).setShallow(true),
          ErrorReason.ERROR_REASON_SHALLOW_COPY_INTO_RAW); // E9
      refused(
          bench,
          request(bench, "new", ImageFormat.IMAGE_FORMAT_QCOW2).setGranularityBytes(1000),
          ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED);

      assertThat(bench.images().files()).isEqualTo(files);
      assertThat(bench.jobs().list()).isEmpty();
      assertThat(bench.journalEntries()).isZero();
    }
  }

  static BlockCopyRequest.Builder request(BlockBench bench, String name, ImageFormat format) {
    return BlockCopyRequest.newBuilder()
        .setDomain(BlockBench.DOMAIN)
        .setDisk("vda")
        .setDestination(
            Image.newBuilder().setPath(bench.images().path(name).toString()).setFormat(format));
  }

  /** A copy that stays in its first phase whatever the machine does. */
  static BlockCopyRequest.Builder slow(BlockBench bench, String name) {
    BlockCopyRequest.Builder request =
        request(bench, name, ImageFormat.IMAGE_FORMAT_QCOW2).setBufferSizeBytes(65536);
    request.getBandwidthBuilder().setBytesPerSecond(65536);
    return request;
  }

  static SetJobSpeedRequest unlimited(Job job) {
    return SetJobSpeedRequest.newBuilder().setJobId(job.getId()).build();
  }

  static CancelJobRequest cancel(Job job) {
    return CancelJobRequest.newBuilder().setJobId(job.getId()).build();
  }

  static Job ready(BlockBench bench, BlockCopyRequest.Builder request) {
    Job started = bench.blockJobs().copy(bench.call(), request.build());
    bench.guestWrites(0xe1, 5);
    return bench.await(started.getId(), job -> job.getState() != JobState.JOB_STATE_RUNNING);
  }

  private static void refused(
      BlockBench bench, BlockCopyRequest.Builder request, ErrorReason reason) {
    assertThatThrownBy(() -> bench.blockJobs().copy(bench.call(), request.build()))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void create(BlockBench bench, String name, List<String> options) {
    List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-u"));
    command.addAll(List.of("-f", "qcow2"));
    command.addAll(options);
    command.addAll(List.of(bench.images().path(name).toString(), Integer.toString(SIZE)));
    TestImages.run(command);
  }
}
