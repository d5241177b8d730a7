package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.server.fake.Callers;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.EventKind;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.JobState;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListDomainsResponse;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.Snapshot;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import dev.drover.v1.WatchJobRequest;
import dev.drover.v1.WatchJobResponse;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R23: what callers see whose bindings are limited to some domains. */
class LimitedCallerTest {

  private static final String TEAM_A =
      """
      [[binding]]
      principals = ["x509:dns:ada"]
      role = "admin"
      labels = { team = "a" }

      [[binding]]
      principals = ["x509:dns:bob"]
      role = "operator"
      domains = ["b-*"]
      """;

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private final Callers callers = new Callers();
  private Path policy;
  private RunningDaemon daemon;
  private FakeDriver driver;

  @BeforeEach
  void start() throws IOException {
    policy = Files.writeString(directory.resolve("policy.toml"), TEAM_A);
    daemon = RunningDaemon.governed(directory, policy, callers, provider);
    driver = provider.driver();
    for (int i = 0; i < 4; i++) {
      driver.put("a-" + i, Map.of("team", "a"));
      driver.put("b-" + i, Map.of("team", "b"));
    }
    driver.put(
        FakeDriver.job("job-a", JobState.JOB_STATE_RUNNING, "a-0"),
        EventKind.EVENT_KIND_JOB_CREATED);
    driver.put(
        FakeDriver.job("job-b", JobState.JOB_STATE_RUNNING, "b-0"),
        EventKind.EVENT_KIND_JOB_CREATED);
    callers.now("x509:dns:ada");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private static DomainRef named(String name) {
    return DomainRef.newBuilder().setName(name).build();
  }

  private static String name(WatchResponse message) {
    var object = message.hasExisting() ? message.getExisting() : message.getEvent().getObject();
    return switch (object.getObjectCase()) {
      case DOMAIN -> object.getDomain().getSpec().getName();
      case JOB -> object.getJob().getId();
      case SNAPSHOT -> object.getSnapshot().getName();
      case OBJECT_NOT_SET -> "";
    };
  }

  private Iterator<WatchResponse> watch(WatchRequest request) {
    return EventServiceGrpc.newBlockingStub(daemon.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .watch(request);
  }

  /** The objects of a state, up to its end. */
  private static List<String> state(Iterator<WatchResponse> stream) {
    List<String> names = new ArrayList<>();
    while (true) {
      WatchResponse next = stream.next();
      if (next.hasBookmark()) {
        return names;
      }
      names.add(name(next));
    }
  }

  private static String reason(Runnable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call::run);
    return RunningDaemon.info(failure).getReason();
  }

  /** R20, R23: pages are cut out of what the caller may see, none is short, none is repeated. */
  @Test
  void pagesHoldWhatTheCallerMaySee() {
    List<List<String>> pages = new ArrayList<>();
    String token = "";
    do {
      ListDomainsResponse page =
          DomainServiceGrpc.newBlockingStub(daemon.channel())
              .listDomains(
                  ListDomainsRequest.newBuilder().setPageSize(3).setPageToken(token).build());
      pages.add(page.getDomainsList().stream().map(one -> one.getSpec().getName()).toList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(pages).containsExactly(List.of("a-0", "a-1", "a-2"), List.of("a-3"));
  }

  @Test
  void jobsOfOtherDomainsAreNotListed() {
    assertThat(jobs(JobFilter.getDefaultInstance())).containsExactly("job-a");
    assertThat(
            jobs(
                JobFilter.newBuilder()
                    .setDomain(DomainRef.newBuilder().setUuid(FakeDriver.uuid("b-0")))
                    .build()))
        .isEmpty();
    assertThat(reason(() -> jobs(JobFilter.newBuilder().setDomain(named("b-0")).build())))
        .isEqualTo("DOMAIN_NOT_FOUND");
    callers.now("x509:dns:bob");
    assertThat(jobs(JobFilter.getDefaultInstance())).containsExactly("job-b");
  }

  private List<String> jobs(JobFilter filter) {
    return JobServiceGrpc.newBlockingStub(daemon.channel())
        .listJobs(ListJobsRequest.newBuilder().setFilter(filter).build())
        .getJobsList()
        .stream()
        .map(Job::getId)
        .toList();
  }

  @Test
  void aWatcherLearnsNothingOfOtherDomains() {
    driver.put(snapshot("a-0"));
    driver.put(snapshot("b-0"));
    Iterator<WatchResponse> stream = watch(WatchRequest.getDefaultInstance());
    assertThat(stream.next().hasResync()).isTrue();
    assertThat(state(stream))
        .containsExactlyInAnyOrder("a-0", "a-1", "a-2", "a-3", "job-a", "of a-0");
    driver.put("b-9", Map.of("team", "b"));
    driver.put(
        FakeDriver.job("job-b", JobState.JOB_STATE_FAILED, "b-0"),
        EventKind.EVENT_KIND_JOB_STATE_CHANGED);
    driver.put("a-9", Map.of("team", "a"));
    assertThat(name(stream.next())).isEqualTo("a-9");
    Iterator<WatchResponse> other =
        watch(WatchRequest.newBuilder().setDomain(named("b-0")).build());
    assertThat(other.next().hasResync()).isTrue();
    assertThat(state(other)).isEmpty();
    assertThat(
            reason(
                () ->
                    watch(
                            WatchRequest.newBuilder()
                                .setDomain(DomainRef.newBuilder().setId(77))
                                .build())
                        .next()))
        .isEqualTo("DOMAIN_NOT_FOUND");
  }

  private static Snapshot snapshot(String domain) {
    return Snapshot.newBuilder()
        .setName("of " + domain)
        .setDomainName(domain)
        .setDomainUuid(FakeDriver.uuid(domain))
        .build();
  }

  /** R23: what a changed policy shows or hides reaches streams that are open. */
  @Test
  void anOpenStreamFollowsThePolicy() throws IOException {
    Iterator<WatchResponse> stream =
        watch(WatchRequest.newBuilder().setDomain(named("b-0")).build());
    stream.next();
    assertThat(state(stream)).isEmpty();
    Files.writeString(policy, TEAM_A.replace("team = \"a\"", "team = \"b\""));
    awaitDomains("b-0", "b-1", "b-2", "b-3");
    driver.put("poke");
    WatchResponse resync = stream.next();
    assertThat(resync.getResync().getReason()).isEqualTo(ResyncReason.RESYNC_REASON_PERMISSIONS);
    assertThat(state(stream)).containsExactlyInAnyOrder("b-0", "job-b");
    Files.writeString(policy, "");
    await().atMost(Duration.ofSeconds(30)).until(() -> listed().equals("PERMISSION_DENIED"));
    driver.put("poke");
    assertThat(reason(stream::next)).isEqualTo("PERMISSION_DENIED");
  }

  @Test
  void aJobThatIsTakenFromSightEndsItsStream() throws IOException {
    Iterator<WatchJobResponse> stream =
        JobServiceGrpc.newBlockingStub(daemon.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .watchJob(WatchJobRequest.newBuilder().setJobId("job-a").build());
    assertThat(stream.next().getJob().getId()).isEqualTo("job-a");
    Files.writeString(policy, TEAM_A.replace("team = \"a\"", "team = \"b\""));
    assertThat(reason(stream::next)).isEqualTo("JOB_NOT_FOUND");
  }

  private void awaitDomains(String... names) {
    await().atMost(Duration.ofSeconds(30)).until(() -> listed().equals(String.join(" ", names)));
  }

  private String listed() {
    try {
      return String.join(
          " ",
          DomainServiceGrpc.newBlockingStub(daemon.channel())
              .listDomains(ListDomainsRequest.getDefaultInstance())
              .getDomainsList()
              .stream()
              .map(Domain::getSpec)
              .map(spec -> spec.getName())
              .toList());
    } catch (StatusRuntimeException e) {
      return RunningDaemon.info(e).getReason();
    }
  }

  /** R7, R23: one caller's request id is nothing to another. */
  @Test
  void recordedAnswersAreTheirCallersOwn() {
    StartDomainRequest request =
        StartDomainRequest.newBuilder().setDomain(named("a-0")).setRequestId("once").build();
    start(request);
    start(request);
    assertThat(driver.seen()).hasSize(1);
    callers.now("x509:dns:bob");
    assertThat(reason(() -> start(request))).isEqualTo("DOMAIN_NOT_FOUND");
    callers.now("uid:0");
    start(request);
    assertThat(driver.seen()).hasSize(2);
  }

  private void start(StartDomainRequest request) {
    DomainServiceGrpc.newBlockingStub(daemon.channel()).startDomain(request);
  }

  /** R7: a repetition gets its answer although what it was about is gone. */
  @Test
  void anAnswerIsRepeatedAfterItsDomainIsGone() {
    UndefineDomainRequest request =
        UndefineDomainRequest.newBuilder().setDomain(named("a-0")).setRequestId("gone").build();
    driver.onCall(_ -> driver.remove("a-0"));
    DomainServiceGrpc.newBlockingStub(daemon.channel()).undefineDomain(request);
    DomainServiceGrpc.newBlockingStub(daemon.channel()).undefineDomain(request);
    assertThat(driver.seen()).hasSize(1);
    assertThat(
            reason(
                () ->
                    DomainServiceGrpc.newBlockingStub(daemon.channel())
                        .undefineDomain(request.toBuilder().setRequestId("other").build())))
        .isEqualTo("DOMAIN_NOT_FOUND");
    assertThat(driver.seen()).hasSize(1);
  }
}
