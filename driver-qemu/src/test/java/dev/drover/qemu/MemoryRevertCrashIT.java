package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SnapshotMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R2, R8, R9: the daemon, QEMU or both die before each transaction of a revert to memory. Whatever
 * dies, the domain is on its old disks as it was, or on the reverted ones: with the memory of the
 * moment, or shut off with a job that says so.
 */
@Tag("qemu")
@Tag("crash")
class MemoryRevertCrashIT {

  private static final int TRANSACTIONS = 11;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Set<DomainState> OFF =
      EnumSet.of(DomainState.DOMAIN_STATE_SHUT_OFF, DomainState.DOMAIN_STATE_CRASHED);

  private final QemuWorld world = new QemuWorld();
  private final MemoryStore durable = new MemoryStore();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  static Stream<Arguments> everyTransaction() {
    return IntStream.rangeClosed(1, TRANSACTIONS)
        .boxed()
        .flatMap(
            nth ->
                Stream.of(MemoryCrashIT.Victim.values()).map(victim -> Arguments.of(nth, victim)));
  }

  @ParameterizedTest(name = "before transaction {0}: {1} dies")
  @MethodSource("everyTransaction")
  void theGuestHasTheMemoryOfTheMomentOrNone(int nth, MemoryCrashIT.Victim victim)
      throws Exception {
    DyingStore store = new DyingStore(durable);
    world.use(store);
    world.openDriver();
    CountingGuest guest = CountingGuest.define(world, "dom");
    world.start("dom");
    int then = guest.awaitBeyond(5);
    create();
    int later = guest.awaitBeyond(guest.numbers().getLast() + 40);
    Domain before = world.get("dom");
    store.arm(
        nth,
        () -> {
          if (victim != MemoryCrashIT.Victim.QEMU) {
            store.cut();
          }
          if (victim != MemoryCrashIT.Victim.DAEMON) {
            world.endProcesses();
          }
        });

    try {
      var _ =
          world
              .driver()
              .snapshots()
              .orElseThrow()
              .revert(
                  world.call(),
                  RevertSnapshotRequest.newBuilder()
                      .setDomain(QemuWorld.ref("dom"))
                      .setName("one")
                      .build());
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(MemoryCrashIT.Victim.QEMU);
    }
    assertThat(store.struck().get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    if (victim != MemoryCrashIT.Victim.QEMU) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                world.store().list("qemu-snapshot-intents").isEmpty()
                    && jobs().stream().allMatch(job -> JobTransitions.terminal(job.getState())));
    Path overlay = world.images().resolve("dom.one-1");
    boolean moved =
        world.get("dom").getSpec().getDisks(0).getSource().getPath().equals(overlay.toString());
    assertThat(Files.exists(overlay)).isEqualTo(moved);
    if (!moved) {
      assertThat(jobs()).allMatch(job -> job.getState() == JobState.JOB_STATE_FAILED);
      assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    } else if (jobs().getFirst().getState() == JobState.JOB_STATE_SUCCEEDED
        && (victim == MemoryCrashIT.Victim.DAEMON || !OFF.contains(state()))) {
      guest.awaitBeyond(then);
      assertThat(guest.numbers().getFirst()).isBetween(then, later - 20);
      assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    } else {
      assertThat(victim).isNotEqualTo(MemoryCrashIT.Victim.DAEMON);
      await().atMost(PATIENCE).until(() -> OFF.contains(state()));
      world.start("dom");
      guest.awaitBeyond(1);
    }
    assertThat(world.processes().size()).isLessThanOrEqualTo(1);
  }

  private DomainState state() {
    return world.get("dom").getStatus().getState();
  }

  private List<Job> jobs() {
    return world.driver().jobs().orElseThrow().list();
  }

  private void create() {
    var _ =
        world
            .driver()
            .snapshots()
            .orElseThrow()
            .create(
                world.call(),
                CreateSnapshotRequest.newBuilder()
                    .setDomain(QemuWorld.ref("dom"))
                    .setName("one")
                    .setMemory(
                        SnapshotMemory.newBuilder()
                            .setPath(world.images().resolve("one.memory").toString()))
                    .build());
  }
}
