package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A daemon that is killed in the middle of a snapshot, and what the next one makes of it (R2). */
class SnapshotRecoveryIT {

  private static final String INTENTS = "qemu-snapshot-intents";

  private final QemuWorld world = new QemuWorld();
  private final KeepingStore store = new KeepingStore();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void disksThatMovedAreTakenForMoved() {
    snapshotCutOffBeforeItsEnd();
    world.openDriver();
    assertMoved();
    assertThat(world.get("dom").getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    world.driver().snapshots().orElseThrow().create(world.call(), request("second"));
  }

  @Test
  void withoutQemuAFinishedOverlayIsUsed() {
    Domain before = snapshotCutOffBeforeItsEnd();
    end(before.getStatus().getProcessId());
    world.openDriver();
    assertMoved();
    world.startPaused("dom");
  }

  @Test
  void withoutQemuAnOverlayThatWasNotFinishedIsRemoved() throws Exception {
    Domain before = snapshotCutOffBeforeItsEnd();
    end(before.getStatus().getProcessId());
    Files.write(overlay(), new byte[10]);
    world.openDriver();
    assertThat(overlay()).doesNotExist();
    assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    assertThat(world.driver().snapshots().orElseThrow().listAll()).isEmpty();
    assertThat(world.store().list(INTENTS)).isEmpty();
    world.startPaused("dom");
  }

  @Test
  void aSnapshotOfAShutOffDomainGoesForwardWithWholeOverlaysOnly() throws Exception {
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
    Domain before = world.get("dom");
    world.driver().snapshots().orElseThrow().create(world.call(), request("first"));
    world.closeDriver();
    MemoryStore atIntent = store.atIntent();

    world.use(KeepingStore.copy(atIntent));
    world.openDriver();
    assertMoved();

    // The size is there, but not yet the name of what is below.
    world.qcow2("one.first");
    world.use(KeepingStore.copy(atIntent));
    world.openDriver();
    assertThat(overlay()).doesNotExist();
    assertTakenBack(before);

    Files.writeString(overlay(), "somebody's letters");
    world.use(atIntent);
    world.openDriver();
    assertThat(overlay()).hasContent("somebody's letters"); // R3
    assertTakenBack(before);
  }

  @Test
  void aFileThatComesUpWhereAnOverlayIsToBeMadeIsLeftAlone() throws Exception { // E18, G11
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2"), world.qcow2("two.qcow2")));
    Domain before = world.get("dom");
    Path second = world.images().resolve("two.first");
    store.afterFirstIntent(() -> Files.writeString(second, "somebody's letters"));

    assertThatThrownBy(
            () -> world.driver().snapshots().orElseThrow().create(world.call(), request("first")))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DESTINATION_EXISTS));
    assertThat(second).hasContent("somebody's letters");
    assertThat(overlay()).doesNotExist();
    assertTakenBack(before);
  }

  private void assertTakenBack(Domain before) {
    assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    assertThat(world.driver().snapshots().orElseThrow().listAll()).isEmpty();
    assertThat(world.store().list(INTENTS)).isEmpty();
  }

  /** A snapshot whose outcome is in QEMU and on disk, while the store stands at its intent. */
  private Domain snapshotCutOffBeforeItsEnd() {
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
    Domain before = world.startPaused("dom");
    world.driver().snapshots().orElseThrow().create(world.call(), request("first"));
    world.closeDriver();
    world.use(store.atIntent());
    assertThat(world.store().list(INTENTS)).hasSize(1);
    return before;
  }

  private void end(long pid) {
    world.signal("KILL", pid);
    await().atMost(Duration.ofSeconds(30)).until(() -> !QemuWorld.lives(pid));
  }

  private void assertMoved() {
    Domain domain = world.get("dom");
    assertThat(domain.getSpec().getDisks(0).getSource().getPath()).isEqualTo(overlay().toString());
    assertThat(domain.getStatus().getSnapshotCount()).isEqualTo(1);
    assertThat(world.driver().snapshots().orElseThrow().listAll())
        .extracting(Snapshot::getName)
        .containsExactly("first");
    assertThat(world.store().list(INTENTS)).isEmpty();
  }

  private Path overlay() {
    return world.images().resolve("one.first");
  }

  private static CreateSnapshotRequest request(String name) {
    return CreateSnapshotRequest.newBuilder().setDomain(QemuWorld.ref("dom")).setName(name).build();
  }

  /** Keeps a copy of everything as it was when it was on record which files are the overlays. */
  private static final class KeepingStore implements Store {
    private static final List<String> COLLECTIONS =
        List.of("domains", "counters", "snapshots", "qemu-runtime", INTENTS);

    private final MemoryStore real = new MemoryStore();
    private Optional<MemoryStore> kept = Optional.empty();
    private Optional<Callable<?>> afterFirstIntent = Optional.empty();

    synchronized void afterFirstIntent(Callable<?> action) {
      afterFirstIntent = Optional.of(action);
    }

    @Override
    public synchronized void transact(Consumer<StoreTransaction> changes) {
      real.transact(changes);
      List<StoreRecord> intents = real.list(INTENTS);
      if (!intents.isEmpty()) {
        afterFirstIntent.ifPresent(KeepingStore::run);
        afterFirstIntent = Optional.empty();
      }
      if (kept.isEmpty() && intents.stream().anyMatch(KeepingStore::namesOverlays)) {
        kept = Optional.of(copy(real));
      }
    }

    private static boolean namesOverlays(StoreRecord intent) {
      return intent.content().toStringUtf8().contains("\"overlays\"");
    }

    private static void run(Callable<?> action) {
      try {
        action.call();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Optional<ByteString> read(String collection, String key) {
      return real.read(collection, key);
    }

    @Override
    public List<StoreRecord> list(String collection) {
      return real.list(collection);
    }

    static MemoryStore copy(Store from) {
      MemoryStore copy = new MemoryStore();
      copy.transact(
          transaction ->
              COLLECTIONS.forEach(
                  collection ->
                      from.list(collection)
                          .forEach(
                              record ->
                                  transaction.put(collection, record.key(), record.content()))));
      return copy;
    }

    synchronized MemoryStore atIntent() {
      return kept.orElseThrow();
    }
  }
}
