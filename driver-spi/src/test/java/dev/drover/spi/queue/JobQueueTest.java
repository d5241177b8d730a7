package dev.drover.spi.queue;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.FakeTime;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs beyond a limit wait for their turn, and lose nothing meanwhile (R29). */
class JobQueueTest {

  private static final DriverLimits ONE = new DriverLimits(0, 1, 0, 0);

  private final MemoryStore store = new MemoryStore();
  private final FakeTime time = new FakeTime();
  private QueueBench bench = new QueueBench(store, time, ONE);

  @AfterEach
  void end() {
    bench.close();
  }

  private void restart(DriverLimits limits) {
    bench.close();
    bench = new QueueBench(store, time, limits);
  }

  @Test
  void aJobBeyondTheLimitWaitsAndBeginsWhenAPlaceIsFree() {
    Job first = bench.pull("ann", "one", "j1");
    Job second = bench.pull("ann", "two", "j2");
    assertThat(first.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(first.hasQueuePlace()).isFalse();
    assertThat(second.getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(second.getQueuePlace()).isEqualTo(place("jobs", 1, 1));
    assertThat(bench.queue.holders("j2")).containsExactly("j1");
    assertThat(bench.queue.holders("j1")).isEmpty();

    bench.end("j1");
    Job begun = bench.awaitState("j2", JobState.JOB_STATE_RUNNING);
    assertThat(begun.hasQueuePlace()).isFalse();
    assertThat(begun.getOwner()).isEqualTo("ann");
    assertThat(begun.getCreateTime()).isEqualTo(second.getCreateTime());
    assertThat(store.list("job-queue")).isEmpty();
  }

  @Test
  void withoutLimitsNothingWaits() {
    restart(DriverLimits.NONE);
    for (int i = 0; i < 20; i++) {
      assertThat(bench.pull("ann", "domain" + i, "").getState())
          .isEqualTo(JobState.JOB_STATE_RUNNING);
    }
  }

  @Test
  void aMirrorThatIsReadyHasNoPlace() {
    // Else mirrors that wait for each other to be READY would wait for ever (D15).
    var _ = bench.mirror("one", "m1", Convergence.getDefaultInstance());
    var _ = bench.pull("ann", "two", "j2");
    var _ = bench.book.advance("m1", JobState.JOB_STATE_READY, _ -> {}, _ -> {});
    bench.awaitState("j2", JobState.JOB_STATE_RUNNING);
    assertThat(bench.book.require("m1").getState()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Test
  void aStartThatNeedNotWaitIsPlannedOnce() {
    // A plan reads chains and asks the hypervisor: twice would be twice as slow.
    var _ = bench.pull("ann", "one", "j1");
    var _ = bench.pull("ann", "two", "j2");
    assertThat(bench.plans).containsExactly("one", "two");
    bench.end("j1");
    bench.awaitState("j2", JobState.JOB_STATE_RUNNING);
    assertThat(bench.plans)
        .as("at its turn it is planned anew")
        .containsExactly("one", "two", "two");
  }

  @Test
  void turnsGoRoundBetweenCallers() {
    var _ = bench.pull("ann", "one", "a1");
    for (int i = 2; i < 5; i++) {
      var _ = bench.pull("ann", "ann" + i, "a" + i);
    }
    var _ = bench.pull("bob", "bob", "b1");
    assertThat(bench.await("b1", job -> job.getQueuePlace().getPosition() == 1)).isNotNull();
    bench.await("a2", job -> job.getQueuePlace().getPosition() == 2);

    bench.end("a1");
    bench.awaitState("b1", JobState.JOB_STATE_RUNNING);
    bench.end("b1");
    bench.awaitState("a2", JobState.JOB_STATE_RUNNING);
    assertThat(bench.begun).containsExactly("a1", "b1", "a2");
    assertThat(bench.book.require("a3").getState()).isEqualTo(JobState.JOB_STATE_PENDING);
  }

  @Test
  void aFullStoreHoldsBackItsOwnJobsAlone() {
    restart(new DriverLimits(0, 0, 1, 0));
    var _ = bench.pull("ann", "one", "j1", "/fast/one");
    Job same = bench.pull("ann", "two", "j2", "/fast/two");
    Job other = bench.pull("ann", "three", "j3", "/slow/three");
    assertThat(same.getQueuePlace())
        .isEqualTo(place("jobs_per_store", 1, 1).toBuilder().setStore("/fast").build());
    assertThat(other.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(bench.queue.holders("j2")).containsExactly("j1");
    bench.end("j1");
    bench.awaitState("j2", JobState.JOB_STATE_RUNNING);
  }

  @Test
  void whatCannotBeStartedIsRefusedAtOnce() {
    var _ = bench.pull("ann", "one", "j1");
    var _ = bench.pull("ann", "two", "j2");
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> bench.pull("bob", "two", "j3"));
    assertThat(bench.book.list()).hasSize(2);
  }

  @Test
  void aRepeatedCallAnswersTheJobThatWaits() {
    // R1, R7
    var _ = bench.pull("ann", "one", "j1");
    Job waiting = bench.pull("ann", "two", "j2");
    Job again = bench.pull("ann", "two", "j2");
    assertThat(again.getId()).isEqualTo(waiting.getId());
    assertThat(bench.book.list()).hasSize(2);
    refused(ErrorReason.ERROR_REASON_JOB_ID_REUSED, () -> bench.pull("ann", "three", "j2"));
    BlockPullRequest request = QueueBench.request("four", "").setRequestId("r").build();
    Job made = bench.queue.start(bench.call("ann"), new StartRequest.Pull(request));
    Job repeated = bench.queue.start(bench.call("ann"), new StartRequest.Pull(request));
    assertThat(repeated.getId()).isEqualTo(made.getId());
  }

  @Test
  void aJobThatWaitsIsCancelledAndNeverBegins() {
    var _ = bench.pull("ann", "one", "j1");
    var _ = bench.pull("ann", "two", "j2");
    Job cancelled = bench.queue.cancel("j2").orElseThrow();
    assertThat(cancelled.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(cancelled.getError())
        .isEqualTo(
            ErrorStatus.status(
                DriverException.of(
                    ErrorReason.ERROR_REASON_JOB_CANCELLED,
                    cancelled.getError().getMessage(),
                    "job",
                    "j2")));
    assertThat(cancelled.hasQueuePlace()).isFalse();
    assertThat(cancelled.getResult().getChainAfterList())
        .isEqualTo(cancelled.getResult().getChainBeforeList());
    assertThat(bench.queue.cancel("j2")).isEmpty();
    assertThat(bench.queue.cancel("j1")).isEmpty();

    var _ = bench.pull("ann", "three", "j3");
    bench.end("j1");
    bench.awaitState("j3", JobState.JOB_STATE_RUNNING);
    assertThat(bench.begun).containsExactly("j1", "j3");
  }

  @Test
  void aJobThatWaitsOutlivesTheDaemon() {
    // R2
    var _ = bench.pull("ann", "one", "j1");
    Job waiting = bench.pull("bob", "two", "j2");
    var _ = bench.pull("bob", "three", "j3");
    restart(ONE);
    assertThat(bench.book.require("j2").getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(bench.pull("bob", "two", "j2").getId()).isEqualTo("j2");
    bench.end("j1");
    Job begun = bench.awaitState("j2", JobState.JOB_STATE_RUNNING);
    assertThat(begun.getOwner()).isEqualTo("bob");
    assertThat(begun.getCreateTime()).isEqualTo(waiting.getCreateTime());
    assertThat(bench.begun).containsExactly("j2");
  }

  @Test
  void aHigherLimitAfterARestartLetsThemBegin() {
    var _ = bench.pull("ann", "one", "j1");
    var _ = bench.pull("ann", "two", "j2");
    restart(DriverLimits.NONE);
    bench.awaitState("j2", JobState.JOB_STATE_RUNNING);
  }

  @Test
  void whatTheDaemonDiedInTheMiddleOfIsLeftToTheDriver() {
    // R2: the journal tells what became of it, and it must not be started a second time.
    var _ = bench.pull("ann", "one", "j1");
    var _ = bench.pull("ann", "two", "j2");
    bench.refuse(QueueBench.Refusing.DAEMON_DIES);
    bench.end("j1");
    bench.await("j2", job -> !job.hasQueuePlace());
    restart(ONE);
    assertThat(bench.book.require("j2").getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(bench.queue.cancel("j2")).isEmpty();
    var _ = bench.book.advance("j2", JobState.JOB_STATE_FAILED, _ -> {}, _ -> {});
    assertThat(bench.pull("ann", "two", "j3").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(bench.begun).containsExactly("j3");
    assertThat(store.list("job-queue")).isEmpty();
  }

  @Test
  void aStartThatIsRefusedAtItsTurnEndsTheJob() {
    for (QueueBench.Refusing where :
        List.of(QueueBench.Refusing.PLAN, QueueBench.Refusing.HYPERVISOR)) {
      String id = where.name();
      bench.refuse(QueueBench.Refusing.NOTHING);
      var _ = bench.pull("ann", "one", "first " + id);
      var _ = bench.pull("ann", "two", id);
      bench.refuse(where);
      bench.end("first " + id);
      Job failed = bench.awaitState(id, JobState.JOB_STATE_FAILED);
      assertThat(failed.getError()).isEqualTo(ErrorStatus.status(QueueBench.refusal()));
      assertThat(failed.hasQueuePlace()).isFalse();
    }
    bench.refuse(QueueBench.Refusing.NOTHING);
    assertThat(bench.pull("ann", "one", "last").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(store.list("job-queue")).isEmpty();
  }

  @Test
  void aDirectStartThatIsRefusedLeavesItsPlaceAndNoRecord() {
    bench.refuse(QueueBench.Refusing.HYPERVISOR);
    refused(ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED, () -> bench.pull("ann", "one", "j1"));
    assertThat(bench.book.list()).isEmpty();
    bench.refuse(QueueBench.Refusing.NOTHING);
    assertThat(bench.pull("ann", "one", "j1").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void theDeadlineOfAMirrorHoldsInTheQueueToo() {
    // R19
    var _ = bench.pull("ann", "one", "j1");
    Convergence minute =
        Convergence.newBuilder().setDeadline(ProtoTimes.duration(Duration.ofMinutes(1))).build();
    var _ = bench.mirror("two", "m1", minute);
    var _ = bench.pull("ann", "three", "j2");
    bench.pass(Duration.ofMinutes(1));
    Job failed = bench.awaitState("m1", JobState.JOB_STATE_FAILED);
    assertThat(failed.getError().getMessage()).contains("was not READY within");
    assertThat(bench.book.require("j2").getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(bench.begun).containsExactly("j1");
  }

  @Test
  void tooManyThatWaitAreRefused() {
    restart(new DriverLimits(0, 1, 0, 2));
    var _ = bench.pull("ann", "one", "j1");
    var _ = bench.pull("ann", "two", "j2");
    var _ = bench.pull("ann", "three", "j3");
    DriverException failure =
        refused(ErrorReason.ERROR_REASON_LIMIT_EXCEEDED, () -> bench.pull("bob", "four", "j4"));
    assertThat(failure.metadata()).containsEntry("limit", "queued_jobs");
    assertThat(failure.metadata()).containsEntry("maximum", "2");
    assertThat(bench.book.list()).hasSize(3);
  }

  @Test
  void stepsOfALongerJobWaitInTheSameQueue() {
    var _ = bench.pull("ann", "one", "j1");
    Job parent = deletion();
    CompletableFuture<StepPlaces.Place> place = step(parent);
    bench.await("parent", job -> job.getQueuePlace().equals(place("jobs", 1, 1)));
    assertThat(bench.queue.holders("parent")).containsExactly("j1");
    assertThat(bench.queue.cancel("parent")).isEmpty();
    bench.end("j1");
    StepPlaces.Place given = place.join();
    assertThat(bench.book.require("parent").hasQueuePlace()).isFalse();
    assertThat(bench.pull("ann", "two", "j2").hasQueuePlace()).isTrue();
    given.close();
    bench.awaitState("j2", JobState.JOB_STATE_RUNNING);
  }

  @Test
  void aStepThatWaitsEndsWithTheJobThatNeedsIt() {
    var _ = bench.pull("ann", "one", "j1");
    Job parent = deletion();
    CompletableFuture<StepPlaces.Place> place = step(parent);
    bench.await("parent", Job::hasQueuePlace);
    var _ = bench.book.advance("parent", JobState.JOB_STATE_CANCELLING, _ -> {}, _ -> {});
    assertThatThrownBy(place::join).hasMessageContaining("was cancelled before the turn");
    assertThat(bench.book.require("parent").hasQueuePlace()).isFalse();
    bench.end("j1");
    assertThat(bench.pull("ann", "two", "j2").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void everyKindOfStartIsKeptAsItWasAsked() throws Exception {
    List<StartRequest> asked =
        List.of(
            new StartRequest.Pull(QueueBench.request("a", "j").setRequestId("r").build()),
            new StartRequest.Commit(BlockCommitRequest.newBuilder().setJobId("j").build()),
            new StartRequest.Copy(BlockCopyRequest.newBuilder().setRequestId("r").build()),
            new StartRequest.Rebase(BlockRebaseRequest.newBuilder().setDisk("vda").build()));
    for (StartRequest one : asked) {
      StartRequest kept = StartRequest.unpacked(one.packed());
      Message message = kept.message();
      assertThat(kept).isEqualTo(one);
      assertThat(kept.jobId()).isEqualTo(one.jobId());
      assertThat(kept.requestId()).isEqualTo(one.requestId());
      assertThat(one.validateOnly()).isFalse();
      assertThat(message).isEqualTo(one.message());
    }
  }

  private Job deletion() {
    var _ =
        bench.book.begin(
            new JobOrigin("bob", "parent", "", ByteString.EMPTY, ""),
            Job.newBuilder()
                .setKind(JobKind.JOB_KIND_SNAPSHOT_DELETE)
                .setDomainUuid("five")
                .build(),
            _ -> {});
    return bench.book.advance("parent", JobState.JOB_STATE_RUNNING, _ -> {}, _ -> {});
  }

  private CompletableFuture<StepPlaces.Place> step(Job parent) {
    return CompletableFuture.supplyAsync(
        () ->
            bench.queue.await(
                bench.call("bob"), parent, "step", List.of("/images/five", "/images/base")));
  }

  private static QueuePlace place(String limit, int maximum, int position) {
    return QueuePlace.newBuilder()
        .setLimit(limit)
        .setMaximum(maximum)
        .setPosition(position)
        .build();
  }
}
