package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R2, R9, G11: the daemon, QEMU or both die before each transaction of a snapshot with memory, of a
 * guest that is held meanwhile and of one that runs on. Whatever dies, the snapshot is there with
 * all its files or has left nothing, and a guest that lives goes on.
 */
@Tag("qemu")
@Tag("crash")
class MemoryCrashIT {

  private static final String INTENTS = "qemu-snapshot-intents";

  /**
   * The name of a node, the intent, the hold, the complete memory, the end, and letting go; a hold
   * that is to begin by itself is on record like one that begins at once.
   */
  private static final int TRANSACTIONS = 6;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final QemuWorld world = new QemuWorld();
  private final MemoryStore durable = new MemoryStore();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  /** Who dies. */
  enum Victim {
    QEMU,
    DAEMON,
    BOTH
  }

  static Stream<Arguments> everyTransaction() {
    return IntStream.rangeClosed(1, TRANSACTIONS)
        .boxed()
        .flatMap(
            nth ->
                Stream.of(Victim.values())
                    .flatMap(
                        victim ->
                            Stream.of(
                                Arguments.of(nth, victim, false),
                                Arguments.of(nth, victim, true))));
  }

  @ParameterizedTest(name = "before transaction {0}: {1} dies (runs on: {2})")
  @MethodSource("everyTransaction")
  void theSnapshotIsWholeOrHasLeftNothing(int nth, Victim victim, boolean live) throws Exception {
    DyingStore store = new DyingStore(durable);
    world.use(store);
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    guest.awaitBeyond(5);
    Domain before = world.get("dom");
    store.arm(
        nth,
        () -> {
          if (victim != Victim.QEMU) {
            store.cut();
          }
          if (victim != Victim.DAEMON) {
            world.endProcesses();
          }
        });

    try {
      var _ = world.driver().snapshots().orElseThrow().create(world.call(), request(live));
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(Victim.QEMU);
    } catch (DriverException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST);
    }
    store.struck().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (victim != Victim.QEMU) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }

    await().atMost(PATIENCE).until(() -> world.store().list(INTENTS).isEmpty());
    boolean forward = !snapshots().isEmpty();
    Path overlay = world.images().resolve("dom.one");
    Path memory = world.images().resolve("one.memory");
    if (forward) {
      assertThat(world.get("dom").getSpec().getDisks(0).getSource().getPath())
          .isEqualTo(overlay.toString());
      assertThat(Files.size(memory)).isEqualTo(snapshots().getFirst().getMemory().getSizeBytes());
    } else {
      assertThat(world.get("dom").getSpec().getDisks(0)).isEqualTo(before.getSpec().getDisks(0));
      assertThat(overlay).doesNotExist();
      assertThat(memory).doesNotExist();
    }
    if (victim == Victim.DAEMON) {
      assertThat(world.get("dom").getStatus().getProcessId())
          .isEqualTo(before.getStatus().getProcessId());
      guest.awaitBeyond(guest.numbers().getLast() + 5);
      assertThat(world.get("dom").getStatus().getState())
          .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    } else {
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  EnumSet.of(DomainState.DOMAIN_STATE_SHUT_OFF, DomainState.DOMAIN_STATE_CRASHED)
                      .contains(world.get("dom").getStatus().getState()));
      world.start("dom");
    }
  }

  private List<Snapshot> snapshots() {
    return world.driver().snapshots().orElseThrow().listAll();
  }

  private CreateSnapshotRequest request(boolean live) {
    CreateSnapshotRequest.Builder request =
        CreateSnapshotRequest.newBuilder()
            .setDomain(QemuWorld.ref("dom"))
            .setName("one")
            .setMemory(
                SnapshotMemory.newBuilder()
                    .setPath(world.images().resolve("one.memory").toString()));
    if (live) {
      request.setLiveMemory(LiveMemory.getDefaultInstance());
    }
    return request.build();
  }
}
