package dev.drover.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig.Tracing;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.JobTurn;
import dev.drover.spi.activity.Work;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.EventKind;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.StartDomainRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

/** Traces as a collector gets them (R21). */
class TracingTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CLIENT_SPAN = "b7ad6b7169203331";
  private static final String START = "drover.v1.DomainService/StartDomain";
  private static final String PULL = "drover.v1.BlockService/BlockPull";
  private static final DomainRef WEB = DomainRef.newBuilder().setName("web").build();

  /** Longest time by which a collector that hangs may hold the daemon's end up, and some more. */
  private static final Duration BOUNDED_END = Duration.ofSeconds(8);

  /** A call that waited for a collector would take seconds. */
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();

  private RunningDaemon start(Tracing tracing) {
    return RunningDaemon.inProcess(
        directory, plan -> plan.config(ConfigReader.defaults().withTracing(tracing)), provider);
  }

  private static StartDomainRequest web() {
    return StartDomainRequest.newBuilder().setDomain(WEB).build();
  }

  private static String traceparent(String flags) {
    return "00-" + TRACE + "-" + CLIENT_SPAN + "-" + flags;
  }

  @Test
  void aCallIsTracedDownToTheCommand() {
    try (Collector collector = Collector.start();
        RunningDaemon daemon = start(collector.tracing())) {
      provider.driver().put("web");
      provider
          .driver()
          .onCall(
              _ -> {
                Activities activities = provider.driver().context().activities();
                activities.begin(new Work.LaneHeld("u", "web", "start")).end(Activity.Outcome.DONE);
                activities
                    .begin(new Work.Command("u", "web", "cont"))
                    .end(Activity.Outcome.TIMED_OUT);
              });
      var _ =
          DomainServiceGrpc.newBlockingStub(daemon.with("traceparent", traceparent("01")))
              .startDomain(web());

      SentSpan call = collector.await(START);
      assertThat(call.trace()).isEqualTo(TRACE);
      assertThat(call.parent()).isEqualTo(CLIENT_SPAN);
      assertThat(call.failed()).isFalse();
      assertThat(call.attributes())
          .containsEntry("rpc.system", "grpc")
          .containsEntry("rpc.method", START)
          .containsEntry("rpc.response.status_code", "OK")
          .containsEntry("drover.domain", "web");
      SentSpan driver = collector.await("driver test");
      assertThat(driver.trace()).isEqualTo(TRACE);
      assertThat(driver.parent()).isEqualTo(call.id());
      SentSpan command = collector.await("test cont");
      assertThat(command.trace()).isEqualTo(TRACE);
      assertThat(command.parent()).isEqualTo(driver.id());
      assertThat(command.failed()).isTrue();
      assertThat(command.attributes()).containsEntry("drover.outcome", "TIMED_OUT");
      SentSpan lane = collector.await("domain held");
      assertThat(lane.parent()).isEqualTo(driver.id());
      assertThat(lane.attributes()).containsEntry("drover.operation", "start");
    }
  }

  @Test
  void aCallOfItselfBeginsATrace() {
    try (Collector collector = Collector.start();
        RunningDaemon daemon = start(collector.tracing())) {
      assertThatThrownBy(
              () ->
                  DomainServiceGrpc.newBlockingStub(daemon.channel())
                      .getDomain(GetDomainRequest.newBuilder().setDomain(WEB).build()))
          .isInstanceOf(StatusRuntimeException.class);
      SentSpan call = collector.await("drover.v1.DomainService/GetDomain");
      assertThat(call.parent()).isEmpty();
      assertThat(call.attributes()).containsEntry("drover.reason", "DOMAIN_NOT_FOUND");
      assertThat(call.failed()).as("the daemon did what it should").isFalse();
    }
  }

  /** Who sends no traceparent is asked for by sample_percent, who sends one decides. */
  @Test
  void aClientDecidesWhetherItsCallIsTraced() {
    try (Collector collector = Collector.start();
        RunningDaemon daemon = start(new Tracing(collector.tracing().endpoint(), 0))) {
      provider.driver().put("web");
      var _ = DomainServiceGrpc.newBlockingStub(daemon.channel()).startDomain(web());
      var _ =
          DomainServiceGrpc.newBlockingStub(daemon.with("traceparent", traceparent("00")))
              .startDomain(web());
      assertThat(provider.driver().seen().getLast().call().traceparent())
          .as("a job that the call begins is not traced either")
          .startsWith("00-" + TRACE)
          .endsWith("-00");
      var _ =
          DomainServiceGrpc.newBlockingStub(daemon.with("traceparent", traceparent("01")))
              .startDomain(web());
      var _ = collector.await(START);
      daemon.stopDaemon();
      assertThat(collector.spans()).filteredOn(span -> span.name().equals(START)).hasSize(1);
    }
  }

  @Test
  void aTraceparentThatCannotBeReadIsAsGoodAsNone() {
    try (Collector collector = Collector.start();
        RunningDaemon daemon = start(collector.tracing())) {
      provider.driver().put("web");
      var _ =
          DomainServiceGrpc.newBlockingStub(daemon.with("traceparent", "00-" + TRACE + "-x-01"))
              .startDomain(web());
      SentSpan call = collector.await(START);
      assertThat(call.parent()).isEmpty();
      assertThat(call.trace()).isNotEqualTo(TRACE);
    }
  }

  /** What a job needs is found below the call that began it, whichever daemon does it. */
  @Test
  void aJobIsTracedBelowTheCallThatBeganIt() {
    try (Collector collector = Collector.start()) {
      Job job;
      try (RunningDaemon daemon = start(collector.tracing())) {
        provider.driver().put("web");
        var _ =
            BlockServiceGrpc.newBlockingStub(daemon.channel())
                .blockPull(BlockPullRequest.newBuilder().setDomain(WEB).setDisk("vda").build());
        job =
            FakeDriver.job("7", JobState.JOB_STATE_RUNNING).toBuilder()
                .setKind(JobKind.JOB_KIND_PULL)
                .setTraceparent(provider.driver().seen().getLast().call().traceparent())
                .build();
        turn(job, "STARTED", "job-finalize");
      }
      try (RunningDaemon _ = start(collector.tracing())) {
        turn(job, "", "query-jobs");
        turn(job, "SETTLED", "job-dismiss");
        provider
            .driver()
            .put(
                job.toBuilder()
                    .setState(JobState.JOB_STATE_FAILED)
                    .setEndTime(ProtoTimes.timestamp(Instant.now()))
                    .build(),
                EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      }
      SentSpan call = collector.await(PULL);
      SentSpan whole = collector.await("job PULL");
      assertThat(whole.parent()).isEqualTo(call.id());
      assertThat(whole.failed()).isTrue();
      assertThat(whole.attributes())
          .containsEntry("drover.job", "7")
          .containsEntry("drover.job_state", "FAILED")
          .containsEntry("drover.disk", "vda");
      for (List<String> pair :
          List.of(List.of("STARTED", "job-finalize"), List.of("SETTLED", "job-dismiss"))) {
        SentSpan step = collector.await("job step " + pair.getFirst());
        assertThat(step.parent()).isEqualTo(whole.id());
        assertThat(collector.await("test " + pair.getLast()).parent()).isEqualTo(step.id());
      }
      assertThat(collector.spans())
          .as("a look at a job that finds nothing to do is not worth telling")
          .noneMatch(span -> span.name().equals("test query-jobs"))
          .allMatch(span -> span.trace().equals(call.trace()));
    }
  }

  private void turn(Job job, String reached, String command) {
    Activities activities = provider.driver().context().activities();
    try (JobTurn turn = activities.turn(job)) {
      assertThat(MDC.get("trace")).isEqualTo(job.getTraceparent().substring(3, 35));
      activities.begin(new Work.Command("u", "web", command)).end(Activity.Outcome.DONE);
      if (!reached.isEmpty()) {
        turn.reached(reached);
      }
    }
    assertThat(MDC.get("trace")).isNull();
  }

  /** A step of a job is below that job, as its own job's span tells. */
  @Test
  void aStepsJobIsBelowTheJobItIsAStepOf() {
    try (Collector collector = Collector.start();
        RunningDaemon _ = start(collector.tracing())) {
      Job delete =
          FakeDriver.job("1", JobState.JOB_STATE_SUCCEEDED).toBuilder()
              .setKind(JobKind.JOB_KIND_SNAPSHOT_DELETE)
              .setTraceparent(traceparent("01"))
              .setEndTime(ProtoTimes.timestamp(Instant.now()))
              .build();
      Job commit =
          delete.toBuilder()
              .setId("2")
              .setKind(JobKind.JOB_KIND_COMMIT)
              .setParentJobId("1")
              .build();
      provider.driver().put(commit, EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      provider.driver().put(delete, EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      SentSpan above = collector.await("job SNAPSHOT_DELETE");
      assertThat(above.parent()).isEqualTo(CLIENT_SPAN);
      assertThat(collector.await("job COMMIT").parent()).isEqualTo(above.id());
    }
  }

  /** Records of jobs from before there were traces, and jobs of calls that are not traced. */
  @Test
  void aJobWithoutATraceIsNotTraced() {
    try (Collector collector = Collector.start()) {
      try (RunningDaemon _ = start(collector.tracing())) {
        Job job = FakeDriver.job("1", JobState.JOB_STATE_RUNNING);
        try (JobTurn turn = provider.driver().context().activities().turn(job)) {
          assertThat(turn).isSameAs(JobTurn.UNOBSERVED);
        }
        provider
            .driver()
            .put(
                job.toBuilder()
                    .setState(JobState.JOB_STATE_SUCCEEDED)
                    .setEndTime(ProtoTimes.timestamp(Instant.now()))
                    .build(),
                EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      }
      assertThat(collector.spans()).isEmpty();
    }
  }

  @Test
  void nothingIsTracedUnlessThatIsConfigured() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      provider.driver().put("web");
      var _ =
          DomainServiceGrpc.newBlockingStub(daemon.with("traceparent", traceparent("01")))
              .startDomain(web());
      assertThat(provider.driver().seen().getLast().call().traceparent()).isEmpty();
      Job job =
          FakeDriver.job("1", JobState.JOB_STATE_RUNNING).toBuilder()
              .setTraceparent(traceparent("01"))
              .build();
      try (JobTurn turn = provider.driver().context().activities().turn(job)) {
        assertThat(turn).isSameAs(JobTurn.UNOBSERVED);
      }
    }
  }

  /** R4: a collector that takes connections and never answers. */
  @Test
  void aCollectorThatHangsHoldsNobodyUp() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      calledAndStopped(silent.getLocalPort());
    }
  }

  /** R4: nobody listens. */
  @Test
  void aCollectorThatIsNotThereHoldsNobodyUp() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    calledAndStopped(port);
  }

  private void calledAndStopped(int port) {
    RunningDaemon daemon = start(Collector.tracing(port));
    try (daemon) {
      provider.driver().put("web");
      var domains = DomainServiceGrpc.newBlockingStub(daemon.channel());
      // More than the queue holds, so that what does not fit is dropped, not waited for.
      Duration longest = Duration.ZERO;
      for (int call = 0; call < 1500; call++) {
        long start = System.nanoTime();
        var _ = domains.startDomain(web());
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        longest = took.compareTo(longest) > 0 ? took : longest;
      }
      assertThat(longest).isLessThan(AT_ONCE);
      long start = System.nanoTime();
      daemon.stopDaemon();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUNDED_END);
    }
  }
}
