package dev.drover.spi.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.FakeTime;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.queue.StepPlaces;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.SnapshotScope;
import dev.drover.v1.SnapshotStepState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** R2, R3, R9: a deletion as a job that any daemon can go on with. */
class SnapshotDeletionsTest {

  private static final String UUID = "5e0ce2c0-52c1-4c84-a0d1-9e1bbd3d9e5f";
  private static final int MOST_STEPS = 60;

  private final FakeTime time = new FakeTime();
  private final MemoryStore durable = new MemoryStore();
  private final FakeWork.Host host = new FakeWork.Host();

  /** One run of the daemon. */
  private final class Daemon {
    final DomainBook domains;
    final JobBook jobs;
    final SnapshotBook snapshots;
    final FakeWork work;
    final SnapshotDeletions deletions;

    Daemon(Store store) {
      this.domains = new DomainBook(store, time, _ -> {});
      this.jobs = new JobBook(store, time, _ -> {});
      this.snapshots = new SnapshotBook(store, time, _ -> {});
      this.work = new FakeWork(host, domains, jobs, snapshots.owned());
      this.deletions =
          new SnapshotDeletions(
              store,
              time,
              new AtOnce(),
              domains,
              new DomainLanes(time, Activities.UNOBSERVED),
              jobs,
              snapshots,
              work,
              StepPlaces.UNLIMITED);
    }

    Job delete(DeleteSnapshotRequest.Builder request) {
      return deletions.delete(
          call(), request.setDomain(DomainRef.newBuilder().setUuid(UUID)).build(), _ -> {});
    }

    Job job() {
      return jobs.list().stream().filter(job -> job.getDisk().isEmpty()).findFirst().orElseThrow();
    }

    List<String> names() {
      return snapshots.list(UUID).stream().map(Snapshot::getName).toList();
    }

    String source(String disk) {
      return domains.require(UUID).getSpec().getDisksList().stream()
          .filter(defined -> defined.getTarget().equals(disk))
          .findFirst()
          .orElseThrow()
          .getSource()
          .getPath();
    }
  }

  @Test
  void lostMomentIsDeletedWhereverItsImagesBroke() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    host.parents.put("vda-elsewhere", Optional.empty());
    host.unreadable.add("vda-elsewhere");
    daemon.snapshots.change(
        transaction ->
            daemon.snapshots.edit(
                transaction,
                UUID,
                snapshot -> {
                  Snapshot.Builder edited = snapshot.toBuilder();
                  if (snapshot.getName().equals("two")) {
                    edited.getDisksBuilder(0).getFrozenBuilder().setPath("vda-elsewhere");
                  }
                  return edited.build();
                }));
    assertThatThrownBy(() -> daemon.delete(request("two")))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("what it reads is not there");
    assertThatThrownBy(() -> daemon.delete(request("one"))).isInstanceOf(DriverException.class);
    LostMoment lost = new LostMoment(UUID, "guest", "two", "vda", "job");
    daemon.snapshots.change(transaction -> daemon.snapshots.lose(transaction, List.of(lost)));

    Job begun = daemon.delete(request("two"));

    assertThat(daemon.jobs.require(begun.getId()).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(daemon.names()).containsExactly("one", "three");
    assertThat(host.parents).containsKey("vda-elsewhere").doesNotContainKey("vdb-two");
  }

