package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.client.cli.MemoryDaemon;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the library's documentation shows, carried out on a private daemon. */
@Timeout(120)
class LibraryExamplesTest {
  @TempDir private Path directory;
  private MemoryDaemon daemon;
  private Drover drover;

  @BeforeEach
  void connect() {
    daemon = new MemoryDaemon(directory, "real");
    drover = daemon.connect();
  }

  @AfterEach
  void close() {
    drover.close();
    daemon.close();
  }

  @Test
  void anActiveCommitPivots() { // C1, D1, R1
    List<Long> seen = new CopyOnWriteArrayList<>();
    // @start region="commit"
    DomainHandle domain = drover.domains().get("test");
    JobHandle job =
        domain.disk("vda").commit().active().mebibytesPerSecond(100).thenPivot().start();
    Job ended = job.onProgress(now -> seen.add(now.getProgress().getOffsetBytes())).await();
    String active = ended.getResult().getChainAfter(0).getPath();
    // @end
    assertThat(active).isEqualTo(domain.disk("vda").chain().getImages(0).getPath());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getResult().getPivoted()).isTrue();
    assertThat(seen).isNotEmpty();
    assertThat(domain.disk("vda").chain().getImagesList()).hasSize(1);
  }

  @Test
  void aCopyIsFinishedWhenItIsReady() { // E16, D3
    // @start region="copy"
    JobHandle job =
        drover
            .domains()
            .get("test")
            .disk("vda")
            .copy("/images/backup.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2)
            .start();
    job.awaitReady(Duration.ofMinutes(1));
    Job ended = job.keep();
    // @end
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getResult().getPivoted()).isFalse();
  }

  @Test
  void aPullAndARebaseEmptyTheChain() {
    // @start region="pull"
    DiskHandle disk = drover.domains().get("test").disk("vda");
    disk.pull().start().await(Duration.ofMinutes(1));
    // @end
    assertThat(disk.chain().getImagesList()).hasSize(1);

    Job copied = disk.rebase().copyTo("/images/rebased.qcow2").mebibytesPerSecond(50).validate();
    assertThat(copied.getId()).isEmpty();
    JobHandle copy = disk.rebase().copyTo("/images/rebased.qcow2").start();
    copy.awaitReady(Duration.ofMinutes(1));
    assertThat(copy.pivot().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(disk.chain().getImages(0).getPath()).isEqualTo("/images/rebased.qcow2");
  }

  @Test
  void snapshotsAreTakenRevertedAndDeleted() { // G1, R3
    // @start region="snapshot"
    DomainHandle domain = drover.domains().get("test");
    Snapshot before =
        domain
            .newSnapshot("before")
            .description("before the upgrade")
            .overlay("vda", "/images/after.qcow2")
            .take();
    domain.revert("before").await(Duration.ofMinutes(1));
    domain.start();
    domain.deleteSnapshot("before").await(Duration.ofMinutes(1));
    // @end
    assertThat(before.getDescription()).isEqualTo("before the upgrade");
    assertThat(domain.snapshots()).isEmpty();
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  void whatASnapshotCanBeToldIsInTheRequest() {
    Snapshot planned =
        drover
            .domains()
            .get("test")
            .newSnapshot("memory")
            .memory("/images/memory")
            .copy(
                "vda",
                Image.newBuilder()
                    .setPath("/images/moment.qcow2")
                    .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
                    .build())
            .validate();
    assertThat(planned.getMemory().getPath()).isEqualTo("/images/memory");
    assertThat(drover.domains().get("test").snapshots()).isEmpty();
    Snapshot internal =
        drover.domains().get("test").newSnapshot("inside").internal().memory().take();
    assertThat(internal.getDisksList()).allMatch(disk -> disk.hasInside());
    assertThat(internal.hasMemory()).isTrue();
  }

  @Test
  void refusalsHaveReasons() { // R18
    List<String> absent = new ArrayList<>();
    // @start region="errors"
    try {
      drover.domains().get("nobody").start();
    } catch (DroverException e) {
      if (e.reason() != ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND) {
        throw e;
      }
      absent.add(e.metadata().get("domain"));
    }
    // @end
    assertThat(absent).containsExactly("nobody");
    assertThatExceptionOfType(DroverException.class)
        .isThrownBy(() -> drover.domains().get("nobody").get());
  }

  @Test
  void domainsAreDefinedAndStarted() { // R24
    // @start region="define"
    DomainSpec spec = DomainSpec.newBuilder().setName("web").setMemoryBytes(256L << 20).build();
    Domain defined = drover.domains().define(spec);
    drover.domains().get("web").start();
    // @end
    assertThat(defined.getSpec().getUuid()).isNotEmpty();
    assertThat(drover.domains().list()).hasSize(2);
  }

  @Test
  void manyCallsGoOnAtOnce() throws Exception {
    // @start region="async"
    CompletableFuture<DomainState> state =
        drover
            .async(connection -> connection.domains().get("test").suspend())
            .thenApply(domain -> domain.getStatus().getState());
    // @end
    assertThat(state.get(60, TimeUnit.SECONDS)).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    CompletableFuture<Object> refused =
        drover.async(connection -> connection.domains().get("nobody").start());
    assertThat(refused.handle((_, failure) -> failure).get(60, TimeUnit.SECONDS))
        .isInstanceOf(DroverException.class);
  }

  @Test
  void aWatchIsIterated() { // R6
    WatchRequest domains = WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_DOMAIN).build();
    List<String> names = new CopyOnWriteArrayList<>();
    // @start region="watch"
    try (EventWatch watch = drover.watch(domains)) {
      for (WatchResponse message : watch) {
        if (message.hasExisting()) {
          names.add(message.getExisting().getDomain().getSpec().getName());
        } else if (message.getBookmark().getStateComplete()) {
          break;
        }
      }
    }
    // @end
    assertThat(names).containsExactly("test");
  }

  @Test
  void eventsArePublishedNoFasterThanAskedFor() throws Exception { // R6
    Collector<WatchResponse> collector = new Collector<>();
    // @start region="publisher"
    Flow.Publisher<WatchResponse> events =
        drover.events(WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_DOMAIN).build());
    events.subscribe(collector);
    // @end
    Flow.Subscription subscription = collector.subscription.get(60, TimeUnit.SECONDS);
    subscription.request(3);
    collector.awaitItems(3);
    assertThat(collector.items.get(0).hasResync()).isTrue();
    assertThat(collector.items.get(1).hasExisting()).isTrue();
    assertThat(collector.items.get(2).getBookmark().getStateComplete()).isTrue();

    drover.domains().get("test").suspend();
    subscription.request(1);
    collector.awaitItems(4);
    assertThat(collector.items.get(3).getEvent().getKind())
        .isEqualTo(EventKind.EVENT_KIND_DOMAIN_SUSPENDED);

    subscription.request(0);
    assertThat(collector.failed.get(60, TimeUnit.SECONDS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aJobPublishesItsChangesAndThenCompletes() throws Exception { // R19
    Collector<Job> collector = new Collector<>();
    JobHandle job = drover.domains().get("test").disk("vda").commit().active().thenKeep().start();

    job.changes().subscribe(collector);
    collector.subscription.get(60, TimeUnit.SECONDS).request(Long.MAX_VALUE);

    collector.completed.get(60, TimeUnit.SECONDS);
    assertThat(collector.items.getLast().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.await().getId()).isEqualTo(job.id());
  }

  @Test
  void aCancelledSubscriptionIsToldNothingMore() throws Exception {
    Collector<WatchResponse> collector = new Collector<>();
    drover.events(WatchRequest.getDefaultInstance()).subscribe(collector);
    Flow.Subscription subscription = collector.subscription.get(60, TimeUnit.SECONDS);
    subscription.request(1);
    collector.awaitItems(1);

    subscription.cancel();
    subscription.request(5);
    drover.domains().get("test").suspend();
    drover.close();

    assertThat(collector.items).hasSize(1);
    assertThat(collector.completed).isNotDone();
    assertThat(collector.failed).isNotDone();
  }

  @Test
  void theEndOfTheConnectionCompletesASubscription() throws Exception {
    Collector<WatchResponse> collector = new Collector<>();
    drover.events(WatchRequest.getDefaultInstance()).subscribe(collector);
    collector.subscription.get(60, TimeUnit.SECONDS).request(Long.MAX_VALUE);
    collector.awaitItems(3);

    drover.close();

    collector.completed.get(60, TimeUnit.SECONDS);
  }

  /** Remembers what it is told. */
  private static final class Collector<T> implements Flow.Subscriber<T> {
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final List<T> items = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Throwable> failed = new CompletableFuture<>();
    private final CompletableFuture<Boolean> completed = new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
    }

    @Override
    public void onNext(T item) {
      items.add(item);
    }

    @Override
    public void onError(Throwable failure) {
      failed.complete(failure);
    }

    @Override
    public void onComplete() {
      completed.complete(true);
    }

    private void awaitItems(int count) {
      await().atMost(Duration.ofSeconds(60)).until(() -> items.size() >= count);
    }
  }
}
