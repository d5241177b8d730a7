package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import io.grpc.Status;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JobHandleTest { // R1, R19
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String JOB = FakeBlocks.JOB;

  private final FakeDaemon daemon = new FakeDaemon();
  private final Drover drover = daemon.connect();
  private JobHandle job;

  @BeforeEach
  void startJob() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
    job =
        drover
            .domain("web")
            .disk("vda")
            .commit()
            .active()
            .base("/images/base.raw")
            .bandwidth(Bandwidth.newBuilder().setMebibytesPerSecond(5).build())
            .thenComplete(JobCompletion.JOB_COMPLETION_PIVOT)
            .start();
  }

  @AfterEach
  void close() throws InterruptedException {
    job.close();
    drover.close();
    daemon.close();
  }

  @Test
  void theDescriptionBecomesTheRequest() { // C1, D1, D7
    assertThat(daemon.blocks.commits)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getDomain().getName()).isEqualTo("web");
              assertThat(request.getDisk()).isEqualTo("vda");
              assertThat(request.getActive()).isTrue();
              assertThat(request.getBase()).isEqualTo("/images/base.raw");
              assertThat(request.hasTop()).isFalse();
              assertThat(request.getBandwidth().getMebibytesPerSecond()).isEqualTo(5);
              assertThat(request.getAutoComplete()).isEqualTo(JobCompletion.JOB_COMPLETION_PIVOT);
              assertThat(request.getRequestId()).isNotEmpty();
              assertThat(request.getValidateOnly()).isFalse();
            });
  }

  @Test
  void validatingStartsNothing() {
    drover.domain("web").disk("vda").commit().validate();

    assertThat(daemon.blocks.commits.getLast().getValidateOnly()).isTrue();
  }

  @Test
  void progressIsToldUntilTheEnd() {
    List<Long> offsets = new CopyOnWriteArrayList<>();
    job.onProgress(seen -> offsets.add(seen.getProgress().getOffsetBytes()));
    await().until(() -> daemon.jobs.watchers(JOB) == 1);

    daemon.jobs.progress(JOB, 10, 100);
    daemon.jobs.progress(JOB, 60, 100);
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);

    assertThat(job.await(LONG).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(offsets).containsExactly(0L, 10L, 60L, 60L);
    assertThat(job.latest().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void readyIsAState() { // R5
    assertThat(job.ready()).isNotDone();
    await().until(() -> daemon.jobs.watchers(JOB) == 1);
    daemon.jobs.progress(JOB, 100, 100);
    daemon.jobs.move(JOB, JobState.JOB_STATE_READY);

    assertThat(job.awaitReady(LONG).getState()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(job.ended()).isNotDone();
    assertThat(job.complete(JobCompletion.JOB_COMPLETION_PIVOT).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(daemon.jobs.completions.getLast().getWaitReady()).isFalse();
  }

  @Test
  void completingTooEarlyIsRefused() { // D10
    assertThat(
            catchThrowableOfType(
                    DroverException.class, () -> job.complete(JobCompletion.JOB_COMPLETION_PIVOT))
                .reason())
        .isEqualTo(ErrorReason.ERROR_REASON_JOB_NOT_READY);
  }

  @Test
  void aFailedJobThrowsItsOwnError() {
    daemon.jobs.change(
        JOB,
        failed ->
            failed
                .setState(JobState.JOB_STATE_FAILED)
                .setError(
                    FakeDaemon.status(
                        ErrorReason.ERROR_REASON_JOB_IO_ERROR,
                        Status.Code.ABORTED,
                        "Disk 'vda': I/O error",
                        Map.of("job", JOB))));

    DroverException failure = catchThrowableOfType(DroverException.class, () -> job.await(LONG));

    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_JOB_IO_ERROR);
    assertThat(failure.code()).isEqualTo(ErrorCode.ABORTED);
    assertThat(failure).hasMessage("Disk 'vda': I/O error");
    assertThat(failure.metadata()).containsEntry("job", JOB);
    assertThat(job.ended().join().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
  }

  @Test
  void aCancelledJobIsNoSuccess() {
    assertThat(job.cancel().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);

    assertThat(catchThrowableOfType(DroverException.class, () -> job.await(LONG)).reason())
        .isEqualTo(ErrorReason.ERROR_REASON_JOB_CANCELLED);
  }

  @Test
  void theEndOfPatienceIsNotTheEndOfTheJob() { // R2
    DroverException failure =
        catchThrowableOfType(DroverException.class, () -> job.await(Duration.ofMillis(20)));

    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED);
    assertThat(failure).hasMessageContaining("it goes on");
    assertThat(job.refresh().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void followingSurvivesARestartOfTheDaemon() throws InterruptedException { // R7
    List<DroverException> lost = new CopyOnWriteArrayList<>();
    job.onConnectionLost(lost::add);
    List<Job> seen = new CopyOnWriteArrayList<>();
    job.onProgress(seen::add);
    await().until(() -> seen.size() == 1);

    daemon.stop();
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);
    daemon.start();

    assertThat(job.await(LONG).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lost).hasSize(1);
  }

  @Test
  void closingTheHandleEndsTheFuturesOnly() {
    var ended = job.ended();

    job.close();

    assertThatExceptionOfType(CompletionException.class).isThrownBy(ended::join);
    assertThat(drover.jobs().get(JOB).latest().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void closingTheHandleOrTheConnectionEndsAWait() {
    assertThat(closedWhileAwaited(job::close).code()).isEqualTo(ErrorCode.CANCELLED);

    job = drover.jobs().get(JOB);
    DroverException failure = closedWhileAwaited(drover::close);
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_CALL_CANCELLED);
    assertThat(failure).hasMessageContaining("it goes on");
  }

  private DroverException closedWhileAwaited(Runnable close) {
    Thread closer =
        Thread.ofVirtual()
            .start(
                () -> {
                  await().until(() -> daemon.jobs.watchers(JOB) == 1);
                  close.run();
                });
    DroverException failure = catchThrowableOfType(DroverException.class, () -> job.await(LONG));
    await().until(() -> !closer.isAlive() && daemon.jobs.watchers(JOB) == 0);
    return failure;
  }

  @Test
  void aListenerThatComesLateIsToldTheNewest() { // R19
    List<JobState> first = new CopyOnWriteArrayList<>();
    List<JobState> late = new CopyOnWriteArrayList<>();
    job.onProgress(now -> first.add(now.getState()));
    await().until(() -> first.size() == 1);

    job.onProgress(now -> late.add(now.getState()));
    assertThat(late).containsExactly(JobState.JOB_STATE_RUNNING);
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);
    job.await(LONG);
    List<JobState> afterTheEnd = new CopyOnWriteArrayList<>();
    job.onProgress(now -> afterTheEnd.add(now.getState()));

    assertThat(first)
        .containsExactly(JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_SUCCEEDED)
        .isEqualTo(late);
    assertThat(afterTheEnd).containsExactly(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void whatAListenerThrowsEndsTheWait() {
    job.onProgress(
        _ -> {
          throw new IllegalArgumentException("mine");
        });

    assertThatIllegalStateException()
        .isThrownBy(() -> job.await(LONG))
        .withCauseInstanceOf(IllegalArgumentException.class)
        .withMessageContaining("listener");
  }

  @Test
  void theLongestSpanThereIsIsNoLimit() {
    daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);

    assertThat(job.await(ChronoUnit.FOREVER.getDuration()).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void theJobThatHoldsADiskIsFoundByTargetAndBySource() {
    assertThat(drover.domain("web").disk("vda").activeJob()).isEmpty();
    daemon.blocks.hold(JOB);

    assertThat(drover.domain("web").disk("vda").activeJob().orElseThrow().id()).isEqualTo(JOB);
    assertThat(drover.domain("web").disk("/images/two.qcow2").activeJob().orElseThrow().id())
        .isEqualTo(JOB);
    assertThat(
            catchThrowableOfType(
                    DroverException.class, () -> drover.domain("web").disk("vdz").activeJob())
                .reason())
        .isEqualTo(ErrorReason.ERROR_REASON_DISK_NOT_FOUND);
  }

  @Test
  void speedIsChangedLive() { // R19
    job.setSpeed(Bandwidth.newBuilder().setBytesPerSecond(4096).build());

    assertThat(daemon.jobs.speeds.getLast().getBandwidth().getBytesPerSecond()).isEqualTo(4096);
  }
}
