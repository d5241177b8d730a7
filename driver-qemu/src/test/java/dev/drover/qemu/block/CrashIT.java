package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.domain.DomainEnd;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R1, R2, R8: QEMU, the daemon, or both die at each step of each kind of job, right before and
 * right after the step becomes durable. Whatever dies, the job ends with the truth, and the stored
 * definition holds all that the guest wrote and flushed.
 */
@Tag("qemu")
@Tag("crash")
class CrashIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  /** What the job does. */
  enum Kind {
    PULL,
    COMMIT,
    ACTIVE_COMMIT,
    COPY,
    KEPT_COPY
  }

  /**
   * The steps that a job goes through before its end; only one that unlinks files has to be CLEAN
   * first, and of the two-phase ones only that has to be SETTLED.
   */
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
      case COPY ->
          List.of(
              JournalStep.INTENT,
              JournalStep.STARTED,
              JournalStep.READY,
              JournalStep.END_REQUESTED,
              JournalStep.DECIDED);
      case ACTIVE_COMMIT ->
          List.of(
              JournalStep.INTENT,
              JournalStep.STARTED,
              JournalStep.READY,
              JournalStep.END_REQUESTED,
              JournalStep.DECIDED,
              JournalStep.SETTLED,
              JournalStep.CLEAN);
      case KEPT_COPY ->
          List.of(
              JournalStep.INTENT,
              JournalStep.STARTED,
              JournalStep.READY,
              JournalStep.END_REQUESTED,
              JournalStep.FINALIZING);
    };
  }

  /** Who dies. */
  enum Victim {
    QEMU,
    DAEMON,
    BOTH
  }

  static Stream<Arguments> everyStepOfEveryKind() {
    return Stream.of(Kind.values())
        .flatMap(
            kind ->
                steps(kind).stream()
                    .flatMap(
                        step ->
                            Stream.of(Moment.values())
                                .flatMap(
                                    moment ->
                                        Stream.of(Victim.values())
                                            .map(
                                                victim ->
                                                    Arguments.of(kind, moment, step, victim)))));
  }

  @ParameterizedTest(name = "{0}, {1} {2}: {3} dies")
  @MethodSource("everyStepOfEveryKind")
  void theJobTellsTheTruthAndNothingIsLost(
      Kind kind, Moment moment, JournalStep step, Victim victim) throws Exception {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.guestWrites(0xe1, 5);
      bench.store().strike(moment, step, () -> strike(bench, step, victim));

      Optional<DriverException> refused = start(bench, kind);
      bench.store().struck().get(60, TimeUnit.SECONDS);
      goOn(bench, victim);

      assertOutcome(bench, kind, refused);
    }
  }

  static Stream<Arguments> everyKind() {
    return Stream.of(Kind.values())
        .flatMap(
            kind ->
                Stream.of(Moment.values())
                    .flatMap(
                        moment ->
                            Stream.of(Victim.values())
                                .map(victim -> Arguments.of(kind, moment, victim))));
  }

  @ParameterizedTest(name = "{0}, {1} its end: {2} dies")
  @MethodSource("everyKind")
  void anEndIsToldOnceAndNothingIsLost(Kind kind, Moment moment, Victim victim) throws Exception {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.guestWrites(0xe1, 5);
      bench
          .store()
          .strikeAtEnd(
              moment,
              () -> {
                bench.guestWrites(0xe7, 9);
                kill(bench, victim);
              });

      Optional<DriverException> refused = start(bench, kind);
      bench.store().struck().get(60, TimeUnit.SECONDS);
      goOn(bench, victim);

      assertOutcome(bench, kind, refused);
    }
  }

  /** Whatever has died: every job has ended with the truth, and nothing is lost or left. */
  static void assertOutcome(BlockBench bench, Kind kind, Optional<DriverException> refused) {
    bench.jobList().forEach(job -> bench.awaitEnd(job.getId()));
    assertThat(bench.journalEntries()).isZero();
    bench.jobList().forEach(job -> assertTruth(bench, kind, job));
    if (bench.jobList().isEmpty()) {
      assertThat(refused).isPresent();
    }
    assertNoRemains(bench);
    bench.assertNothingLost();
  }

  private static void strike(BlockBench bench, JournalStep step, Victim victim) {
    if (step == JournalStep.SETTLED || step == JournalStep.CLEAN) {
      bench.guestWrites(0xe7, 9);
    }
    kill(bench, victim);
  }

  static void kill(BlockBench bench, Victim victim) {
    switch (victim) {
      case QEMU -> bench.killQemuUnnoticed();
      case DAEMON -> bench.killDaemon();
      case BOTH -> {
        bench.killDaemon();
        bench.killQemuUnnoticed();
      }
    }
  }

  static void goOn(BlockBench bench, Victim victim) {
    switch (victim) {
      case QEMU -> bench.ended(DomainEnd.Cause.CRASHED);
      case DAEMON, BOTH -> {
        bench.closeDriver();
        bench.openDriver();
      }
    }
  }

  static Optional<DriverException> start(BlockBench bench, Kind kind) {
    try {
      switch (kind) {
        case PULL ->
            bench
                .blockJobs()
                .pull(
                    bench.call(),
                    BlockPullRequest.newBuilder()
                        .setDomain(BlockBench.DOMAIN)
                        .setDisk("vda")
                        .setBase(bench.images().path("base").toString())
                        .build());
        case COMMIT ->
            bench
                .blockJobs()
                .commit(
                    bench.call(),
                    CommitIT.request(bench)
                        .setTop(bench.images().path("snap2").toString())
                        .setDelete(true)
                        .build());
        case ACTIVE_COMMIT -> bench.blockJobs().commit(bench.call(), activeCommit(bench));
        case COPY -> copy(bench, JobCompletion.JOB_COMPLETION_PIVOT);
        case KEPT_COPY -> copy(bench, JobCompletion.JOB_COMPLETION_KEEP);
      }
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.of(e);
    }
  }

  private static BlockCommitRequest activeCommit(BlockBench bench) {
    return CommitIT.request(bench)
        .setActive(true)
        .setDelete(true)
        .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)
        .build();
  }

  private static void copy(BlockBench bench, JobCompletion completion) {
    bench
        .blockJobs()
        .copy(
            bench.call(),
            CopyIT.request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2)
                .setAutoComplete(completion)
                .build());
  }

  /** State, chain, definition and files say the same. */
  private static void assertTruth(BlockBench bench, Kind kind, Job job) {
    assertThat(JobTransitions.terminal(job.getState())).isTrue();
    List<String> told =
        job.getResult().getChainAfterList().stream()
            .map(image -> String.valueOf(Path.of(image.getPath()).getFileName()))
            .toList();
    assertThat(bench.definedChain()).as(job.toString()).isEqualTo(told);
    boolean succeeded = job.getState() == JobState.JOB_STATE_SUCCEEDED;
    String chain =
        switch (kind) {
          case PULL, COMMIT -> succeeded ? "active base" : "active snap2 snap1 base";
          case ACTIVE_COMMIT -> succeeded ? "base" : "active snap2 snap1 base";
          case COPY -> succeeded ? "copy" : "active snap2 snap1 base";
          case KEPT_COPY -> "active snap2 snap1 base";
        };
    assertThat(told).as(job.toString()).isEqualTo(CommitIT.files(chain));
    if (kind == Kind.COMMIT || kind == Kind.ACTIVE_COMMIT) {
      assertThat(Files.exists(bench.images().path("snap2"))).isEqualTo(!succeeded);
    }
    if (kind == Kind.COPY || kind == Kind.KEPT_COPY) {
      assertThat(Files.exists(bench.images().path("copy"))).isEqualTo(succeeded);
    }
  }

  private static void assertNoRemains(BlockBench bench) {
    if (!bench.qemuAlive()) {
      return;
    }
    assertThat(bench.qemuJobs()).isEmpty();
    assertThat(bench.formatNodes())
        .isEqualTo(
            bench.live().disk("vda").images().stream()
                .map(ImageNode::formatNode)
                .collect(Collectors.toSet()));
  }
}
