package dev.drover.dist.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.DomainHandle;
import dev.drover.client.Drover;
import dev.drover.client.EventWatch;
import dev.drover.client.JobHandle;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobFilter;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.Snapshot;
import dev.drover.v1.WatchRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * R6: a client whose connection is cut a hundred times, while others define, start, snapshot,
 * commit, end and undefine as fast as they can, has been told exactly what one has been told whose
 * connection held: each event once, in one order. And what it believes in the end is what is there.
 */
@Timeout(300)
class WatchChurnIT {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int CUTS = 100;

  /** Events between one cut and the next. */
  private static final int EVENTS = 5;

  private static final String LAST = "last";

  private final AtomicBoolean enough = new AtomicBoolean();
  private EmbeddedDaemon daemon;
  private SocketRelay relay;
  private Path direct;
  private Path cutting;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    direct = directory.resolve("droverd.sock");
    cutting = directory.resolve("relay.sock");
    daemon = EmbeddedDaemon.in(directory, new TestDriverProvider()).onSocket(direct);
    relay = new SocketRelay(cutting, direct);
  }

  @AfterEach
  void end() throws Exception {
    relay.close();
    daemon.close();
  }

  private static Drover connect(Path socket) {
    return Drover.builder()
        .uri("test+unix:///default?socket=" + socket)
        .deadline(PATIENCE)
        .reconnectFor(PATIENCE)
        .build();
  }

  @Test
  void nothingIsMissedAndNothingIsToldTwice() throws Exception {
    WatchedState held = new WatchedState();
    WatchedState cut = new WatchedState();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = () -> enough.set(true);
        Drover actor = connect(direct);
        Drover holding = connect(direct);
        Drover losing = connect(cutting);
        EventWatch holds = holding.watch(WatchRequest.getDefaultInstance());
        EventWatch loses = losing.watch(WatchRequest.getDefaultInstance())) {
      threads.execute(() -> holds.forEach(held::apply));
      threads.execute(() -> loses.forEach(cut::apply));
      awaitThat("both know the state", () -> held.knows("test") && cut.knows("test"));
      CompletableFuture<Void> churn =
          CompletableFuture.allOf(
              CompletableFuture.runAsync(() -> domains(actor), threads),
              CompletableFuture.runAsync(() -> jobs(actor), threads));

      for (int cuts = 0; cuts < CUTS; cuts++) {
        int seen = cut.count();
        awaitThat("the watch goes on", () -> cut.count() >= seen + EVENTS || churn.isDone());
        relay.cut();
      }
      enough.set(true);
      churn.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      actor.domains().define(spec(LAST));
      awaitThat("both know the last domain", () -> held.knows(LAST) && cut.knows(LAST));

      assertThat(cut.told()).isEqualTo(held.told());
      assertThat(cut.told())
          .extracting(WatchedState.Told::revision)
          .isSorted()
          .doesNotHaveDuplicates();
      assertThat(cut.resyncs())
          .singleElement()
          .satisfies(
              first -> assertThat(first.getReason()).isEqualTo(ResyncReason.RESYNC_REASON_INITIAL));
      assertThat(cut.told())
          .filteredOn(event -> event.kind() == EventKind.EVENT_KIND_JOB_CREATED)
          .isNotEmpty();
      assertBelievesWhatIsThere(cut, actor);
    }
  }

  private static void assertBelievesWhatIsThere(WatchedState believed, Drover drover) {
    List<Domain> there = drover.domains().list();
    assertThat(believed.domains().stream().map(WatchChurnIT::unsampled))
        .containsExactlyInAnyOrderElementsOf(there.stream().map(WatchChurnIT::unsampled).toList());
    assertThat(believed.jobs())
        .containsExactlyInAnyOrderElementsOf(drover.jobs().list(JobFilter.getDefaultInstance()));
    assertThat(believed.snapshots())
        .containsExactlyInAnyOrderElementsOf(
            there.stream()
                .flatMap(domain -> drover.domain(domain.getSpec().getName()).snapshots().stream())
                .sorted(Comparator.comparing(Snapshot::getName))
                .toList());
    assertThat(believed.jobs()).allMatch(Job::hasEndTime);
  }

  /** When the hypervisor was last seen is told by no event. */
  private static Domain unsampled(Domain domain) {
    Domain.Builder same = domain.toBuilder();
    same.getStatusBuilder().clearObservedTime();
    return same.build();
  }

  private static DomainSpec spec(String name) {
    return DomainSpec.newBuilder().setName(name).setMemoryBytes(16L << 20).build();
  }

  private void domains(Drover drover) {
    for (int round = 0; !enough.get(); round++) {
      DomainSpec spec = spec("churn-" + round % 8);
      drover.domains().define(spec);
      DomainHandle domain = drover.domain(spec.getName());
      domain.start();
      domain.destroy();
      if (round % 3 != 0) {
        domain.undefine(false);
      }
    }
  }

  private void jobs(Drover drover) {
    DomainHandle domain = drover.domain("test");
    for (int round = 0; !enough.get(); round++) {
      domain.snapshot(CreateSnapshotRequest.newBuilder().setName("s" + round));
      try (JobHandle job =
          domain
              .disk("vda")
              .commit()
              .active()
              .thenComplete(JobCompletion.JOB_COMPLETION_PIVOT)
              .start()) {
        job.await(PATIENCE);
      }
    }
  }

  private static void awaitThat(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(condition);
  }
}
