package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R1, R2, R8 for shut-off domains: the storage daemon, the daemon, or both die at each step of each
 * kind of job and around the record of the process, right before and right after it becomes
 * durable. Whatever dies, the job ends with the truth, the stored definition holds all data, and no
 * process is left.
 */
@Tag("qemu")
@Tag("crash")
class OfflineCrashIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  /** What the job does. */
  enum Kind {
    PULL,
    COMMIT,
    COMMIT_OF_THE_ACTIVE_IMAGE,
    COPY,
    KEPT_COPY
  }

  /** Who dies. */
  enum Victim {
    STORAGE,
    DAEMON,
    BOTH
  }

  private static List<JournalStep> steps(Kind kind) {
    return switch (kind) {
      case PULL ->
          List.of(
              JournalStep.INTENT, JournalStep.STARTED, JournalStep.FINALIZING, JournalStep.SETTLED);
      case COMMIT ->
          List.of(
              JournalStep.INTENT,
              JournalStep.STARTED,
              JournalStep.FINALIZING,
              JournalStep.SETTLED,
              JournalStep.CLEAN);
      case COMMIT_OF_THE_ACTIVE_IMAGE ->
          List.of(
              JournalStep.INTENT,
              JournalStep.STARTED,
              JournalStep.END_REQUESTED,
              JournalStep.DECIDED,
              JournalStep.SETTLED,
              JournalStep.CLEAN);
      case COPY ->
          List.of(
              JournalStep.INTENT,
              JournalStep.STARTED,
              JournalStep.READY,
              JournalStep.END_REQUESTED,
              JournalStep.DECIDED,
              JournalStep.SETTLED);
      case KEPT_COPY ->
          List.of(
              JournalStep.INTENT,
              JournalStep.STARTED,
              JournalStep.READY,
              JournalStep.END_REQUESTED,
              JournalStep.FINALIZING);
    };
  }

  static Stream<Arguments> everyStepOfEveryKind() {
    return Stream.of(Kind.values())
        .flatMap(
            kind ->
                steps(kind).stream()
                    .flatMap(step -> strikes().map(strike -> Arguments.of(kind, strike, step))));
  }

  static Stream<Arguments> everyKind() {
    return Stream.of(Kind.values())
        .flatMap(kind -> strikes().map(strike -> Arguments.of(kind, strike)));
  }

  private static Stream<Strike> strikes() {
    return Stream.of(Moment.values())
        .flatMap(moment -> Stream.of(Victim.values()).map(victim -> new Strike(moment, victim)));
  }

  /** When who dies. */
  record Strike(Moment moment, Victim victim) {
    void hit(OfflineBench bench) {
      switch (victim) {
        case STORAGE -> bench.killStorage();
        case DAEMON -> bench.killDaemon();
        case BOTH -> {
          bench.killDaemon();
          bench.killStorage();
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}, {1} {2}")
  @MethodSource("everyStepOfEveryKind")
  void theJobTellsTheTruthAndNothingIsLost(Kind kind, Strike strike, JournalStep step)
      throws Exception {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      bench.store().strike(strike.moment(), step, () -> strike.hit(bench));

      Optional<DriverException> refused = start(bench, kind);
      bench.store().struck().get(60, TimeUnit.SECONDS);

      assertTruthAfterwards(bench, kind, strike, refused);
    }
  }

  @ParameterizedTest(name = "{0}, {1} the record of its process")
  @MethodSource("everyKind")
  void noProcessIsLeftOfAStartThatWasCutOff(Kind kind, Strike strike) throws Exception {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      bench.store().strikeAtProcess(strike.moment(), () -> strike.hit(bench));

      Optional<DriverException> refused = start(bench, kind);
      bench.store().struck().get(60, TimeUnit.SECONDS);

      assertTruthAfterwards(bench, kind, strike, refused);
    }
  }

  @Test
  void aProcessThatNoFileNamesIsFoundByItsCommandLine() throws Exception {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      bench
          .store()
          .strikeAtProcess(
              Moment.BEFORE,
              () -> {
                bench.killDaemon();
                bench.runDirectories().forEach(OfflineCrashIT::forgetProcess);
              });

      Optional<DriverException> refused = start(bench, Kind.PULL);
      bench.store().struck().get(60, TimeUnit.SECONDS);

      assertThat(bench.storageDaemons()).hasSize(1);
      assertTruthAfterwards(bench, Kind.PULL, new Strike(Moment.BEFORE, Victim.DAEMON), refused);
      assertThat(bench.jobList())
          .singleElement()
          .satisfies(
              job -> {
                assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
                assertThat(job.getError().toString())
                    .contains(ErrorReason.ERROR_REASON_JOB_INTERRUPTED.name().substring(13));
              });
    }
  }

  private static void forgetProcess(Path runDirectory) {
    try {
      Files.delete(runDirectory.resolve(QemuProcess.IDENTITY_FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertTruthAfterwards(
      OfflineBench bench, Kind kind, Strike strike, Optional<DriverException> refused) {
    if (strike.victim() != Victim.STORAGE) {
      bench.closeDriver();
      bench.openDriver();
    }
    bench.jobList().forEach(bench::end);
    assertThat(bench.journalEntries()).isZero();
    bench.jobList().forEach(job -> assertTruth(bench, kind, job));
    if (bench.jobList().isEmpty()) {
      assertThat(refused).isPresent();
      assertThat(bench.definedChain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
    }
    bench.assertNoStorageDaemonLeft();
    bench.assertNothingLost();
  }

  private static Optional<DriverException> start(OfflineBench bench, Kind kind) {
    try {
      switch (kind) {
        case PULL ->
            bench
                .blockJobs()
                .pull(
                    bench.call(),
                    bench.pull().setBase(bench.images().path("base").toString()).build());
        case COMMIT ->
            bench
                .blockJobs()
                .commit(
                    bench.call(),
                    bench
                        .commit()
                        .setTop(bench.images().path("snap2").toString())
                        .setDelete(true)
                        .build());
        case COMMIT_OF_THE_ACTIVE_IMAGE ->
            bench.blockJobs().commit(bench.call(), bench.commit().setDelete(true).build());
        case COPY -> copy(bench, JobCompletion.JOB_COMPLETION_PIVOT);
        case KEPT_COPY -> copy(bench, JobCompletion.JOB_COMPLETION_KEEP);
      }
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.of(e);
    }
  }

  private static void copy(OfflineBench bench, JobCompletion completion) {
    bench
        .blockJobs()
        .copy(
            bench.call(),
            bench.copy("copy", ImageFormat.IMAGE_FORMAT_QCOW2).setAutoComplete(completion).build());
  }

  /** State, chain, definition and files say the same. */
  private static void assertTruth(OfflineBench bench, Kind kind, Job job) {
    assertThat(JobTransitions.terminal(job.getState())).isTrue();
    List<String> told =
        job.getResult().getChainAfterList().stream()
            .map(image -> String.valueOf(Path.of(image.getPath()).getFileName()))
            .toList();
    assertThat(bench.definedChain()).as(job.toString()).isEqualTo(told);
    boolean succeeded = job.getState() == JobState.JOB_STATE_SUCCEEDED;
    String after =
        switch (kind) {
          case PULL, COMMIT -> "active base";
          case COMMIT_OF_THE_ACTIVE_IMAGE -> "base";
          case COPY -> "copy";
          case KEPT_COPY -> "active snap2 snap1 base";
        };
    assertThat(told)
        .as(job.toString())
        .isEqualTo(CommitIT.files(succeeded ? after : "active snap2 snap1 base"));
    switch (kind) {
      case COMMIT, COMMIT_OF_THE_ACTIVE_IMAGE ->
          assertThat(Files.exists(bench.images().path("snap2"))).isEqualTo(!succeeded);
      case COPY, KEPT_COPY ->
          assertThat(Files.exists(bench.images().path("copy"))).isEqualTo(succeeded);
      case PULL -> {}
    }
    if (succeeded && kind == Kind.KEPT_COPY) {
      bench.images().assertGuestView(bench.images().path("copy").toString(), "qcow2");
    }
  }
}
