package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.DaemonDeath;
import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * One job on a chain active, snap2, snap1, base, and somebody who dies while it runs (R1, R2, R8):
 * whatever dies, the job ends with the truth, the stored definition holds all data, and nothing is
 * left. When it happens is up to the test.
 */
final class CrashScenario {

  private static final String WHOLE = "active snap2 snap1 base";

  private final CrashBench bench;
  private final Kind kind;
  private final Victim victim;
  private Optional<Throwable> refused = Optional.empty();

  /** What the job does. */
  enum Kind {
    PULL,
    REBASE,
    COMMIT,
    ACTIVE_COMMIT,
    COPY,
    KEPT_COPY,
    REBASE_COPY;

    /** The kinds that are told apart by what they do and not only by the call they come from. */
    static List<Kind> distinct() {
      return List.of(PULL, COMMIT, ACTIVE_COMMIT, COPY, KEPT_COPY);
    }

    /**
     * The steps that a job goes through before its end. Only one that unlinks files has to be CLEAN
     * first, and a pivot of a running domain that unlinks none is SETTLED with its end.
     */
    List<JournalStep> steps(boolean running) {
      return switch (this) {
        case PULL, REBASE ->
            List.of(
                JournalStep.INTENT,
                JournalStep.STARTED,
                JournalStep.FINALIZING,
                JournalStep.SETTLED);
        case COMMIT ->
            List.of(
                JournalStep.INTENT,
                JournalStep.STARTED,
                JournalStep.FINALIZING,
                JournalStep.SETTLED,
                JournalStep.CLEAN);
        case ACTIVE_COMMIT -> running ? withReady() : without(JournalStep.READY);
        case COPY, REBASE_COPY ->
            running ? without(JournalStep.SETTLED, JournalStep.CLEAN) : without(JournalStep.CLEAN);
        case KEPT_COPY ->
            List.of(
                JournalStep.INTENT,
                JournalStep.STARTED,
                JournalStep.READY,
                JournalStep.END_REQUESTED,
                JournalStep.FINALIZING);
      };
    }

    private static List<JournalStep> withReady() {
      return List.of(
          JournalStep.INTENT,
          JournalStep.STARTED,
          JournalStep.READY,
          JournalStep.END_REQUESTED,
          JournalStep.DECIDED,
          JournalStep.SETTLED,
          JournalStep.CLEAN);
    }

    private static List<JournalStep> without(JournalStep... steps) {
      return withReady().stream().filter(step -> !List.of(steps).contains(step)).toList();
    }

    /** The chain that the disk has afterwards. */
    private String chain(boolean succeeded) {
      if (!succeeded) {
        return WHOLE;
      }
      return switch (this) {
        case PULL, REBASE, COMMIT -> "active base";
        case ACTIVE_COMMIT -> "base";
        case COPY, REBASE_COPY -> "copy";
        case KEPT_COPY -> WHOLE;
      };
    }

    /** The images that are there afterwards. */
    private String files(boolean succeeded) {
      if (!succeeded) {
        return WHOLE;
      }
      return switch (this) {
        case PULL, REBASE -> WHOLE;
        case COMMIT -> "active base";
        case ACTIVE_COMMIT -> "base";
        case COPY, KEPT_COPY, REBASE_COPY -> "copy " + WHOLE;
      };
    }
  }

  /** Who dies. */
  enum Victim {
    /** The QEMU or storage daemon that runs the job. */
    HYPERVISOR,
    DAEMON,
    BOTH;

    /** Kills. */
    void die(CrashBench bench) {
      switch (this) {
        case HYPERVISOR -> bench.killHypervisor();
        case DAEMON -> bench.killDaemon();
        case BOTH -> {
          bench.killDaemon();
          bench.killHypervisor();
        }
      }
    }

    /** Lets the life of those who are left go on, with a new daemon where the old one died. */
    void goOn(CrashBench bench) {
      switch (this) {
        case HYPERVISOR -> bench.noticeHypervisor();
        case DAEMON, BOTH -> {
          bench.closeDriver();
          bench.openDriver();
        }
      }
    }
  }

  /** Every kind, before and after something, with each victim. */
  static Stream<Arguments> everyKind() {
    return Kind.distinct().stream()
        .flatMap(kind -> strikes((moment, victim) -> Arguments.of(kind, moment, victim)));
  }

  /** Every step of every kind, before and after it, with each victim. */
  static Stream<Arguments> everyStepOfEveryKind(boolean running) {
    return Kind.distinct().stream()
        .flatMap(
            kind ->
                kind.steps(running).stream()
                    .flatMap(
                        step ->
                            strikes((moment, victim) -> Arguments.of(kind, moment, step, victim))));
  }

  private static Stream<Arguments> strikes(BiFunction<Moment, Victim, Arguments> strike) {
    return Stream.of(Moment.values())
        .flatMap(moment -> Stream.of(Victim.values()).map(victim -> strike.apply(moment, victim)));
  }

  CrashScenario(CrashBench bench, Kind kind, Victim victim) {
    this.bench = bench;
    this.kind = kind;
    this.victim = victim;
  }

  /** Kills the victim: to be called at the moment that the test has chosen. */
  void strike() {
    victim.die(bench);
  }