  @Test
  void middleIsMergedAndTheMomentAboveIsFoundWhereItWent() {
    Daemon daemon = twoDisksWithThreeSnapshots();

    Job begun = daemon.delete(request("two"));

    Job job = daemon.jobs.require(begun.getId());
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getProgress().getOffsetBytes()).isEqualTo(job.getProgress().getTotalBytes());
    assertThat(daemon.names()).containsExactly("one", "three");
    Snapshot three = daemon.snapshots.require(UUID, "guest", "three");
    assertThat(three.getParent()).isEqualTo("one");
    assertThat(three.getDisks(0).getFrozen().getPath()).isEqualTo("vda-one");
    assertThat(three.getDomainSpec().getDisks(0).getSource().getPath()).isEqualTo("vda-one");
    assertThat(host.parents).doesNotContainKeys("vda-two", "vdb-two");
    assertThat(daemon.snapshots.owned().list(UUID))
        .extracting(image -> image.image().getPath())
        .containsExactly("vda-one", "vda-three", "vdb-one", "vdb-three");
    assertThat(durable.list("snapshot-deletions")).isEmpty();
  }

  @Test
  void momentsOfADaemonThatKeptNoUsesAreMergedAsWell() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    durable.transact(
        transaction ->
            durable
                .list("image-uses")
                .forEach(stored -> transaction.delete("image-uses", stored.key())));

    Job begun = daemon.delete(request("two"));

    assertThat(daemon.jobs.require(begun.getId()).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(host.parents).doesNotContainKeys("vda-two", "vdb-two");
  }

  @Test
  void memoryGoesAfterTheDisks() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    memory(daemon, "two");

    Job begun = daemon.delete(request("two"));

    Job job = daemon.jobs.require(begun.getId());
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getSnapshotPlan().getStepsList().getLast().getImages(0).getPath())
        .isEqualTo("memory-two");
    assertThat(job.getResult().getDeletedPathsList()).contains("memory-two");
    assertThat(host.parents).doesNotContainKey("memory-two");
    assertThat(daemon.snapshots.owned().list(UUID))
        .noneMatch(owned -> owned.image().getPath().equals("memory-two"));
  }

  @Test
  void memoryStaysWithASnapshotThatStays() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    memory(daemon, "two");
    host.failing.addAll(List.of("vda", "vdb"));

    var _ = daemon.delete(request("two"));

    assertThat(daemon.job().getError().getMessage()).contains("memory", "vda", "vdb");
    assertThat(host.parents).containsKey("memory-two");
    Snapshot two = daemon.snapshots.require(UUID, "guest", "two");
    assertThat(two.getDeleting()).isFalse();
    assertThat(two.hasMemory()).isTrue();
    var _ = daemon.delete(request("two"));
    assertThat(host.parents).doesNotContainKey("memory-two");
  }

  @Test
  void memoryThatIsNotOursOrIsGoneHoldsNothingBack() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    memory(daemon, "two");
    memory(daemon, "three");
    daemon.snapshots.change(
        transaction -> {
          daemon.snapshots.owned().remove(transaction, UUID, "memory-two");
          return daemon.snapshots.edit(transaction, UUID, snapshot -> snapshot);
        });
    host.parents.remove("memory-three");

    var _ = daemon.delete(request("two").setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));

    assertThat(daemon.job().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(host.parents).containsKey("memory-two");
    assertThat(daemon.names()).containsExactly("one");
  }

  @Test
  void momentsInsideImagesGoDiskByDiskAndWhatFailsIsDoneByTheSameCall() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    var _ = daemon.delete(request("one").setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));
    Snapshot.Builder internal =
        Snapshot.newBuilder()
            .setName("9")
            .setDomainName("guest")
            .setDomainUuid(UUID)
            .setMemory(SnapshotMemory.newBuilder().setDisk("vda").setSizeBytes(5));
    for (String target : List.of("vda", "vdb")) {
      internal.addDisks(
          SnapshotDisk.newBuilder()
              .setTarget(target)
              .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL)
              .setInside(Image.newBuilder().setPath("in-" + target)));
    }
    daemon.snapshots.change(transaction -> daemon.snapshots.add(transaction, internal.build()));
    host.failing.add("in-vdb@#9");

    Job begun = daemon.delete(request("9"));

    Job failed = daemon.jobs.require(begun.getId());
    assertThat(failed.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(failed.getSnapshotPlan().getBytesToMove()).isZero();
    assertThat(host.discarded).containsExactly("in-vda@#9");
    Snapshot left = daemon.snapshots.require(UUID, "guest", "9");
    assertThat(left.getDeleting()).isTrue();
    assertThat(left.hasMemory()).isFalse();
    assertThat(left.getDisksList())
        .extracting(SnapshotDisk::getMode)
        .containsExactly(
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL);
    host.failing.clear();

    Job again = daemon.delete(request("9"));

    assertThat(daemon.jobs.require(again.getId()).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(host.discarded).containsExactly("in-vda@#9", "in-vdb@#9");
    assertThat(daemon.names()).isEmpty();
  }

  private void memory(Daemon daemon, String name) {
    String path = "memory-" + name;
    host.parents.put(path, Optional.empty());
    daemon.snapshots.change(
        transaction -> {
          daemon.snapshots.owned().add(transaction, MemoryPlan.owned(UUID, path, "file"));
          return daemon.snapshots.edit(
              transaction,
              UUID,
              snapshot ->
                  snapshot.getName().equals(name)
                      ? snapshot.toBuilder()
                          .setMemory(SnapshotMemory.newBuilder().setPath(path))
                          .build()
                      : snapshot);
        });
  }

  @Test
  void allAtOnceEndOnTheImageOfTheBeginning() {
    Daemon daemon = twoDisksWithThreeSnapshots();

    var _ = daemon.delete(request("one").setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));

    assertThat(daemon.job().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(daemon.names()).isEmpty();
    assertThat(daemon.source("vda")).isEqualTo("vda-base");
    assertThat(host.parents).containsOnlyKeys("vda-base", "vdb-base");
    assertThat(daemon.snapshots.owned().list(UUID)).isEmpty();
  }

  @Test
  void childrenAloneLeaveTheirAncestorCurrent() {
    Daemon daemon = twoDisksWithThreeSnapshots();

    var _ = daemon.delete(request("one").setScope(SnapshotScope.SNAPSHOT_SCOPE_CHILDREN_ONLY));

    assertThat(daemon.names()).containsExactly("one");
    assertThat(daemon.snapshots.current(UUID)).map(Snapshot::getName).contains("one");
    assertThat(daemon.source("vda")).isEqualTo("vda-one");
  }

  @Test
  void diskThatFailsIsToldAndTheSameCallGoesOn() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    host.failing.add("vda");

    var _ = daemon.delete(request("two"));

    Job failed = daemon.job();
    assertThat(failed.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(failed.getError().getMessage()).contains("disks vda");
    assertThat(failed.getSnapshotPlan().getSteps(0).getDetail()).isEqualTo("no room on the host");
    Snapshot left = daemon.snapshots.require(UUID, "guest", "two");
    assertThat(left.getDeleting()).isTrue();
    assertThat(left.getDisks(0).getMode()).isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL);
    assertThat(left.getDisks(1).getMode()).isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED);

    Job again = daemon.delete(request("two"));

    assertThat(daemon.jobs.require(again.getId()).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(daemon.names()).containsExactly("one", "three");
    assertThat(host.parents).doesNotContainKeys("vda-two", "vdb-two");
  }

  @Test
  void snapshotOfWhichNothingWasDoneIsAsBefore() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    host.failing.addAll(List.of("vda", "vdb"));
    List<Snapshot> before = daemon.snapshots.list(UUID);

    var _ = daemon.delete(request("two"));

    assertThat(daemon.job().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(daemon.snapshots.list(UUID)).isEqualTo(before);
  }

  @Test
  void cancelEndsTheStepUnderWayAndLeavesTheRest() throws Exception {
    Daemon daemon = twoDisksWithThreeSnapshots();
    List<Snapshot> before = daemon.snapshots.list(UUID);
    host.slow = true;
    Thread caller = Thread.ofVirtual().start(() -> daemon.delete(request("two")));
    Job step =
        daemon.jobs.list().stream()
            .filter(job -> !job.getParentJobId().isEmpty())
            .findFirst()
            .orElseGet(() -> awaitStep(daemon));

    var _ =
        daemon.jobs.advance(step.getParentJobId(), JobState.JOB_STATE_CANCELLING, _ -> {}, _ -> {});
    caller.join(Duration.ofSeconds(30));

    assertThat(daemon.job().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(host.cancelled).containsExactly(step.getId());
    assertThat(daemon.job().getSnapshotPlan().getStepsList())
        .extracting(planned -> planned.getState())
        .containsExactly(
            SnapshotStepState.SNAPSHOT_STEP_STATE_FAILED,
            SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING);
    assertThat(daemon.snapshots.list(UUID)).isEqualTo(before);
  }

  private static Job awaitStep(Daemon daemon) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                daemon.jobs.list().stream()
                    .filter(job -> job.getState() == JobState.JOB_STATE_RUNNING)
                    .filter(job -> !job.getParentJobId().isEmpty())
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void recordsAloneTouchNoImage() {
    Daemon daemon = twoDisksWithThreeSnapshots();

    Job job = daemon.delete(request("three").setMetadataOnly(true));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(daemon.names()).containsExactly("one", "two");
    assertThat(host.parents).containsKeys("vda-three", "vdb-three");
  }

  @Test
  void checkChangesNothing() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    List<Snapshot> before = daemon.snapshots.list(UUID);

    Job job = daemon.delete(request("two").setValidateOnly(true));

    assertThat(job.getSnapshotPlan().getStepsCount()).isEqualTo(2);
    assertThat(daemon.snapshots.list(UUID)).isEqualTo(before);
    assertThat(daemon.jobs.list()).isEmpty();
  }

  @Test
  void domainThatIsBusyIsNotTouched() {
    Daemon daemon = twoDisksWithThreeSnapshots();
    assertThatThrownBy(
            () ->
                daemon.deletions.delete(
                    call(),
                    request("two").setDomain(DomainRef.newBuilder().setUuid(UUID)).build(),
                    _ -> {
                      throw DriverException.of(ErrorReason.ERROR_REASON_DOMAIN_BUSY, "busy");
                    }))
        .isInstanceOf(DriverException.class);
    assertThat(daemon.jobs.list()).isEmpty();
  }

  /** The daemon dies at each transaction; the next one ends the deletion, or tells what is left. */
  @Test
  void daemonMayDieAtAnyStep() {
    int steps = 0;
    for (int at = 1; at < MOST_STEPS; at++) {
      SnapshotDeletionsTest fresh = new SnapshotDeletionsTest();
      if (!fresh.dieAt(at)) {
        break;
      }
      steps = at;
    }
    assertThat(steps).as("transactions of a deletion").isBetween(10, MOST_STEPS - 1);
  }

  /** False where a deletion has no such transaction any more. */
  private boolean dieAt(int nth) {
    Daemon first = twoDisksWithThreeSnapshots();
    DyingStore dying = new DyingStore(durable, nth);
    Daemon second = new Daemon(dying);
    dying.whenDead = second.deletions::close;
    try {
      var _ = second.delete(request("one").setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));
    } catch (DriverException e) {
      assertThat(dying.dead).isTrue();
    }
    Daemon next = new Daemon(durable);
    next.work.recoverJobs();
    next.deletions.recover();
    if (next.jobs.list().isEmpty()) {
      assertThat(next.names()).isEqualTo(first.names());
    } else {
      assertThat(next.job().hasEndTime()).as("at transaction %s", nth).isTrue();
    }
    if (!next.names().isEmpty()) {
      var _ = next.delete(request("one").setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));
    }
    assertThat(next.names()).as("after transaction %s", nth).isEmpty();
    assertThat(host.parents)
        .as("after transaction %s", nth)
        .containsOnlyKeys("vda-base", "vdb-base");
    assertThat(next.source("vda")).isEqualTo("vda-base");
    assertThat(next.source("vdb")).isEqualTo("vdb-base");
    assertThat(next.snapshots.owned().list(UUID)).isEmpty();
    assertThat(durable.list("snapshot-deletions")).isEmpty();
    return dying.dead;
  }

  /** base, one, two, three on two disks; each snapshot's overlay bears its name. */
  private Daemon twoDisksWithThreeSnapshots() {
    Daemon daemon = new Daemon(durable);
    var _ =
        daemon.domains.define(
            DomainSpec.newBuilder()
                .setUuid(UUID)
                .setName("guest")
                .addDisks(disk("vda"))
                .addDisks(disk("vdb"))
                .build(),
            "");
    host.parents.put("vda-base", Optional.empty());
    host.parents.put("vdb-base", Optional.empty());
    String below = "base";
    for (String name : List.of("one", "two", "three")) {
      snapshot(daemon, name, below);
      below = name;
      time.pass(Duration.ofSeconds(1));
    }
    return daemon;
  }

  private void snapshot(Daemon daemon, String name, String below) {
    Snapshot.Builder draft =
        Snapshot.newBuilder()
            .setName(name)
            .setDomainName("guest")
            .setDomainUuid(UUID)
            .setDomainSpec(daemon.domains.require(UUID).getSpec())
            .setCreateTime(ProtoTimes.timestamp(time.instant()));
    for (String disk : List.of("vda", "vdb")) {
      String overlay = disk + "-" + name;
      host.parents.put(overlay, Optional.of(disk + "-" + below));
      draft.addDisks(
          SnapshotDisk.newBuilder()
              .setTarget(disk)
              .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
              .setFrozen(image(disk + "-" + below))
              .setOverlay(image(overlay)));
    }
    daemon.snapshots.change(
        transaction -> {
          for (SnapshotDisk disk : draft.getDisksList()) {
            daemon
                .snapshots
                .owned()
                .add(
                    transaction, new OwnedImage(UUID, disk.getTarget(), disk.getOverlay(), "file"));
            daemon.snapshots.owned().leave(transaction, UUID, List.of(disk.getFrozen().getPath()));
          }
          return daemon.snapshots.add(transaction, draft.build());
        });
    var _ =
        daemon.domains.change(
            UUID,
            domain ->
                domain
                    .getSpecBuilder()
                    .getDisksBuilderList()
                    .forEach(disk -> disk.setSource(image(disk.getTarget() + "-" + name))),
            _ -> {});
  }

  private static Disk disk(String target) {
    return Disk.newBuilder().setTarget(target).setSource(image(target + "-base")).build();
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }

  private static DeleteSnapshotRequest.Builder request(String name) {
    return DeleteSnapshotRequest.newBuilder().setName(name);
  }

  private CallContext call() {
    return new CallContext(
        new Caller("uid:1000", "test"),
        "call",
        time.instant().plus(Duration.ofMinutes(1)),
        () -> false);
  }

  /** A store whose daemon dies before a transaction becomes durable. */
  private static final class DyingStore implements Store {
    private final Store durable;
    private final int last;
    private int count;
    private boolean dead;
    private Runnable whenDead = () -> {};

    DyingStore(Store durable, int last) {
      this.durable = durable;
      this.last = last;
    }

    @Override
    public void transact(Consumer<StoreTransaction> changes) {
      count++;
      if (dead || count == last) {
        dead = true;
        whenDead.run();
        throw DriverException.of(
            ErrorReason.ERROR_REASON_STATE_NOT_WRITABLE, "this daemon is dead in this test");
      }
      durable.transact(changes);
    }

    @Override
    public Optional<ByteString> read(String collection, String key) {
      return durable.read(collection, key);
    }

    @Override
    public List<StoreRecord> list(String collection) {
      return durable.list(collection);
    }
  }
}
