package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.JobInfo;
import dev.drover.qemu.qmp.JobOptions;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What somebody does to jobs, nodes and images past the daemon is noticed, told as it is, and never
 * guessed over (R1, R3, R8).
 */
@Tag("qemu")
class BehindOurBackIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @Test
  void aRunningJobCancelledByQmpIsCancelled() { // incident: cancelled through raw QMP
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = bench.blockJobs().copy(bench.call(), CopyIT.slow(bench, "copy").build());
      bench.live().execute(new BlockJobCommand.JobCancel(monitorId(job)));

      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(ended.getError().getMessage()).contains("from outside");
      assertThat(Files.exists(bench.images().path("copy"))).isFalse();
      ChainRepairIT.consistent(bench.verify(), 4);
      bench.assertNothingLost();
    }
  }

  /** QEMU opens the image above a commit by its path when it ends, and dies where it cannot. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCommitWhoseOverlayIsTakenAwayIsGivenUpAndTheGuestGoesOn(boolean another)
      throws IOException {
    FaultyFile once = new FaultyFile("base", "write_aio", FaultyFile.EIO);
    try (BlockBench bench = new BlockBench(directory, SIZE, once)) {
      Path overlay = bench.images().path("snap2");
      Path aside = directory.resolve("aside");
      Job job =
          bench
              .blockJobs()
              .commit(
                  bench.call(),
                  CommitIT.request(bench)
                      .setTop(bench.images().path("snap1").toString())
                      .setOnError(JobErrorPolicy.JOB_ERROR_POLICY_STOP)
                      .build());
      bench.await(job.getId(), Job::getBlocked);
      Files.move(overlay, aside);
      if (another) {
        Files.copy(aside, overlay);
      }
      bench.jobs().resume(bench.call(), ErrorPolicyIT.resume(job));
      Job ended = bench.awaitEnd(job.getId());
      Files.move(aside, overlay, StandardCopyOption.REPLACE_EXISTING);

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED);
      assertThat(ended.getError().getMessage()).contains(overlay.toString());
      assertThat(bench.qemuAlive()).isTrue();
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      assertThat(bench.writableNodes()).doesNotContain("vda-2");
      bench.guestWrites(0xe2, 6);
      bench.assertNothingLost();
    }
  }

  @Test
  void aJobWhoseQemuAndImageAreGoneTellsWhyItStaysUntilTheImageIsBack() throws IOException { // R1
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Path overlay = bench.images().path("snap2");
      Path aside = directory.resolve("aside");
      Job job = orphaned(bench, overlay, aside);

      assertThat(job.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_JOB_IO_ERROR);
      assertThat(job.getBlockedDetail()).contains(overlay.toString(), "cancel the job");
      Job tried = bench.jobs().resume(bench.call(), ErrorPolicyIT.resume(job));
      assertThat(tried).isEqualTo(job);

      bench.closeDriver();
      bench.openDriver();
      bench.await(job.getId(), Job::getBlocked);
      Files.move(aside, overlay);
      bench.jobs().resume(bench.call(), ErrorPolicyIT.resume(job));
      Job ended = bench.awaitEnd(job.getId());
      assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_JOB_INTERRUPTED);
      assertThat(ended.getBlocked()).isFalse();
      bench.assertNothingLost();
    }
  }

  @Test
  void aJobWhoseQemuAndImageAreGoneForGoodIsGivenUpByCancel() throws IOException { // R1
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Path overlay = bench.images().path("snap2");
      Job job = orphaned(bench, overlay, directory.resolve("aside"));

      assertThatThrownBy(
              () ->
                  bench
                      .jobs()
                      .cancel(
                          bench.call(),
                          CancelJobRequest.newBuilder().setJobId(job.getId()).build()))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_JOB_STATE_INVALID));
      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
      assertThat(ended.getError().getMessage()).contains("given up");
      assertThat(ended.getResult().getDeletedPathsList()).isEmpty();
    }
  }

  /** A commit that runs as its QEMU dies, when the image above it is away. */
  private static Job orphaned(BlockBench bench, Path overlay, Path aside) throws IOException {
    Job job =
        bench
            .blockJobs()
            .commit(
                bench.call(),
                CommitIT.request(bench)
                    .setTop(bench.images().path("snap1").toString())
                    .setBandwidth(CopyIT.slow(bench, "copy").getBandwidth())
                    .build());
    Files.move(overlay, aside);
    bench.killQemu();
    return bench.await(job.getId(), Job::getBlocked);
  }

  @Test
  void aCommitCompletedByQmpIsGivenUpOnTheOldChain() { // R1
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench);
      bench.live().execute(new BlockJobCommand.JobComplete(monitorId(job)));

      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(ended.getError().getMessage()).contains("behind the daemon's back");
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      ChainRepairIT.consistent(bench.verify(), 4);
      bench.assertNothingLost();
    }
  }

  @Test
  void aCommitPivotedAndDismissedByQmpIsToldAsPivoted() { // R1
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench);
      bench.closeDriver();
      bench.behindTheDaemon(
          monitor -> {
            monitor.execute(new BlockJobCommand.JobComplete(monitorId(job)));
            awaitStatus(monitor, monitorId(job), JobStatus.PENDING);
            monitor.execute(new BlockJobCommand.JobFinalize(monitorId(job)));
            awaitStatus(monitor, monitorId(job), JobStatus.CONCLUDED);
            monitor.execute(new BlockJobCommand.JobDismiss(monitorId(job)));
          });
      bench.openDriver();

      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getPivoted()).isTrue();
      assertThat(ended.getResult().getWarningsList())
          .anySatisfy(warning -> assertThat(warning).contains("behind the daemon's back"));
      assertThat(bench.chain()).isEqualTo(CommitIT.files("base"));
      ChainRepairIT.consistent(bench.verify(), 1);
      bench.assertNothingLost();
    }
  }

  @Test
  void aCommitCancelledAndDismissedByQmpIsToldAsSuch() { // R1
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench);
      bench.closeDriver();
      bench.behindTheDaemon(
          monitor -> {
            monitor.execute(new BlockJobCommand.JobCancel(monitorId(job)));
            awaitStatus(monitor, monitorId(job), JobStatus.CONCLUDED);
            monitor.execute(new BlockJobCommand.JobDismiss(monitorId(job)));
          });
      bench.openDriver();

      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(ended.getError().getMessage()).contains("behind the daemon's back");
      ChainRepairIT.consistent(bench.verify(), 4);
      bench.assertNothingLost();
    }
  }

  @Test
  void aJobStartedByQmpHoldsTheDiskUntilItHasEnded() { // 9
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench
          .live()
          .execute(
              new BlockJobCommand.BlockStream(
                  JobOptions.manual("theirs").withSpeed(65536),
                  node(bench, "active"),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty()));

      assertThatThrownBy(
              () ->
                  bench
                      .blockJobs()
                      .pull(
                          bench.call(),
                          BlockPullRequest.newBuilder()
                              .setDomain(BlockBench.DOMAIN)
                              .setDisk("vda")
                              .build()))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED);
                assertThat(e).hasMessageContaining("theirs");
              });
      assertThat(bench.jobList()).isEmpty();
      assertThat(bench.verify().getDifferencesList())
          .extracting(ChainDifference::getKind)
          .containsExactly(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_FOREIGN_JOB);
      assertThat(bench.repair(false).getRepairedList()).isEmpty();

      bench.live().execute(new BlockJobCommand.JobCancel("theirs"));
      awaitStatus(bench, "theirs", JobStatus.CONCLUDED);
      bench.live().execute(new BlockJobCommand.JobDismiss("theirs"));
      ChainRepairIT.consistent(bench.verify(), 4);
      bench.assertNothingLost();
    }
  }

  @Test
  void nodesChangedByQmpAreTakenIntoTheRecordWhenTold() { // 9, R8
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      commitPastTheDaemon(bench, "snap2", "snap1");

      ChainDifference found = ChainRepairIT.only(bench.verify());
      assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_NODES);
      assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UPDATE_RECORD);
      ChainRepairIT.consistent(bench.repair(false).getVerification(), 3);
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap1 base"));

      Job job =
          bench
              .blockJobs()
              .commit(
                  bench.call(),
                  CommitIT.request(bench).setTop(bench.images().path("snap1").toString()).build());
      assertThat(bench.awaitEnd(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      ChainRepairIT.consistent(bench.verify(), 2);
      bench.assertNothingLost();
    }
  }

  @Test
  void aPivotPastTheDaemonIsWrittenIntoTheDefinitionWhenTold() { // stored config differs
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      BlockJobCommand.BlockCommit commit = commit(bench, "active", "base");
      bench.live().execute(commit);
      awaitStatus(bench, "theirs", JobStatus.READY);
      bench.live().execute(new BlockJobCommand.JobComplete("theirs"));
      finish(bench, "theirs");
      bench.guestWrites(0xe4, 9);

      assertThat(bench.verify().getDifferencesList())
          .extracting(ChainDifference::getKind)
          .containsExactly(
              ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_DEFINITION,
              ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_NODES);
      ChainRepairIT.consistent(bench.repair(false).getVerification(), 1);
      assertThat(bench.definedSource().getPath()).isEqualTo(bench.images().path("base").toString());
      bench.assertNothingLost();
    }
  }

  @Test
  void anImagePutInThePlaceOfAnotherIsNotDeletedForIt() throws IOException { // R3
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Path snap2 = bench.images().path("snap2");
      Files.move(snap2, bench.images().path("aside"));
      Files.copy(bench.images().path("aside"), snap2);
      ChainDifference found = ChainRepairIT.only(bench.verify());
      assertThat(found.getKind())
          .isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_REPLACED);
      assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);

      Job ended = deleted(bench);

      assertThat(ended.getResult().getDeletedPathsList())
          .containsExactly(bench.images().path("snap1").toString());
      assertThat(ended.getResult().getWarningsList())
          .anySatisfy(warning -> assertThat(warning).contains("snap2.qcow2").contains("not the"));
      assertThat(Files.exists(snap2)).isTrue();
      assertThat(Files.exists(bench.images().path("aside"))).isTrue();
      bench.assertNothingLost();
    }
  }

  @Test
  void aFileThatAnotherDomainReachesByASymbolicLinkIsNotDeleted() throws IOException { // R3
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Path link = directory.resolve("alias.qcow2");
      Files.createSymbolicLink(link, bench.images().path("snap2"));
      assertHeld(bench, link);
    }
  }

  @Test
  void aFileThatAnotherDomainReachesByAHardLinkIsNotDeleted() throws IOException { // R3
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      assertHeld(
          bench, Files.createLink(directory.resolve("alias.qcow2"), bench.images().path("snap2")));
    }
  }

  private static void assertHeld(BlockBench bench, Path alias) {
    bench.defineOther(alias);

    Job ended = deleted(bench);

    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getResult().getDeletedPathsList()).isEmpty();
    assertThat(ended.getResult().getWarningsList())
        .hasSize(2)
        .allSatisfy(warning -> assertThat(warning).contains("domain 'other'"));
    assertThat(Files.exists(bench.images().path("snap2"))).isTrue();
    assertThat(Files.exists(bench.images().path("snap1"))).as("below snap2").isTrue();
  }

  @Test
  void whatASnapshotHoldsIsNotDeleted() { // R3
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Snapshot snapshot =
          Snapshot.newBuilder()
              .setName("before")
              .setDomainName("other")
              .setDomainUuid("6a3c1a52-3a44-4f5c-9f0e-0a8a7a5b0042")
              .addDisks(
                  SnapshotDisk.newBuilder()
                      .setTarget("vda")
                      .setFrozen(
                          Image.newBuilder()
                              .setPath(bench.images().path("snap2").toString())
                              .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
              .build();
      bench.remember(snapshot);

      Job ended = deleted(bench);

      assertThat(ended.getResult().getDeletedPathsList())
          .as("the image of the moment, and the one that it is read through")
          .isEmpty();
      assertThat(ended.getResult().getWarningsList())
          .anySatisfy(warning -> assertThat(warning).contains("snapshot 'before'"));
      assertThat(bench.images().path("snap1")).exists();
      assertThat(bench.images().path("snap2")).exists();
    }
  }

  private static Job deleted(BlockBench bench) {
    Job job =
        bench
            .blockJobs()
            .commit(
                bench.call(),
                CommitIT.request(bench)
                    .setTop(bench.images().path("snap2").toString())
                    .setDelete(true)
                    .build());
    return bench.awaitEnd(job.getId());
  }

  private static Job ready(BlockBench bench) {
    Job job =
        bench.blockJobs().commit(bench.call(), CommitIT.request(bench).setActive(true).build());
    bench.guestWrites(0xe1, 5);
    return bench.await(job.getId(), now -> now.getState() == JobState.JOB_STATE_READY);
  }

  private static void commitPastTheDaemon(BlockBench bench, String top, String base) {
    bench.live().execute(commit(bench, top, base));
    finish(bench, "theirs");
  }

  private static BlockJobCommand.BlockCommit commit(BlockBench bench, String top, String base) {
    return new BlockJobCommand.BlockCommit(
        JobOptions.manual("theirs"),
        node(bench, "active"),
        node(bench, base),
        node(bench, top),
        top.equals("active") ? Optional.empty() : Optional.of(base + ".qcow2"),
        Optional.empty(),
        Optional.empty());
  }

  private static void finish(BlockBench bench, String id) {
    awaitStatus(bench, id, JobStatus.PENDING);
    bench.live().execute(new BlockJobCommand.JobFinalize(id));
    awaitStatus(bench, id, JobStatus.CONCLUDED);
    bench.live().execute(new BlockJobCommand.JobDismiss(id));
  }

  private static String node(BlockBench bench, String image) {
    DiskGraph graph = bench.live().disk("vda");
    return graph.at(bench.images().path(image).toString()).orElseThrow().formatNode();
  }

  static String monitorId(Job job) {
    return "job-" + job.getId();
  }

  private static void awaitStatus(BlockBench bench, String id, JobStatus status) {
    await(bench.live()::execute, id, status);
  }

  static void awaitStatus(QmpConnection monitor, String id, JobStatus status) {
    await(monitor::execute, id, status);
  }

  private static void await(
      Function<QueryCommand.QueryJobs, List<JobInfo>> ask, String id, JobStatus status) {
    Awaitility.await()
        .atMost(BlockBench.PATIENCE)
        .until(
            () ->
                ask.apply(new QueryCommand.QueryJobs()).stream()
                    .anyMatch(job -> job.id().equals(id) && job.status() == status));
  }
}