  /** Runs the job until the moment has come, and goes on after it. */
  <T> T run(CompletableFuture<T> struck)
      throws InterruptedException, ExecutionException, TimeoutException {
    refused = start();
    Thread order = orderTheEnd();
    try {
      return struck.get(150, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      refused.ifPresent(e::addSuppressed);
      throw e;
    } finally {
      // Also where nobody has struck: what the others did until then is told by the assertions.
      victim.goOn(bench);
      order.interrupt();
    }
  }

  /** Runs the job to its end, which nobody disturbs. */
  void runInPeace() {
    assertThat(start()).isEmpty();
    bench.jobList().forEach(job -> end(job.getId()));
  }

  private Optional<Throwable> start() {
    try {
      begin();
      return Optional.empty();
    } catch (DriverException | DaemonDeath e) {
      return Optional.of(e);
    }
  }

  private void begin() {
    switch (kind) {
      case PULL -> bench.blockJobs().pull(bench.call(), pull());
      case REBASE -> bench.blockJobs().rebase(bench.call(), rebase("base").build());
      case COMMIT -> bench.blockJobs().commit(bench.call(), commit().setTop(path("snap2")).build());
      case ACTIVE_COMMIT -> bench.blockJobs().commit(bench.call(), activeCommit());
      case COPY -> bench.blockJobs().copy(bench.call(), copy(JobCompletion.JOB_COMPLETION_PIVOT));
      case KEPT_COPY ->
          bench.blockJobs().copy(bench.call(), copy(JobCompletion.JOB_COMPLETION_KEEP));
      case REBASE_COPY ->
          bench.blockJobs().rebase(bench.call(), rebase("copy").setCopy(true).build());
    }
  }

  private BlockPullRequest pull() {
    return BlockPullRequest.newBuilder()
        .setDomain(bench.domain())
        .setDisk("vda")
        .setBase(path("base"))
        .build();
  }

  private BlockRebaseRequest.Builder rebase(String base) {
    return BlockRebaseRequest.newBuilder()
        .setDomain(bench.domain())
        .setDisk("vda")
        .setBase(path(base));
  }

  private BlockCommitRequest.Builder commit() {
    return BlockCommitRequest.newBuilder().setDomain(bench.domain()).setDisk("vda").setDelete(true);
  }

  private BlockCommitRequest activeCommit() {
    return bench.running()
        ? commit().setActive(true).setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT).build()
        : commit().build();
  }

  private BlockCopyRequest copy(JobCompletion completion) {
    return BlockCopyRequest.newBuilder()
        .setDomain(bench.domain())
        .setDisk("vda")
        .setDestination(
            Image.newBuilder().setPath(path("copy")).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
        .setAutoComplete(completion)
        .build();
  }

  private String path(String name) {
    return bench.images().path(name).toString();
  }

  /**
   * The client of a job that does not end by itself: it waits, and its daemon may die meanwhile.
   */
  private Thread orderTheEnd() {
    List<Job> jobs = bench.jobList();
    return Thread.startVirtualThread(() -> jobs.forEach(job -> completeWhenReady(job.getId())));
  }

  /** Completes a job that waits to be told; what is refused shows in how the job ends. */
  private Optional<Throwable> completeWhenReady(String jobId) {
    try {
      Job job = bench.await(jobId, CrashScenario::readyOrEnded);
      if (kind == Kind.REBASE_COPY && job.getState() == JobState.JOB_STATE_READY) {
        var _ =
            bench
                .jobs()
                .complete(
                    bench.call(),
                    CompleteJobRequest.newBuilder()
                        .setJobId(jobId)
                        .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                        .build());
      }
      return Optional.empty();
    } catch (DriverException | DaemonDeath e) {
      return Optional.of(e);
    }
  }

  private static boolean readyOrEnded(Job job) {
    return job.getState() == JobState.JOB_STATE_READY || JobTransitions.terminal(job.getState());
  }

  private Job end(String jobId) {
    Optional<Throwable> failure = completeWhenReady(jobId);
    Job ended = bench.awaitEnd(jobId);
    failure.ifPresent(
        why ->
            assertThat(ended.getState())
                .as("after %s", why.getMessage())
                .isNotEqualTo(JobState.JOB_STATE_SUCCEEDED));
    return ended;
  }

  /** Every job has ended; record, chain, definition and files say the same; nothing is left. */
  void assertTruth() {
    List<Job> jobs = bench.jobList().stream().map(job -> end(job.getId())).toList();
    assertThat(bench.journalEntries()).isZero();
    jobs.forEach(this::assertTruth);
    if (jobs.isEmpty()) {
      assertThat(refused).as("why there is no job").isPresent();
      assertThat(bench.definedChain()).isEqualTo(CommitIT.files(WHOLE));
      assertFiles(false);
    }
    bench.assertNothingLeft();
    bench.assertNothingLost();
  }

  private void assertTruth(Job job) {
    boolean succeeded = job.getState() == JobState.JOB_STATE_SUCCEEDED;
    List<String> told =
        job.getResult().getChainAfterList().stream()
            .map(image -> String.valueOf(Path.of(image.getPath()).getFileName()))
            .toList();
    assertThat(told).as(job.toString()).isEqualTo(CommitIT.files(kind.chain(succeeded)));
    assertThat(bench.definedChain()).as(job.toString()).isEqualTo(told);
    assertFiles(succeeded);
    if (succeeded && kind == Kind.KEPT_COPY) {
      bench.images().assertGuestView(path("copy"), "qcow2");
    }
  }

  private void assertFiles(boolean succeeded) {
    Stream<String> images = bench.images().files().stream().filter(name -> name.endsWith(".qcow2"));
    assertThat(images).containsExactlyInAnyOrderElementsOf(CommitIT.files(kind.files(succeeded)));
  }
}
