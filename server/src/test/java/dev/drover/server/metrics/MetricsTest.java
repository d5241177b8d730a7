package dev.drover.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.ListenAddress;
import dev.drover.server.config.MetricsAddress;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.EventKind;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics as Prometheus gets them (R21). */
class MetricsTest {

  private static final MetricsAddress ANY_PORT =
      new MetricsAddress.Tcp(new ListenAddress("127.0.0.1", 0));

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();

  private RunningDaemon start() {
    return start(ANY_PORT);
  }

  private RunningDaemon start(MetricsAddress address) {
    return RunningDaemon.inProcess(
        directory,
        plan -> plan.config(ConfigReader.defaults().withMetrics(address)),
        provider,
        FakeProvider.broken("gone", new IllegalStateException("not here")));
  }

  private static Scrape scrape(RunningDaemon daemon) throws IOException, InterruptedException {
    return Scrape.of(daemon.metrics().orElseThrow());
  }

  private static StartDomainRequest web() {
    return StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();
  }

  @Test
  void nothingIsServedUnlessThatIsConfigured() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      assertThat(daemon.metrics()).isEmpty();
    }
  }

  @Test
  void countsCallsByMethodAndHowTheyEnded() throws Exception {
    try (RunningDaemon daemon = start()) {
      provider.driver().put("web");
      var domains = DomainServiceGrpc.newBlockingStub(daemon.channel());
      domains.startDomain(web());
      domains.startDomain(web());
      Assertions.assertThatThrownBy(
              () ->
                  domains.getDomain(
                      GetDomainRequest.newBuilder()
                          .setDomain(DomainRef.newBuilder().setName("db"))
                          .build()))
          .isInstanceOf(StatusRuntimeException.class);

      Scrape page = scrape(daemon);
      String start = "method=\"drover.v1.DomainService/StartDomain\"";
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.contentType()).startsWith("text/plain; version=0.0.4");
      assertThat(page.value("drover_rpc_total{code=\"OK\"," + start + "}")).isEqualTo(2);
      assertThat(page.value("drover_rpc_duration_seconds_count{" + start + "}")).isEqualTo(2);
      assertThat(page.value("drover_rpc_failures_total{reason=\"DOMAIN_NOT_FOUND\"}")).isEqualTo(1);
      assertThat(page.has("drover_rpc_in_flight{" + start + "}")).isFalse();
    }
  }

  @Test
  void aStreamOfAStandardServiceEndsWithItsClient() throws Exception {
    try (RunningDaemon daemon = start()) {
      String inFlight = "drover_rpc_in_flight{method=\"grpc.health.v1.Health/Watch\"}";
      CancellableContext client = Context.ROOT.withCancellation();
      client.run(
          () -> {
            Iterator<HealthCheckResponse> states =
                HealthGrpc.newBlockingStub(daemon.channel())
                    .withDeadlineAfter(60, TimeUnit.SECONDS)
                    .watch(HealthCheckRequest.getDefaultInstance());
            assertThat(states.next().getStatus()).isEqualTo(ServingStatus.SERVING);
          });
      assertThat(scrape(daemon).value(inFlight)).isEqualTo(1);
      client.cancel(null);
      await().untilAsserted(() -> assertThat(scrape(daemon).has(inFlight)).isFalse());
      assertThat(
              scrape(daemon)
                  .value(
                      "drover_rpc_total{code=\"CANCELLED\",method=\"grpc.health.v1.Health/Watch\"}"))
          .isEqualTo(1);
    }
  }

  /** What clients make up must not make the number of series grow. */
  @Test
  void methodsThatDoNotExistShareOneLabel() throws Exception {
    try (RunningDaemon daemon = start()) {
      for (String name : new String[] {"a.B/C", "a.B/D", "drover.v1.DomainService/Explode"}) {
        MethodDescriptor<StartDomainRequest, StartDomainResponse> method =
            MethodDescriptor.<StartDomainRequest, StartDomainResponse>newBuilder()
                .setFullMethodName(name)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setRequestMarshaller(ProtoUtils.marshaller(web()))
                .setResponseMarshaller(
                    ProtoUtils.marshaller(StartDomainResponse.getDefaultInstance()))
                .build();
        Assertions.assertThatThrownBy(
                () ->
                    ClientCalls.blockingUnaryCall(
                        daemon.channel(), method, CallOptions.DEFAULT, web()))
            .isInstanceOf(StatusRuntimeException.class);
      }
      Scrape page = scrape(daemon);
      assertThat(page.value("drover_rpc_total{code=\"UNIMPLEMENTED\",method=\"unknown\"}"))
          .isEqualTo(3);
      assertThat(page.text()).doesNotContain("a.B/C", "Explode");
    }
  }

  @Test
  void countsDomainsAndJobsFromTheModel() throws Exception {
    try (RunningDaemon daemon = start()) {
      FakeDriver driver = provider.driver();
      driver.put("web");
      driver.put("db");
      Job running =
          FakeDriver.job("1", JobState.JOB_STATE_RUNNING).toBuilder()
              .setKind(JobKind.JOB_KIND_COPY)
              .setBlocked(true)
              .build();
      driver.put(running, EventKind.EVENT_KIND_JOB_CREATED);
      driver.put(
          FakeDriver.job("2", JobState.JOB_STATE_FAILED).toBuilder()
              .setKind(JobKind.JOB_KIND_PULL)
              .setEndTime(ProtoTimes.timestamp(Instant.EPOCH))
              .build(),
          EventKind.EVENT_KIND_JOB_STATE_CHANGED);
      // A job that the hypervisor refused leaves no record, and never ended.
      driver.put(
          FakeDriver.job("3", JobState.JOB_STATE_FAILED).toBuilder()
              .setKind(JobKind.JOB_KIND_COMMIT)
              .build(),
          EventKind.EVENT_KIND_JOB_STATE_CHANGED);

      Scrape page = scrape(daemon);
      assertThat(page.value("drover_domains{driver=\"test\",state=\"shut_off\"}")).isEqualTo(2);
      assertThat(page.value("drover_domains_unresponsive{driver=\"test\"}")).isZero();
      assertThat(page.value("drover_jobs{driver=\"test\",kind=\"copy\",state=\"running\"}"))
          .isEqualTo(1);
      assertThat(page.value("drover_jobs_blocked{driver=\"test\"}")).isEqualTo(1);
      assertThat(
              page.value("drover_job_ends_total{driver=\"test\",kind=\"pull\",outcome=\"failed\"}"))
          .isEqualTo(1);
      assertThat(page.text()).doesNotContain("kind=\"commit\"");
      assertThat(page.value("drover_driver_open{driver=\"test\"}")).isEqualTo(1);
      assertThat(page.value("drover_driver_open{driver=\"gone\"}")).isZero();
    }
  }

  @Test
  void measuresCommandsAndLanesOfDrivers() throws Exception {
    try (RunningDaemon daemon = start()) {
      var activities = provider.driver().context().activities();
      Activity answered = activities.begin(new Work.Command("u", "web", "query-status"));
      answered.end(Activity.Outcome.DONE);
      answered.end(Activity.Outcome.LOST);
      Activity hung = activities.begin(new Work.Command("u", "web", "cont"));
      hung.gaveUp();
      activities.begin(new Work.LaneHeld("u", "web", "start")).end(Activity.Outcome.DONE);

      Scrape page = scrape(daemon);
      String commands =
          "drover_hypervisor_commands_total{command=\"%s\",driver=\"test\",outcome=\"%s\"}";
      assertThat(page.value(commands.formatted("query-status", "done"))).isEqualTo(1);
      assertThat(page.has(commands.formatted("query-status", "lost"))).isFalse();
      assertThat(page.value(commands.formatted("cont", "timed_out"))).isEqualTo(1);
      assertThat(page.value("drover_hypervisor_commands_in_flight{driver=\"test\"}"))
          .as("the hypervisor still has the command")
          .isEqualTo(1);
      assertThat(page.value("drover_domain_lane_held_seconds_count{driver=\"test\"}")).isEqualTo(1);
      assertThat(page.text()).as("no domain is a label").doesNotContain("web");

      hung.end(Activity.Outcome.DONE);
      Scrape later = scrape(daemon);
      assertThat(later.value("drover_hypervisor_commands_in_flight{driver=\"test\"}")).isZero();
      assertThat(later.has(commands.formatted("cont", "done"))).isFalse();
    }
  }

  /** R21: a call that hangs in a driver is seen, and holds no scrape up. */
  @Test
  void aScrapeAnswersWhileACallHangs() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (RunningDaemon daemon = start()) {
      provider.driver().put("web");
      provider.driver().onCall(_ -> awaitQuietly(release));
      var hanging =
          CompletableFuture.supplyAsync(
              () -> DomainServiceGrpc.newBlockingStub(daemon.channel()).startDomain(web()));
      await().until(() -> !provider.driver().seen().isEmpty());
      Scrape page = scrape(daemon);
      assertThat(page.value("drover_rpc_in_flight{method=\"drover.v1.DomainService/StartDomain\"}"))
          .isEqualTo(1);
      assertThat(page.value("drover_driver_model_read{driver=\"test\"}")).isEqualTo(1);
      release.countDown();
      hanging.get(20, TimeUnit.SECONDS);
    } finally {
      release.countDown();
    }
  }

  /** R21: not even a driver whose model hangs, which none may do. */
  @Test
  void aScrapeAnswersWithoutADriverWhoseModelHangs() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (RunningDaemon daemon = start()) {
      provider.driver().put("web");
      provider.driver().onList(() -> awaitQuietly(release));
      Scrape page = scrape(daemon);
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.value("drover_driver_model_read{driver=\"test\"}")).isZero();
      assertThat(page.text()).doesNotContain("drover_domains{");
      assertThat(page.has("drover_store_transaction_failures_total")).isTrue();
      release.countDown();
      await()
          .untilAsserted(
              () ->
                  assertThat(scrape(daemon).value("drover_driver_model_read{driver=\"test\"}"))
                      .isEqualTo(1));
    } finally {
      release.countDown();
    }
  }

  @Test
  void tellsOfTheStoreTheProcessAndTheVersion() throws Exception {
    try (RunningDaemon daemon = start()) {
      Scrape page = scrape(daemon);
      assertThat(page.value("drover_store_transaction_duration_seconds_count")).isPositive();
      assertThat(page.value("drover_store_transaction_wait_seconds_count")).isPositive();
      assertThat(page.text()).containsPattern("drover_build_info\\{version=\"[0-9][^\"]*\"} 1");
      assertThat(page.value("drover_watchers")).isZero();
      assertThat(page.value("drover_watchers_limit")).isEqualTo(1000);
      assertThat(page.names())
          .contains("jvm_memory_used_bytes", "jvm_threads_current", "process_open_fds");
    }
  }

  @Test
  void everyMetricIsInTheTable() throws Exception {
    try (RunningDaemon daemon = start()) {
      assertThat(scrape(daemon).names())
          .allMatch(
              name ->
                  name.startsWith("jvm_")
                      || name.startsWith("process_")
                      || Arrays.stream(Metric.values()).anyMatch(one -> one.text().equals(name)));
    }
  }

  @Test
  void speaksOpenMetricsToWhoAsksForIt() throws Exception {
    try (RunningDaemon daemon = start()) {
      Scrape page =
          Scrape.of(
              daemon.metrics().orElseThrow(),
              "GET",
              "/metrics",
              "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
      assertThat(page.contentType()).startsWith("application/openmetrics-text");
      assertThat(page.text()).endsWith("# EOF\n");
    }
  }

  @Test
  void servesNothingElse() throws Exception {
    try (RunningDaemon daemon = start()) {
      var address = daemon.metrics().orElseThrow();
      assertThat(Scrape.of(address, "GET", "/", "").status()).isEqualTo(404);
      assertThat(Scrape.of(address, "POST", "/metrics", "").status()).isEqualTo(405);
      Scrape head = Scrape.of(address, "HEAD", "/metrics", "");
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.text()).isEmpty();
    }
  }

  @Test
  void aUnixSocketIsTheOwnersAlone() throws Exception {
    Path socket = directory.resolve("m.sock");
    try (RunningDaemon daemon = start(new MetricsAddress.Unix(socket))) {
      assertThat(daemon.metrics()).isEmpty();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
      assertThat(overUnix(socket)).startsWith("HTTP/1.1 200 OK").contains("drover_build_info");
    }
    assertThat(socket).doesNotExist();
  }

  /** R29: who opens connections and sends nothing keeps the daemon's memory and nobody's calls. */
  @Test
  void connectionsBeyondTheLimitAreClosed() throws Exception {
    List<Socket> open = new ArrayList<>();
    try (RunningDaemon daemon = start()) {
      int port = daemon.metrics().orElseThrow().getPort();
      for (int i = 0; i < MetricsListener.MOST_CONNECTIONS; i++) {
        open.add(new Socket(InetAddress.getLoopbackAddress(), port));
      }
      try (Socket surplus = new Socket(InetAddress.getLoopbackAddress(), port)) {
        surplus.setSoTimeout(20_000);
        assertThat(surplus.getInputStream().read()).as("end of the connection").isEqualTo(-1);
      }
      open.removeLast().close();
      await()
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(scrape(daemon).status()).isEqualTo(200));
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private static String overUnix(Path socket) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(
          ByteBuffer.wrap(
              "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII)));
      StringBuilder answer = new StringBuilder();
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      while (channel.read(buffer) >= 0) {
        answer.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        buffer.clear();
      }
      return answer.toString();
    }
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
