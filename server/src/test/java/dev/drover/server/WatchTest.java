package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.DomainRef;
import dev.drover.v1.EventKind;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.JobState;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchType;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R6: watch streams as clients see them. */
class WatchTest {

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();

  private static Iterator<WatchResponse> watch(RunningDaemon daemon, WatchRequest request) {
    return EventServiceGrpc.newBlockingStub(daemon.channel())
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .watch(request);
  }

  @Test
  void beginsWithTheStateAndGoesOnWithEventsInOrder() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      provider.driver().put("web");
      var stream = watch(daemon, WatchRequest.getDefaultInstance());
      assertThat(stream.next().getResync().getReason())
          .isEqualTo(ResyncReason.RESYNC_REASON_INITIAL);
      assertThat(stream.next().getExisting().getDomain().getSpec().getName()).isEqualTo("web");
      WatchResponse complete = stream.next();
      assertThat(complete.getBookmark().getStateComplete()).isTrue();
      provider.driver().put("db");
      provider.driver().put("mail");
      WatchResponse first = stream.next();
      WatchResponse second = stream.next();
      assertThat(first.getEvent().getObject().getDomain().getSpec().getName()).isEqualTo("db");
      assertThat(second.getEvent().getObject().getDomain().getSpec().getName()).isEqualTo("mail");
      assertThat(first.getRevision()).isGreaterThan(complete.getRevision());
      assertThat(second.getRevision()).isGreaterThan(first.getRevision());
    }
  }

  @Test
  void resumesAfterTheRevisionReceivedLast() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      var stream = watch(daemon, WatchRequest.getDefaultInstance());
      stream.next();
      long revision = stream.next().getRevision();
      provider.driver().put("web");
      var resumed = watch(daemon, WatchRequest.newBuilder().setResumeRevision(revision).build());
      assertThat(resumed.next().getEvent().getKind())
          .isEqualTo(EventKind.EVENT_KIND_DOMAIN_DEFINED);
    }
  }

  @Test
  void aRevisionOfAnEarlierDaemonIsTooOldAndRevisionsNeverDecrease() {
    long revision;
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      var stream = watch(daemon, WatchRequest.newBuilder().setLiveOnly(true).build());
      assertThat(stream.next().hasBookmark()).isTrue();
      provider.driver().put("web");
      revision = stream.next().getRevision();
    }
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      var resumed = watch(daemon, WatchRequest.newBuilder().setResumeRevision(revision).build());
      WatchResponse resync = resumed.next();
      assertThat(resync.getResync().getReason()).isEqualTo(ResyncReason.RESYNC_REASON_TOO_OLD);
      assertThat(resumed.next().getRevision()).isGreaterThan(revision);
    }
  }

  @Test
  void filtersByTypeAndDomain() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      FakeDriver driver = provider.driver();
      driver.put("web");
      driver.put("db");
      driver.put(FakeDriver.job("j", JobState.JOB_STATE_RUNNING), EventKind.EVENT_KIND_JOB_CREATED);
      var jobs =
          watch(daemon, WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_JOB).build());
      jobs.next();
      assertThat(jobs.next().getExisting().getJob().getId()).isEqualTo("j");
      assertThat(jobs.next().getBookmark().getStateComplete()).isTrue();
      var db =
          watch(
              daemon,
              WatchRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("db")).build());
      db.next();
      assertThat(db.next().getExisting().getDomain().getSpec().getName()).isEqualTo("db");
      assertThat(db.next().getBookmark().getStateComplete()).isTrue();
      driver.put("web");
      driver.put("db");
      assertThat(db.next().getEvent().getObject().getDomain().getSpec().getName()).isEqualTo("db");
    }
  }

  @Test
  void aStoppingDaemonEndsItsStreamsAndTellsSo() {
    try (RunningDaemon daemon = RunningDaemon.onSocket(directory, provider)) {
      var stream = watch(daemon, WatchRequest.getDefaultInstance());
      stream.next();
      stream.next();
      daemon.stopDaemon();
      StatusRuntimeException failure =
          catchThrowableOfType(StatusRuntimeException.class, stream::hasNext);
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("DAEMON_STOPPING");
      assertThat(provider.driver().closed()).isTrue();
    }
  }
}
