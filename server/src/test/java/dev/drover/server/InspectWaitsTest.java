package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import dev.drover.v1.CallWait;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainWait;
import dev.drover.v1.DriverWaits;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import dev.drover.v1.JobWait;
import dev.drover.v1.LaneWait;
import dev.drover.v1.QueuePlace;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.WatchRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R4: who waits for what is told while things hang. */
class InspectWaitsTest {

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();

  private static InspectWaitsResponse inspect(RunningDaemon daemon) {
    return inspect(daemon, Duration.getDefaultInstance());
  }

  private static InspectWaitsResponse inspect(RunningDaemon daemon, Duration age) {
    return HostServiceGrpc.newBlockingStub(daemon.channel())
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .inspectWaits(InspectWaitsRequest.newBuilder().setMinimumAge(age).build());
  }

  private static DriverWaits driver(InspectWaitsResponse response) {
    assertThat(response.getDriversList()).hasSize(1);
    assertThat(response.getDrivers(0).getScheme()).isEqualTo("test");
    return response.getDrivers(0);
  }

  @Test
  void aDaemonAtRestHasNothingToTell() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      provider.driver().put("web");
      InspectWaitsResponse response = inspect(daemon);
      assertThat(response.getCallsList()).isEmpty();
      assertThat(driver(response).getDomainsList()).isEmpty();
      assertThat(driver(response).getJobsList()).isEmpty();
      assertThat(driver(response).getUnreadDetail()).isEmpty();
      assertThat(response.hasTime()).isTrue();
      assertThat(response.getStore().hasWriting()).isFalse();
    }
  }

  @Test
  void aCallThatHangsIsToldWithItsCallerAndDomain() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      provider.driver().put("web");
      provider.driver().onCall(_ -> awaitQuietly(release));
      var start =
          StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();
      var hanging =
          CompletableFuture.supplyAsync(
              () -> DomainServiceGrpc.newBlockingStub(daemon.channel()).startDomain(start));
      // A stream lasts as long as its client wants, and is no news.
      var watch =
          EventServiceGrpc.newBlockingStub(daemon.channel())
              .watch(WatchRequest.getDefaultInstance());
      assertThat(watch.hasNext()).isTrue();
      await().until(() -> !provider.driver().seen().isEmpty());

      List<CallWait> calls = inspect(daemon).getCallsList();
      assertThat(calls).hasSize(1);
      CallWait call = calls.getFirst();
      assertThat(call.getMethod()).isEqualTo("drover.v1.DomainService/StartDomain");
      assertThat(call.getPrincipal()).startsWith("uid:");
      assertThat(call.getOrigin()).isNotBlank();
      assertThat(call.getDomain()).isEqualTo("web");
      assertThat(call.getCallId()).isNotBlank();
      assertThat(call.hasAge()).isTrue();
      assertThat(inspect(daemon, seconds(3600)).getCallsList()).isEmpty();

      release.countDown();
      hanging.get(20, TimeUnit.SECONDS);
      await().untilAsserted(() -> assertThat(inspect(daemon).getCallsList()).isEmpty());
    } finally {
      release.countDown();
    }
  }

  @Test
  void aJobInTheQueueIsToldWithThoseWhoHaveThePlaces() {
    // R29
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      QueuePlace place =
          QueuePlace.newBuilder().setLimit("jobs").setMaximum(1).setPosition(3).build();
      provider
          .driver()
          .putSilently(
              FakeDriver.job("j2", JobState.JOB_STATE_PENDING).toBuilder()
                  .setQueuePlace(place)
                  .build());
      provider.driver().placeHolders().put("j2", List.of("j1"));
      JobWait wait = driver(inspect(daemon)).getJobs(0);
      assertThat(wait.getQueuePlace()).isEqualTo(place);
      assertThat(wait.getPlaceHolderJobIdsList()).containsExactly("j1");
    }
  }

  @Test
  void commandsAndLanesAreToldByDomain() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      var activities = provider.driver().context().activities();
      activities.begin(new Work.LaneHeld("u1", "web", "commit of vda"));
      activities.begin(new Work.LaneAwaited("u1", "web", "start"));
      Activity oldest = activities.begin(new Work.Command("u1", "web", "query-status"));
      oldest.gaveUp();
      Activity younger = activities.begin(new Work.Command("u1", "web", "stop"));
      activities.begin(new Work.Command("", "", "query-version"));

      List<DomainWait> domains = driver(inspect(daemon)).getDomainsList();
      assertThat(domains).extracting(DomainWait::getName).containsExactly("", "web");
      DomainWait web = domains.getLast();
      assertThat(web.getUuid()).isEqualTo("u1");
      assertThat(web.getOldestCommand().getCommand()).isEqualTo("query-status");
      assertThat(web.getOldestCommand().getGivenUp()).isTrue();
      assertThat(web.getCommands()).isEqualTo(2);
      assertThat(web.getLane().getOperation()).isEqualTo("commit of vda");
      assertThat(web.getWaitingList()).extracting(LaneWait::getOperation).containsExactly("start");

      oldest.end(Activity.Outcome.DONE);
      younger.end(Activity.Outcome.DONE);
      assertThat(driver(inspect(daemon)).getDomainsList().getLast().hasOldestCommand()).isFalse();
      assertThat(driver(inspect(daemon, seconds(3600))).getDomainsList()).isEmpty();
    }
  }

  @Test
  void aDomainThatDoesNotAnswerIsToldWithTheReason() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      provider.driver().putUnresponsive("web", "no answer to query-status");
      DomainWait web = driver(inspect(daemon, seconds(3600))).getDomains(0);
      assertThat(web.getName()).isEqualTo("web");
      assertThat(web.getUnresponsive()).isTrue();
      assertThat(web.getUnresponsiveDetail()).isEqualTo("no answer to query-status");
    }
  }

  @Test
  void jobsThatStandStillAreTold() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      FakeDriver driver = provider.driver();
      Job blocked =
          FakeDriver.job("blocked", JobState.JOB_STATE_READY).toBuilder()
              .setBlocked(true)
              .setBlockedReason(ErrorReason.ERROR_REASON_NO_SPACE)
              .setBlockedDetail("the disk is full")
              .build();
      driver.put(blocked, EventKind.EVENT_KIND_JOB_CREATED);
      driver.put(
          FakeDriver.job("ready", JobState.JOB_STATE_READY), EventKind.EVENT_KIND_JOB_CREATED);
      driver.put(
          FakeDriver.job("over", JobState.JOB_STATE_FAILED),
          EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      driver.put(
          FakeDriver.job("runs", JobState.JOB_STATE_RUNNING), EventKind.EVENT_KIND_JOB_CREATED);

      List<JobWait> all = driver(inspect(daemon)).getJobsList();
      assertThat(all).extracting(JobWait::getId).containsExactlyInAnyOrder("blocked", "runs");
      assertThat(driver(inspect(daemon, seconds(3600))).getJobsList())
          .as("a blocked job is told however young that is")
          .extracting(JobWait::getBlockedDetail)
          .containsExactly("the disk is full");
    }
  }

  /** Telling the same again is no move; getting further is. */
  @Test
  void aJobMovesWhenItGetsFurther() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      Job job = FakeDriver.job("j", JobState.JOB_STATE_RUNNING);
      provider.driver().put(job, EventKind.EVENT_KIND_JOB_CREATED);
      long created = System.nanoTime();
      provider.driver().put(job, EventKind.EVENT_KIND_JOB_PROGRESSED);
      java.time.Duration first = still(daemon);
      await().until(() -> still(daemon).compareTo(first.plusMillis(50)) > 0);
      provider
          .driver()
          .put(
              job.toBuilder().setProgress(JobProgress.newBuilder().setOffsetBytes(1)).build(),
              EventKind.EVENT_KIND_JOB_PROGRESSED);
      long since = System.nanoTime() - created;
      assertThat(still(daemon)).isLessThan(java.time.Duration.ofNanos(since));
    }
  }

  private static java.time.Duration still(RunningDaemon daemon) {
    Duration age = driver(inspect(daemon)).getJobs(0).getAge();
    return java.time.Duration.ofSeconds(age.getSeconds(), age.getNanos());
  }

  /** Not even a driver whose model hangs, which none may do, holds the answer up. */
  @Test
  void aModelThatHangsIsToldAndTheRestIsThere() {
    CountDownLatch release = new CountDownLatch(1);
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      provider.driver().onList(() -> awaitQuietly(release));
      provider.driver().context().activities().begin(new Work.Command("u", "web", "stop"));
      DriverWaits driver = driver(inspect(daemon));
      assertThat(driver.getUnreadDetail()).contains("could not be read");
      assertThat(driver.getDomains(0).getOldestCommand().getCommand()).isEqualTo("stop");
      release.countDown();
    } finally {
      release.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 86_401})
  void anAgeOutOfRangeIsRefused(long seconds) {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class, () -> inspect(daemon, seconds(seconds)));
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("OUT_OF_RANGE");
      assertThat(RunningDaemon.info(failure).getMetadataMap())
          .containsEntry("field", "minimum_age");
    }
  }

  private static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
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
