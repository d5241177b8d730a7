package dev.drover.qemu.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.drover.qemu.AgentGuest;
import dev.drover.qemu.QemuWorld;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.Snapshots;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R22: snapshots of a guest with a mounted file system, frozen by its agent for the moment. */
@Timeout(300)
class QuiescedSnapshotIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final QemuWorld world = new QemuWorld();
  private final AgentGuest guest = new AgentGuest(world);

  @AfterEach
  void endEveryQemu() {
    world.close();
    guest.close();
  }

  @Test
  void aQuiescedMomentIsACleanFileSystemAndTheGuestGoesOn() {
    world.openDriver();
    Path disk = guest.start("");
    assertThat(guest.features(disk)).contains("needs_recovery");
    guest.awaitAgent();

    Snapshot snapshot = create(true);

    assertThat(snapshot.getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
    assertThat(snapshots().list(guest.ref())).containsExactly(snapshot);
    assertThat(snapshot.getDisks(0).getFrozen().getPath()).isEqualTo(disk.toString());
    assertThat(guest.features(disk)).doesNotContain("needs_recovery");
    var _ = world.program("e2fsck", "-f", "-n", disk.toString());
    assertThat(AgentGuest.frozen(world.store())).isFalse();
    guest.writesOn();
  }

  @Test
  void aCopyBeginsWhileTheFileSystemsAreFrozenAndTheGuestGoesOnInIt() { // G12
    world.openDriver();
    Path disk = guest.start("");
    guest.awaitAgent();
    Path copy = world.images().resolve("copy.qcow2");

    CreateSnapshotResponse made =
        snapshots()
            .create(
                world.call(),
                request()
                    .setQuiesce(Quiesce.getDefaultInstance())
                    .addCopies(
                        BlockCopyRequest.newBuilder()
                            .setDisk("vda")
                            .setDestination(
                                Image.newBuilder()
                                    .setPath(copy.toString())
                                    .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT))
                    .build());

    assertThat(made.getSnapshot().getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
    assertThat(guest.features(disk)).doesNotContain("needs_recovery");
    assertThat(AgentGuest.frozen(world.store())).isFalse();
    guest.writesOn();
    String job = made.getCopyJobs(0).getId();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                world.driver().jobs().orElseThrow().get(job).orElseThrow().getState()
                    == JobState.JOB_STATE_SUCCEEDED);
    assertThat(
            world.driver().domains().get(guest.ref()).getSpec().getDisks(0).getSource().getPath())
        .isEqualTo(copy.toString());
    guest.writesOn();
  }

  @Test
  void aGuestWithoutAnAgentIsRefusedAndASnapshotWithoutQuiesceSaysWhatItIs() {
    world.openDriver();
    Path disk = guest.start("drover.agent=0");

    assertThat(catchThrowableOfType(DriverException.class, () -> create(true)).reason())
        .isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE);
    assertThat(snapshots().list(guest.ref())).isEmpty();
    assertThat(world.images()).isDirectoryNotContaining(image -> !image.equals(disk));

    assertThat(create(false).getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_CRASH);
    assertThat(guest.features(disk)).contains("needs_recovery");
    guest.writesOn();
  }

  @Test
  void aSilentAgentIsGivenUpInTimeAndLeavesNothing() throws IOException { // G11
    world.openDriver();
    Path disk = guest.start("");
    guest.awaitAgent();
    try (SocketChannel _ = guest.silenceAgent()) {
      Instant before = Instant.now();
      assertThat(
              catchThrowableOfType(
                      DriverException.class,
                      () ->
                          snapshots()
                              .create(
                                  world.call(),
                                  request()
                                      .setQuiesce(
                                          Quiesce.newBuilder()
                                              .setTimeout(
                                                  ProtoTimes.duration(Duration.ofSeconds(1))))
                                      .build()))
                  .reason())
          .isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED);
      assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(6));
      assertThat(snapshots().list(guest.ref())).isEmpty();
      assertThat(world.images()).isDirectoryNotContaining(image -> !image.equals(disk));
    }
    guest.writesOn();
    assertThat(create(true).getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
    guest.writesOn();
  }

  /** The first step finds the disks not moved yet, the second one finds them moved. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theNextDaemonThawsTheGuestOfOneThatDied(int step) { // R2, G11
    MemoryStore durable = new MemoryStore();
    StuckStore stuck = new StuckStore(durable, step);
    world.use(stuck);
    world.openDriver();
    Path disk = guest.start("");
    guest.awaitAgent();
    Thread.ofVirtual().start(() -> create(true));
    Awaitility.await().atMost(PATIENCE).until(stuck::isStuck);
    assertThat(AgentGuest.frozen(durable)).isTrue();

    world.use(durable);
    world.openDriver();
    Awaitility.await().atMost(PATIENCE).until(() -> !AgentGuest.frozen(durable));
    guest.writesOn();

    Path overlay = disk.resolveSibling("disk.quiet");
    List<Snapshot> known = snapshots().list(guest.ref());
    if (step == 1) {
      assertThat(known).isEmpty();
      assertThat(overlay).doesNotExist();
    } else {
      assertThat(known)
          .extracting(Snapshot::getConsistency)
          .containsExactly(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
      assertThat(guest.features(disk)).doesNotContain("needs_recovery");
    }
    stuck.release();
  }

  private Snapshots snapshots() {
    return world.driver().snapshots().orElseThrow();
  }

  private Snapshot create(boolean quiesced) {
    CreateSnapshotRequest.Builder request = request();
    if (quiesced) {
      request.setQuiesce(Quiesce.getDefaultInstance());
    }
    return snapshots().create(world.call(), request.build()).getSnapshot();
  }

  private CreateSnapshotRequest.Builder request() {
    return CreateSnapshotRequest.newBuilder().setDomain(guest.ref()).setName("quiet");
  }

  /**
   * A store whose daemon comes to a stand, as if it were dead, before it writes for the nth time
   * while a guest's file systems are on record as frozen.
   */
  private static final class StuckStore implements Store {

    private final MemoryStore durable;
    private final int last;
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicBoolean stuck = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);

    private StuckStore(MemoryStore durable, int last) {
      this.durable = durable;
      this.last = last;
    }

    private boolean isStuck() {
      return stuck.get();
    }

    private void release() {
      over.countDown();
    }

    @Override
    public void transact(Consumer<StoreTransaction> changes) {
      if (AgentGuest.frozen(durable) && written.incrementAndGet() >= last) {
        stuck.set(true);
        try {
          over.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("this daemon is dead in this test");
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
