package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.CallContext;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.JobTurn;
import dev.drover.spi.activity.Work;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.StartDomainRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the driver does for a job is told as done for that job (R21). */
class JobTraceIT {

  private static final String TRACEPARENT =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final QemuWorld world = new QemuWorld();
  private final TurnBook turns = new TurnBook();
  private Driver driver = open(DriverLimits.NONE);

  /** A turn of a job, with the commands that were begun in it. */
  private record Turn(Job job, List<String> steps, List<String> commands) {}

  /** Remembers turns, and what each thread begins while it is in one. */
  private static final class TurnBook implements Activities {

    private final List<Turn> all = new CopyOnWriteArrayList<>();
    private final ThreadLocal<List<Turn>> current = ThreadLocal.withInitial(ArrayList::new);

    @Override
    public Activity begin(Work work) {
      if (work instanceof Work.Command command) {
        current.get().forEach(turn -> turn.commands().add(command.command()));
      }
      return Activity.UNOBSERVED;
    }

    @Override
    public JobTurn turn(Job job) {
      Turn turn = new Turn(job, new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>());
      all.add(turn);
      current.get().add(turn);
      return new JobTurn() {
        @Override
        public void reached(String step) {
          turn.steps().add(step);
        }

        @Override
        public void close() {
          current.get().remove(turn);
        }
      };
    }

    List<Turn> that(String jobId, String step) {
      return all.stream()
          .filter(turn -> turn.job().getId().equals(jobId) && turn.steps().contains(step))
          .toList();
    }
  }

  @AfterEach
  void endEveryQemu() {
    driver.close();
    world.close();
  }

  private Driver open(DriverLimits limits) {
    DriverContext lent = world.context();
    return new QemuDriverProvider()
        .open(
            new DriverContext(
                lent.mode(),
                lent.store(),
                lent.clock(),
                lent.events(),
                turns,
                lent.blocking(),
                lent.timers(),
                lent.stateDirectory(),
                lent.runtimeDirectory(),
                lent.settings(),
                limits));
  }

  private CallContext traced() {
    CallContext call = world.call();
    return new CallContext(
        call.caller(), call.callId(), call.deadline(), call.cancelled(), TRACEPARENT);
  }

  /** A held domain on an image above one with data. */
  private void domain(String name) {
    Path base = world.qcow2(name + "-base.qcow2");
    world.program("qemu-io", "-c", "write -P 7 0 4M", base.toString());
    Path top = world.overlay(name + ".qcow2", base.toString(), "qcow2");
    var _ =
        driver
            .domains()
            .define(
                world.call(),
                DefineDomainRequest.newBuilder().setSpec(QemuWorld.spec(name, top)).build());
    var _ =
        driver
            .domains()
            .start(
                world.call(),
                StartDomainRequest.newBuilder()
                    .setDomain(QemuWorld.ref(name))
                    .setPaused(true)
                    .build());
  }

  private void await(String jobId, JobState wanted) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> driver.jobs().orElseThrow().get(jobId).orElseThrow().getState() == wanted);
  }

  @Test
  void whatADaemonDoesForAJobOfTheOneBeforeItBelongsToTheSameCall() { // R2
    domain("one");
    Job job =
        driver
            .blockJobs()
            .orElseThrow()
            .commit(
                traced(),
                BlockCommitRequest.newBuilder()
                    .setDomain(QemuWorld.ref("one"))
                    .setDisk("vda")
                    .setActive(true)
                    .build());
    await(job.getId(), JobState.JOB_STATE_READY);
    Awaitility.await().atMost(PATIENCE).until(() -> turns.that(job.getId(), "READY").size() == 1);
    driver.close();
    turns.all.clear();

    driver = open(DriverLimits.NONE);
    var _ =
        driver
            .jobs()
            .orElseThrow()
            .complete(
                world.call(),
                CompleteJobRequest.newBuilder()
                    .setJobId(job.getId())
                    .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                    .build());
    assertThat(turns.all)
        .isNotEmpty()
        .allSatisfy(turn -> assertThat(turn.job().getTraceparent()).isEqualTo(TRACEPARENT));
    // The caller is told within the turn.
    Awaitility.await().atMost(PATIENCE).until(() -> turns.that(job.getId(), "ENDED").size() == 1);
    assertThat(turns.all.stream().flatMap(turn -> turn.commands().stream()))
        .contains("job-complete", "job-finalize", "job-dismiss");
  }

  @Test
  void aJobWhoseTurnHasComeIsStartedForTheCallThatWaited() { // R29
    domain("one");
    domain("two");
    driver.close();
    driver = open(new DriverLimits(0, 1, 0, 0));
    Job first = pull("one");
    Job second = pull("two");
    assertThat(second.hasQueuePlace()).isTrue();
    var _ =
        driver
            .jobs()
            .orElseThrow()
            .cancel(world.call(), CancelJobRequest.newBuilder().setJobId(first.getId()).build());
    await(second.getId(), JobState.JOB_STATE_RUNNING);
    assertThat(turns.that(second.getId(), "INTENT"))
        .singleElement()
        .satisfies(
            turn -> {
              assertThat(turn.job().getTraceparent()).isEqualTo(TRACEPARENT);
              assertThat(turn.commands()).contains("block-stream");
            });
  }

  private Job pull(String domain) {
    return driver
        .blockJobs()
        .orElseThrow()
        .pull(
            traced(),
            BlockPullRequest.newBuilder()
                .setDomain(QemuWorld.ref(domain))
                .setDisk("vda")
                .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(65536))
                .build());
  }
}
