package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.DaemonDeath;
import dev.drover.qemu.block.CrashScenario.Victim;
import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * D15, R2: QEMU, the daemon, or both die at each step of the common end of two active commits.
 * Afterwards either both disks have the new chain or both have the old one, nothing that was
 * flushed is lost, and a guest that ran runs.
 */
@Tag("qemu")
@Tag("crash")
class GroupCrashIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  static Stream<Arguments> everyStep() {
    List<Arguments> all = new ArrayList<>();
    for (JobCompletion completion :
        List.of(JobCompletion.JOB_COMPLETION_PIVOT, JobCompletion.JOB_COMPLETION_KEEP)) {
      for (JournalStep step : steps(completion)) {
        for (Moment moment : Moment.values()) {
          for (Victim victim : Victim.values()) {
            all.add(Arguments.of(completion, moment, step, victim));
          }
        }
      }
    }
    return all.stream();
  }

  private static List<JournalStep> steps(JobCompletion completion) {
    return completion == JobCompletion.JOB_COMPLETION_PIVOT
        ? List.of(JournalStep.END_REQUESTED, JournalStep.DECIDED, JournalStep.SETTLED)
        : List.of(JournalStep.END_REQUESTED, JournalStep.FINALIZING);
  }

  @ParameterizedTest(name = "{0}, {1} {2}: {3} dies")
  @MethodSource("everyStep")
  void bothEndAsOne(JobCompletion completion, Moment moment, JournalStep step, Victim victim)
      throws Exception {
    try (BlockBench bench = BlockBench.withTwoDisks(directory, SIZE)) {
      bench.run();
      List<Job> jobs = List.of(ready(bench, "vda"), ready(bench, "vdb"));
      bench.guestWrites("vda", 0xe1, 5);
      bench.guestWrites("vdb", 0xe2, 6);
      bench.store().strike(moment, step, () -> victim.die(bench));

      CompletableFuture<Boolean> call =
          CompletableFuture.supplyAsync(
              () -> complete(bench, jobs, completion), Thread::startVirtualThread);
      bench.store().struck().get(60, TimeUnit.SECONDS);
      victim.goOn(bench);
      if (victim == Victim.HYPERVISOR) {
        call.get(60, TimeUnit.SECONDS);
      }

      boolean ordered = moment == Moment.AFTER || step != JournalStep.END_REQUESTED;
      if (bench.qemuAlive() && !ordered) {
        assertThat(jobs).allSatisfy(job -> bench.await(job.getId(), GroupCrashIT::ready));
        assertThat(complete(bench, jobs, completion)).isTrue();
      }
      jobs.forEach(job -> bench.awaitEnd(job.getId()));
      assertThat(bench.journalEntries()).isZero();
      assertOneTruth(bench, completion);
      if (bench.qemuAlive()) {
        await().atMost(BlockBench.PATIENCE).until(bench::runs);
        assertThat(bench.live().processors().held()).isFalse();
        assertThat(bench.qemuJobs()).isEmpty();
        assertThat(bench.formatNodes()).isEqualTo(nodes(bench));
      }
      bench.assertNothingLost();
    }
  }

  private static boolean ready(Job job) {
    return job.getState() == JobState.JOB_STATE_READY;
  }

  private static Job ready(BlockBench bench, String disk) {
    Job job =
        bench
            .blockJobs()
            .commit(
                bench.call(),
                BlockCommitRequest.newBuilder()
                    .setDomain(BlockBench.DOMAIN)
                    .setDisk(disk)
                    .setActive(true)
                    .build());
    return bench.await(job.getId(), GroupCrashIT::ready);
  }

  /** True where the call was answered. */
  private static boolean complete(BlockBench bench, List<Job> jobs, JobCompletion completion) {
    try {
      var _ =
          bench
              .groups()
              .complete(
                  bench.call(),
                  CompleteJobsRequest.newBuilder()
                      .addAllJobIds(jobs.stream().map(Job::getId).toList())
                      .setCompletion(completion)
                      .build());
      return true;
    } catch (DriverException | DaemonDeath e) {
      return false;
    }
  }

  private static void assertOneTruth(BlockBench bench, JobCompletion completion) {
    List<Job> jobs = bench.jobList();
    assertThat(jobs).allMatch(job -> JobTransitions.terminal(job.getState()));
    assertThat(jobs.stream().map(Job::getState).distinct()).as(jobs.toString()).hasSize(1);
    boolean pivoted =
        jobs.getFirst().getState() == JobState.JOB_STATE_SUCCEEDED
            && completion == JobCompletion.JOB_COMPLETION_PIVOT;
    for (Job job : jobs) {
      assertThat(job.getResult().getPivoted()).isEqualTo(pivoted);
      assertThat(bench.definedSource(job.getDisk()).getPath())
          .isEqualTo(bench.images(job.getDisk()).path(pivoted ? "base" : "active").toString());
    }
  }

  private static Object nodes(BlockBench bench) {
    return bench.live().disks().stream()
        .flatMap(disk -> disk.images().stream())
        .map(ImageNode::formatNode)
        .collect(Collectors.toSet());
  }
}
