package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainServiceGrpc.DomainServiceBlockingStub;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.JobState;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import dev.drover.v1.WaitJobRequest;
import dev.drover.v1.WaitJobResponse;
import dev.drover.v1.WatchJobRequest;
import dev.drover.v1.WatchJobResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of calls that passed the guards. */
class CallBehaviourTest {

  private static final StartDomainRequest START =
      StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();
  private static final StartDomainRequest START_ONCE =
      START.toBuilder().setRequestId("once").build();

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();

  private RunningDaemon start() {
    RunningDaemon daemon = RunningDaemon.inProcess(directory, provider);
    provider.driver().put("web");
    return daemon;
  }

  private static DomainServiceBlockingStub domains(RunningDaemon daemon) {
    return DomainServiceGrpc.newBlockingStub(daemon.channel());
  }

  private static StatusRuntimeException failure(RunningDaemon daemon, StartDomainRequest request) {
    return catchThrowableOfType(
        StatusRuntimeException.class, () -> domains(daemon).startDomain(request));
  }

  @Test
  void aDriversFailureArrivesWithItsReasonAndMetadata() {
    try (RunningDaemon daemon = start()) {
      provider
          .driver()
          .onCall(
              _ -> {
                throw DriverException.of(
                    ErrorReason.ERROR_REASON_IMAGE_IN_USE, "/i is in use", "path", "/i");
              });
      StatusRuntimeException failure = failure(daemon, START);
      assertThat(failure.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
      assertThat(failure.getStatus().getDescription()).isEqualTo("/i is in use");
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("IMAGE_IN_USE");
      assertThat(RunningDaemon.info(failure).getMetadataMap())
          .containsEntry("path", "/i")
          .containsEntry("libvirt_code", "87");
    }
  }

  /** A6: our own mistakes show an id and nothing else. */
  @Test
  void anUnexpectedExceptionShowsNothingButAnId() {
    try (RunningDaemon daemon = start()) {
      provider
          .driver()
          .onCall(
              _ -> {
                throw new IllegalStateException("secret detail");
              });
      StatusRuntimeException failure = failure(daemon, START);
      assertThat(failure.getStatus().getCode()).isEqualTo(Code.INTERNAL);
      assertThat(failure.getStatus().getDescription()).doesNotContain("secret");
      assertThat(RunningDaemon.info(failure).getMetadataMap().get("error_id")).hasSize(16);
    }
  }

  /** R10: a driver that does not come back keeps nobody waiting. */
  @Test
  void aSilentDriverIsNotWaitedForBeyondTheDeadline() {
    CountDownLatch release = new CountDownLatch(1);
    try (RunningDaemon daemon =
        RunningDaemon.inProcess(
            directory, plan -> plan.config(withDefaultDeadline(Duration.ofSeconds(1))), provider)) {
      provider.driver().put("web");
      provider.driver().onCall(_ -> awaitQuietly(release));
      StatusRuntimeException failure = failure(daemon, START);
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("DEADLINE_EXCEEDED");
      assertThat(failure.getStatus().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    } finally {
      release.countDown();
    }
  }

  /** R10: the usual deadline is that of calls which end by themselves. */
  @Test
  void aWaitForAJobOutlastsTheUsualDeadline() {
    CountDownLatch release = new CountDownLatch(1);
    try (RunningDaemon daemon =
        RunningDaemon.inProcess(
            directory, plan -> plan.config(withDefaultDeadline(Duration.ofMillis(1))), provider)) {
      FakeDriver driver = provider.driver();
      driver.put("web");
      driver.put(FakeDriver.job("j", JobState.JOB_STATE_RUNNING), EventKind.EVENT_KIND_JOB_CREATED);
      var waiting =
          JobServiceGrpc.newFutureStub(daemon.channel())
              .waitJob(WaitJobRequest.newBuilder().setJobId("j").build());
      driver.onCall(_ -> awaitQuietly(release));
      assertThat(RunningDaemon.info(failure(daemon, START)).getReason())
          .as("a call that began after the wait is over by its deadline")
          .isEqualTo("DEADLINE_EXCEEDED");
      driver.put(
          FakeDriver.job("j", JobState.JOB_STATE_SUCCEEDED),
          EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      assertThat(waiting).succeedsWithin(Duration.ofSeconds(20));
    } finally {
      release.countDown();
    }
  }

  @Test
  void theDriverLearnsThatItsCallerHasGone() {
    try (RunningDaemon daemon = start()) {
      CompletableFuture<Boolean> told = new CompletableFuture<>();
      CountDownLatch entered = new CountDownLatch(1);
      provider
          .driver()
          .onCall(
              seen -> {
                entered.countDown();
                await().atMost(Duration.ofSeconds(10)).until(seen.call().cancelled()::getAsBoolean);
                told.complete(true);
              });
      var future = DomainServiceGrpc.newFutureStub(daemon.channel()).startDomain(START);
      awaitQuietly(entered);
      future.cancel(true);
      assertThat(told).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  /** R7. */
  @Test
  void aRepeatedRequestIdRunsOnceAlsoAfterARestart() {
    StartDomainResponse first;
    try (RunningDaemon daemon = start()) {
      first = domains(daemon).startDomain(START_ONCE);
      assertThat(domains(daemon).startDomain(START_ONCE)).isEqualTo(first);
      assertThat(provider.driver().seen()).hasSize(1);
    }
    try (RunningDaemon daemon = start()) {
      assertThat(domains(daemon).startDomain(START_ONCE)).isEqualTo(first);
      assertThat(provider.driver().seen()).isEmpty();
      StatusRuntimeException failure =
          failure(daemon, START_ONCE.toBuilder().setPaused(true).build());
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("REQUEST_ID_REUSED");
    }
  }

  @Test
  void aRequestThatFailedMayBeRepeatedWithItsId() {
    try (RunningDaemon daemon = start()) {
      provider
          .driver()
          .onCall(
              _ -> {
                throw DriverException.of(ErrorReason.ERROR_REASON_DOMAIN_BUSY, "busy");
              });
      assertThat(RunningDaemon.info(failure(daemon, START_ONCE)).getReason())
          .isEqualTo("DOMAIN_BUSY");
      provider.driver().onCall(_ -> {});
      assertThat(domains(daemon).startDomain(START_ONCE).hasDomain()).isTrue();
    }
  }

  @Test
  void waitJobAnswersWhenTheJobEnds() {
    try (RunningDaemon daemon = start()) {
      FakeDriver driver = provider.driver();
      driver.put(FakeDriver.job("j", JobState.JOB_STATE_RUNNING), EventKind.EVENT_KIND_JOB_CREATED);
      var waiting =
          JobServiceGrpc.newFutureStub(daemon.channel())
              .waitJob(WaitJobRequest.newBuilder().setJobId("j").build());
      driver.put(
          FakeDriver.job("j", JobState.JOB_STATE_SUCCEEDED),
          EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      assertThat(waiting)
          .succeedsWithin(Duration.ofSeconds(10))
          .extracting(WaitJobResponse::getJob)
          .extracting(Job::getState)
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
  }

  /** R1: an event that never comes does not hang who waits. */
  @Test
  void waitJobFindsAnEndThatNobodyTold() {
    try (RunningDaemon daemon = start()) {
      FakeDriver driver = provider.driver();
      driver.putSilently(FakeDriver.job("j", JobState.JOB_STATE_RUNNING));
      var waiting =
          JobServiceGrpc.newFutureStub(daemon.channel())
              .waitJob(WaitJobRequest.newBuilder().setJobId("j").build());
      driver.putSilently(FakeDriver.job("j", JobState.JOB_STATE_FAILED));
      assertThat(waiting).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  @Test
  void watchJobEndsAfterTheLastState() {
    try (RunningDaemon daemon = start()) {
      FakeDriver driver = provider.driver();
      driver.put(FakeDriver.job("j", JobState.JOB_STATE_RUNNING), EventKind.EVENT_KIND_JOB_CREATED);
      Iterator<WatchJobResponse> stream =
          JobServiceGrpc.newBlockingStub(daemon.channel())
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .watchJob(WatchJobRequest.newBuilder().setJobId("j").build());
      assertThat(stream.next().getJob().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      driver.put(
          FakeDriver.job("j", JobState.JOB_STATE_CANCELLED),
          EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      assertThat(stream.next().getJob().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(stream.hasNext()).isFalse();
    }
  }

  @Test
  void waitingForAJobThatIsNotThereIsToldSo() {
    try (RunningDaemon daemon = start()) {
      var stub = JobServiceGrpc.newBlockingStub(daemon.channel());
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> stub.watchJob(WatchJobRequest.newBuilder().setJobId("x").build()).hasNext());
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("JOB_NOT_FOUND");
    }
  }

  private static DaemonConfig withDefaultDeadline(Duration deadline) {
    DaemonConfig all = ConfigReader.defaults();
    DaemonConfig.Limits limits = all.limits();
    return new DaemonConfig(
        all.defaultUri(),
        all.shutdownGrace(),
        all.logging(),
        new DaemonConfig.Limits(
            limits.messageBytes(),
            limits.callsPerConnection(),
            limits.watchers(),
            limits.eventHistory(),
            deadline,
            limits.maximumDeadline(),
            limits.requestRecords(),
            limits.requestRecordAge(),
            limits.callsPerCaller(),
            limits.driver()),
        all.keepAlive(),
        all.access(),
        all.tls(),
        all.metrics(),
        all.tracing(),
        all.drivers());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
