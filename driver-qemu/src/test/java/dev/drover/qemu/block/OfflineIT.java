package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sections 1C and 1E on a shut-off domain, with real storage daemons (C16, C17, R15). */
@Tag("qemu")
class OfflineIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  /** QEMU would find out when it has copied everything, and die of it. */
  @Test
  void aNameThatDoesNotFitIntoTheHeaderAboveIsRefused() throws IOException, InterruptedException {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Path far = directory.resolve("d".repeat(200)).resolve("e".repeat(200)).resolve("base.qcow2");
      Files.createDirectories(far.getParent());
      Files.move(bench.images().path("base"), far);
      image("rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", far, bench.images().path("snap1"));
      Path active = bench.images().path("active");
      image(
          "create",
          "-q",
          "-f",
          "qcow2",
          "-F",
          "qcow2",
          "-b",
          "snap2.qcow2",
          "-o",
          "cluster_size=512",
          active);
      List<ThrowingCallable> jobs =
          List.of(
              () ->
                  bench
                      .blockJobs()
                      .commit(
                          bench.call(),
                          bench.commit().setTop(bench.images().path("snap2").toString()).build()),
              () ->
                  bench
                      .blockJobs()
                      .pull(bench.call(), bench.pull().setBase(far.toString()).build()));

      for (ThrowingCallable job : jobs) {
        assertThatThrownBy(job)
            .isInstanceOfSatisfying(
                DriverException.class,
                e ->
                    assertThat(e.reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID))
            .hasMessageContaining(active.toString())
            .hasMessageContaining("room for");
      }
      assertThat(bench.jobs().list()).isEmpty();
    }
  }

  private static void image(Object... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @ParameterizedTest(name = "{0}: base={1} top={2} shallow={3}")
  @CsvSource({
    "C1, '', '', false, base",
    "C1b, '', active, false, base",
    "C1c, base, '', false, base",
    "C1d, base, active, false, base",
    "C2, '', '', true, snap2 snap1 base",
    "C2b, snap2, '', false, snap2 snap1 base",
    "C4, '', snap2, true, active snap1 base",
    "C5, '', snap2, false, active base",
    "C5b, base, snap2, false, active base",
    "C6, '', snap1, false, active snap2 base",
    "C6b, base, snap1, false, active snap2 base",
    "C6c, '', snap1, true, active snap2 base",
    "C7, snap1, '', false, snap1 base",
    "C7b, snap1, active, false, snap1 base"
  })
  void commitLeavesTheNamedChain(
      String row, String base, String top, boolean shallow, String expected) {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      BlockCommitRequest.Builder request = bench.commit().setShallow(shallow);
      if (!base.isEmpty()) {
        request.setBase(bench.images().path(base).toString());
      }
      if (!top.isEmpty()) {
        request.setTop(bench.images().path(top).toString());
      }

      Job started = bench.blockJobs().commit(bench.call(), request.build());
      Job ended = bench.end(started);

      assertThat(started.getKind()).isEqualTo(JobKind.JOB_KIND_COMMIT);
      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getPivoted()).isFalse();
      assertThat(ended.hasReadyTime()).isFalse();
      assertOn(bench, expected);
    }
  }

  @Test
  void deleteUnlinksWhatTheCommitInvalidated() { // C3, C13
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Job job =
          bench
              .blockJobs()
              .commit(
                  bench.call(),
                  bench
                      .commit()
                      .setBase(bench.images().path("snap2").toString())
                      .setDelete(true)
                      .build());

      Job ended = bench.end(job);

      assertThat(ended.getResult().getDeletedPathsList())
          .containsExactly(bench.images().path("active").toString());
      assertThat(bench.images().files()).doesNotContain("active.qcow2").contains("snap2.qcow2");
      assertOn(bench, "snap2 snap1 base");
    }
  }

  @Test
  void deleteSparesWhatAnotherDomainNeeds() { // R3
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      bench.defineOther("snap1");
      Job job = bench.blockJobs().commit(bench.call(), bench.commit().setDelete(true).build());

      Job ended = bench.end(job);

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getDeletedPathsList())
          .doesNotContain(bench.images().path("snap1").toString());
      assertThat(Files.exists(bench.images().path("snap1"))).isTrue();
      assertThat(ended.getResult().getWarningsList())
          .satisfiesExactlyInAnyOrder(
              kept -> assertThat(kept).contains("snap1", "was not deleted", "'other' uses it"),
              written -> assertThat(written).contains("'other' is read through", "base"));
    }
  }

  @ParameterizedTest(name = "E1: base={0}")
  @CsvSource({"'', active", "base, active base", "snap1, active snap1 base"})
  void pullLeavesTheNamedChain(String base, String expected) {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      BlockPullRequest.Builder request = bench.pull();
      if (!base.isEmpty()) {
        request.setBase(bench.images().path(base).toString());
      }

      Job ended = bench.end(bench.blockJobs().pull(bench.call(), request.build()));

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertOn(bench, expected);
    }
  }

  @ParameterizedTest(name = "{0}: {1} shallow={2} reuse={3}")
  @CsvSource({
    "E3, QCOW2, false, false, copy",
    "E4, RAW, false, false, copy",
    "E5, QCOW2, true, false, copy snap2 snap1 base",
    "E6, QCOW2, false, true, copy",
    "E7, QCOW2, true, true, copy snap2 snap1 base",
    "E8, RAW, true, true, copy"
  })
  void rebaseWithCopyAndPivotLeavesTheNamedChain(
      String row, String format, boolean shallow, boolean reuse, String expected) {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      boolean raw = format.equals("RAW");
      if (reuse) {
        makeDestination(bench, raw, shallow);
      }
      BlockRebaseRequest request =
          BlockRebaseRequest.newBuilder()
              .setDomain(OfflineBench.DOMAIN)
              .setDisk("vda")
              .setCopy(true)
              .setBase(bench.images().path("copy").toString())
              .setShallow(shallow)
              .setReuseExternal(reuse)
              .setCopyRaw(raw)
              .build();

      Job ready = ready(bench, bench.blockJobs().rebase(bench.call(), request));
      Job ended = bench.jobs().complete(bench.call(), CommitIT.pivot(ready));

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getPivoted()).isTrue();
      assertThat(bench.definedSource().getFormat())
          .isEqualTo(raw ? ImageFormat.IMAGE_FORMAT_RAW : ImageFormat.IMAGE_FORMAT_QCOW2);
      assertOn(bench, expected);
    }
  }

  /** A destination as the caller makes it: its own reference, or in raw what snap2 shows. */
  private static void makeDestination(OfflineBench bench, boolean raw, boolean shallow) {
    String copy = bench.images().path("copy").toString();
    if (raw) {
      String backing = bench.images().path("snap2").toString();
      TestImages.run(List.of("qemu-img", "convert", "-f", "qcow2", "-O", "raw", backing, copy));
      return;
    }
    List<String> create = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
    if (shallow) {
      create.addAll(List.of("-b", "snap2.qcow2", "-F", "qcow2"));
    }
    create.addAll(List.of(copy, Integer.toString(SIZE)));
    TestImages.run(create);
  }

  @Test
  void keptCopyIsTheDiskOfThatMoment() { // D9, D11
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Job job =
          bench
              .blockJobs()
              .copy(
                  bench.call(),
                  bench
                      .copy("copy", ImageFormat.IMAGE_FORMAT_QCOW2)
                      .setAutoComplete(JobCompletion.JOB_COMPLETION_KEEP)
                      .build());

      Job ended = bench.end(job);

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getCompletion()).isEqualTo(JobCompletion.JOB_COMPLETION_KEEP);
      assertThat(ended.getResult().getPivoted()).isFalse();
      bench.images().assertGuestView(bench.images().path("copy").toString(), "qcow2");
      assertOn(bench, "active snap2 snap1 base");
    }
  }

  @Test
  void copyCancelledInReadyKeepsItsConsistentDestination() { // D9
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Job ready = ready(bench, copy(bench));

      Job ended = bench.jobs().cancel(bench.call(), cancel(ready));
      Job again = bench.jobs().cancel(bench.call(), cancel(ready));

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(again).isEqualTo(ended);
      bench.images().assertGuestView(bench.images().path("copy").toString(), "qcow2");
      assertOn(bench, "active snap2 snap1 base");
    }
  }

  @Test
  void aJobThatRunsHoldsTheDiskAndShowsItself() { // C18, C11, C14
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Job job = slowPull(bench);

      assertThat(bench.await(job.getId(), Job::hasProgress).getProgress().getTotalBytes())
          .isEqualTo(SIZE);
      assertThat(
              bench
                  .blockJobs()
                  .disks(ListDisksRequest.newBuilder().setDomain(OfflineBench.DOMAIN).build()))
          .singleElement()
          .satisfies(
              disk -> {
                assertThat(disk.getJobId()).isEqualTo(job.getId());
                assertThat(disk.getCapacityBytes()).isEqualTo(SIZE);
              });
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      assertReason(
          ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
          () -> bench.blockJobs().commit(bench.call(), bench.commit().build()));

      Job ended = bench.jobs().cancel(bench.call(), cancel(job));

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertOn(bench, "active snap2 snap1 base");
    }
  }

  @Test
  void aHungStorageDaemonIsEndedAndItsJobSettled() throws Exception { // R4, R2
    try (OfflineBench bench = new OfflineBench(directory, SIZE, Duration.ofSeconds(1))) {
      Job job = slowPull(bench);
      bench.await(job.getId(), Job::hasProgress);
      long pid = bench.storageDaemons().getFirst().pid();

      assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor())
          .isZero();
      Job ended = bench.end(job);

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_JOB_INTERRUPTED);
      assertOn(bench, "active snap2 snap1 base");
      bench.assertNothingLeft();
    }
  }

  @Test
  void speedIsChangedWhileTheJobRuns() { // C14
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Job job = slowPull(bench);
      Job changed =
          bench
              .jobs()
              .setSpeed(
                  bench.call(),
                  SetJobSpeedRequest.newBuilder()
                      .setJobId(job.getId())
                      .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(1L << 30))
                      .build());

      assertThat(changed.getSpeedBytesPerSecond()).isEqualTo(1L << 30);
      assertThat(bench.end(job).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertOn(bench, "active");
    }
  }

  @Test
  void aCommitThatEndsByItselfCannotBeCompletedOrKept() { // D10, C16
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      assertReason(
          ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
          () ->
              bench
                  .blockJobs()
                  .commit(
                      bench.call(),
                      bench.commit().setAutoComplete(JobCompletion.JOB_COMPLETION_KEEP).build()));
      Job ended = bench.end(bench.blockJobs().commit(bench.call(), bench.commit().build()));

      assertReason(
          ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
          () ->
              bench
                  .jobs()
                  .complete(
                      bench.call(),
                      CompleteJobRequest.newBuilder()
                          .setJobId(ended.getId())
                          .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                          .build()));
    }
  }

  @Test
  void imagesThatAnotherJobHasOpenAreInUse() { // C18
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      BlockCommitRequest request =
          BlockCommitRequest.newBuilder()
              .setDomain(bench.defineOther("snap2"))
              .setDisk("vda")
              .build();
      Job job = slowPull(bench);

      assertReason(
          ErrorReason.ERROR_REASON_IMAGE_IN_USE,
          () -> bench.blockJobs().commit(bench.call(), request));

      assertThat(bench.jobList()).hasSize(1);
      assertThat(bench.storageDaemons()).hasSize(1);
      bench.jobs().cancel(bench.call(), cancel(job));
    }
  }

  @Test
  void anImageThatAStrangerHasOpenIsInUseAndNothingIsLeft() throws Exception { // C18
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Path socket = directory.resolve("stranger");
      Process stranger =
          new ProcessBuilder(
                  "qemu-storage-daemon",
                  "--blockdev",
                  "{\"driver\":\"file\",\"node-name\":\"f\",\"filename\":\"%s\"}"
                      .formatted(bench.images().path("active")),
                  "--blockdev",
                  "{\"driver\":\"qcow2\",\"node-name\":\"q\",\"file\":\"f\",\"backing\":null}",
                  "--chardev",
                  "socket,id=m,server=on,wait=off,path=" + socket,
                  "--monitor",
                  "chardev=m")
              .start();
      try {
        await()
            .atMost(OfflineBench.PATIENCE)
            .until(() -> Files.exists(socket) || !stranger.isAlive());

        assertReason(
            ErrorReason.ERROR_REASON_IMAGE_IN_USE,
            () -> bench.blockJobs().pull(bench.call(), bench.pull().build()));

        assertThat(bench.jobList()).isEmpty();
        assertThat(bench.journalEntries()).isZero();
        bench.assertNothingLeft();
      } finally {
        stranger.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void validateOnlyStartsNothing() {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Job job =
          bench.blockJobs().commit(bench.call(), bench.commit().setValidateOnly(true).build());

      assertThat(job.getId()).isEmpty();
      assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_COMMIT);
      assertThat(bench.jobList()).isEmpty();
      bench.assertNothingLeft();
    }
  }

  @Test
  void aJobGoesOnUnderItsIdAfterARestartOfTheDaemon() { // R2, R27
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      Job job = slowPull(bench);
      long process = bench.storageDaemons().getFirst().pid();
      bench.closeDriver();
      bench.openDriver();

      assertThat(bench.storageDaemons())
          .singleElement()
          .extracting(ProcessHandle::pid)
          .isEqualTo(process);
      bench.await(job.getId(), Job::hasProgress);
      bench
          .jobs()
          .setSpeed(
              bench.call(),
              SetJobSpeedRequest.newBuilder()
                  .setJobId(job.getId())
                  .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(1L << 30))
                  .build());

      assertThat(bench.end(job).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertOn(bench, "active");
    }
  }

  private static Job slowPull(OfflineBench bench) {
    return bench
        .blockJobs()
        .pull(
            bench.call(),
            bench.pull().setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(64 << 10)).build());
  }

  private static Job copy(OfflineBench bench) {
    BlockCopyRequest request = bench.copy("copy", ImageFormat.IMAGE_FORMAT_QCOW2).build();
    return bench.blockJobs().copy(bench.call(), request);
  }

  private static Job ready(OfflineBench bench, Job job) {
    return bench.await(job.getId(), now -> now.getState() == JobState.JOB_STATE_READY);
  }

  private static CancelJobRequest cancel(Job job) {
    return CancelJobRequest.newBuilder().setJobId(job.getId()).build();
  }

  private static void assertReason(ErrorReason reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void assertOn(OfflineBench bench, String chain) {
    assertThat(bench.definedChain()).isEqualTo(CommitIT.files(chain));
    assertThat(bench.chain()).isEqualTo(CommitIT.files(chain));
    assertThat(bench.journalEntries()).isZero();
    bench.assertNothingLost();
    bench.assertNothingLeft();
  }
}
