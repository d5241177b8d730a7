package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.Snapshots;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** R9: the memory of a real guest, taken and given back. */
@Tag("qemu")
class MemorySnapshotIT {

  private static final String INTENTS = "qemu-snapshot-intents";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aRunningGuestGoesOnFromTheMomentOfItsSnapshot() throws Exception {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    int before = guest.awaitBeyond(5);

    Snapshot snapshot = create("one");

    assertThat(snapshot.getMemory().getSizeBytes()).isEqualTo(Files.size(memory("one")));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(memory("one"))))
        .isEqualTo("rw-------");
    assertThat(snapshot.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(snapshot.getDomainSpec().getMachine()).startsWith("pc-q35-");
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(count(EventKind.EVENT_KIND_DOMAIN_SUSPENDED)).isZero();
    int later = guest.awaitBeyond(guest.numbers().getLast() + 40);

    assertThat(revert("one", RevertState.REVERT_STATE_UNSPECIFIED).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    guest.awaitBeyond(before);
    assertThat(guest.numbers().getFirst()).isGreaterThanOrEqualTo(before).isLessThan(later - 20);
    assertThat(world.get("dom").getStatus().getLiveSpec().getDisks(0).getSource())
        .isEqualTo(world.get("dom").getSpec().getDisks(0).getSource());
  }

  @Test
  void fromAShutOffDomainAndPausedWhereThatIsAskedFor() {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    int before = guest.awaitBeyond(5);
    create("one");
    world.destroy("dom");

    assertThat(revert("one", RevertState.REVERT_STATE_PAUSED).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(guest.numbers()).isEmpty();
    commit(JobCompletion.JOB_COMPLETION_PIVOT);
    world.resume("dom");
    guest.awaitBeyond(before);
    assertThat(guest.numbers().getFirst()).isGreaterThanOrEqualTo(before);
    create("two");
    guest.awaitBeyond(guest.numbers().getLast());
  }

  @Test
  void aPausedGuestStaysPausedAndItsImagesStayUsable() {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    world.suspend("dom");
    int before = guest.numbers().getLast();

    Snapshot snapshot = create("one");

    assertThat(snapshot.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(guest.numbers().getLast()).isEqualTo(before);
    assertThatThrownBy(() -> create("two"))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_STATE_INVALID));
    assertThat(memory("two")).doesNotExist();
    snapshots()
        .create(
            world.call(),
            CreateSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName("disks")
                .build());
    commit(JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    world.resume("dom");
    guest.awaitBeyond(before);
    create("two");

    assertThat(revert("one", RevertState.REVERT_STATE_UNSPECIFIED).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    world.resume("dom");
    guest.awaitBeyond(before);
    assertThat(guest.numbers().getFirst()).isBetween(before, before + 2);
  }

  @Test
  void aGuestThatHasNeverRunIsTakenToo() {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.startPaused("dom");
    create("one");
    world.resume("dom");
    guest.awaitBeyond(3);

    assertThat(revert("one", RevertState.REVERT_STATE_RUNNING).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    guest.awaitBeyond(1);
    assertThat(guest.numbers().getFirst()).isEqualTo(1);
  }

  @Test
  void aCallThatIsGivenUpLeavesNothingAndTheGuestGoesOn() {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    Domain before = world.get("dom");
    CallContext call =
        new CallContext(
            new Caller("test", "test"),
            "test",
            Instant.now().plus(PATIENCE),
            () -> Files.exists(memory("one")));

    assertThatThrownBy(() -> snapshots().create(call, request("one")))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_CALL_CANCELLED));

    assertNothingLeft(before);
    guest.awaitBeyond(guest.numbers().getLast() + 3);
    create("one");
  }

  @Test
  void aDaemonThatEndsMeanwhileLeavesNothingOnceItIsBack() {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    Domain before = world.get("dom");
    Snapshots first = snapshots();
    CallContext call =
        new CallContext(
            new Caller("test", "test"),
            "test",
            Instant.now().plus(PATIENCE),
            () -> {
              if (Files.exists(memory("one"))) {
                world.closeDriver();
              }
              return false;
            });

    assertThatThrownBy(() -> first.create(call, request("one")))
        .isInstanceOf(DriverException.class);
    world.openDriver();

    await().atMost(PATIENCE).until(() -> world.store().list(INTENTS).isEmpty());
    assertNothingLeft(before);
    guest.awaitBeyond(guest.numbers().getLast() + 3);
    create("one");
  }

  @Test
  void aFileThatAppearsMeanwhileIsNotTouched() {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    Domain before = world.get("dom");
    Path overlay = world.images().resolve("dom.one");
    CallContext call =
        new CallContext(
            new Caller("test", "test"),
            "test",
            Instant.now().plus(PATIENCE),
            () -> {
              writeOnce(memory("one"));
              return false;
            });

    assertThatThrownBy(() -> snapshots().create(call, request("one")))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DESTINATION_EXISTS));

    assertThat(memory("one")).hasContent("somebody's");
    assertThat(overlay).doesNotExist();
    assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    guest.awaitBeyond(guest.numbers().getLast() + 3);
  }

  private static void writeOnce(Path file) {
    try {
      if (!Files.exists(file)) {
        Files.writeString(file, "somebody's");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theFileGoesWithTheSnapshotAndAnotherInItsPlaceStays() throws Exception {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    create("one");
    create("two");
    Files.move(memory("two"), world.images().resolve("aside"));
    Files.copy(world.images().resolve("aside"), memory("two"));

    assertDeleted(delete("one"));
    assertDeleted(delete("two"));

    assertThat(memory("one")).doesNotExist();
    assertThat(memory("two")).exists();
    assertThat(snapshots().list(QemuWorld.ref("dom"))).isEmpty();
  }

  @Test
  void memoryThatIsGoneOrCutOffIsToldBeforeAnythingHappens() throws Exception {
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    create("one");
    Domain before = world.get("dom");
    byte[] whole = Files.readAllBytes(memory("one"));
    Files.write(memory("one"), List.of("short"));

    assertThatThrownBy(() -> revert("one", RevertState.REVERT_STATE_UNSPECIFIED))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST));

    assertThat(world.get("dom").getStatus().getProcessId())
        .isEqualTo(before.getStatus().getProcessId());
    Arrays.fill(whole, whole.length / 2, whole.length, (byte) 7);
    Files.write(memory("one"), whole);
    Job job = revert("one", RevertState.REVERT_STATE_UNSPECIFIED);
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(job.getError().getMessage()).contains("could not be started", "load of migration");
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(revert("one", RevertState.REVERT_STATE_SHUT_OFF).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    world.start("dom");
    guest.awaitBeyond(3);
  }

  private static void assertDeleted(Job job) {
    assertThat(job.getState())
        .as("%s %s", job.getError(), job.getSnapshotPlan())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  private void assertNothingLeft(Domain before) {
    assertThat(memory("one")).doesNotExist();
    assertThat(world.images().resolve("dom.one")).doesNotExist();
    assertThat(snapshots().list(QemuWorld.ref("dom"))).isEmpty();
    assertThat(world.store().list(INTENTS)).isEmpty();
    assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    assertThat(state()).isEqualTo(before.getStatus().getState());
  }

  private Snapshots snapshots() {
    return world.driver().snapshots().orElseThrow();
  }

  private Path memory(String name) {
    return world.images().resolve(name + ".memory");
  }

  private CreateSnapshotRequest request(String name) {
    return CreateSnapshotRequest.newBuilder()
        .setDomain(QemuWorld.ref("dom"))
        .setName(name)
        .setMemory(SnapshotMemory.newBuilder().setPath(memory(name).toString()))
        .build();
  }

  private Snapshot create(String name) {
    return snapshots().create(world.call(), request(name)).getSnapshot();
  }

  private Job revert(String name, RevertState target) {
    return ended(
        snapshots()
            .revert(
                world.call(),
                RevertSnapshotRequest.newBuilder()
                    .setDomain(QemuWorld.ref("dom"))
                    .setName(name)
                    .setTargetState(target)
                    .build()));
  }

  private Job delete(String name) {
    return ended(
        snapshots()
            .delete(
                world.call(),
                DeleteSnapshotRequest.newBuilder()
                    .setDomain(QemuWorld.ref("dom"))
                    .setName(name)
                    .build()));
  }

  /** Merges the active image into the one below, which writes to it. */
  private void commit(JobCompletion completion) {
    BlockCommitRequest request =
        BlockCommitRequest.newBuilder()
            .setDomain(QemuWorld.ref("dom"))
            .setDisk("vda")
            .setActive(true)
            .setShallow(true)
            .setAutoComplete(completion)
            .build();
    Job job = ended(world.driver().blockJobs().orElseThrow().commit(world.call(), request));
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  private Job ended(Job job) {
    await().atMost(PATIENCE).until(() -> JobTransitions.terminal(now(job).getState()));
    return now(job);
  }

  private Job now(Job job) {
    return world.driver().jobs().orElseThrow().list().stream()
        .filter(one -> one.getId().equals(job.getId()))
        .findFirst()
        .orElseThrow();
  }

  private DomainState state() {
    return world.get("dom").getStatus().getState();
  }

  private long count(EventKind kind) {
    return world.events().stream().filter(event -> event.kind() == kind).count();
  }
}
