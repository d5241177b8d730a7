package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.DomainState;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import java.nio.file.Path;
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
 * R2, R8, R9: the daemon, QEMU or both die before each transaction of a revert to an internal
 * snapshot whose image keeps the guest's memory. The guest goes on from the moment, begins anew, or
 * was never taken away; and no image keeps anything that only the revert needed.
 */
@Tag("qemu")
@Tag("crash")
class InternalMemoryRevertCrashIT {

  /** The job with its intent, its run, the decision, the move, the restoration, the end. */
  private static final int TRANSACTIONS = 10;

  private static final Set<DomainState> OFF =
      EnumSet.of(DomainState.DOMAIN_STATE_SHUT_OFF, DomainState.DOMAIN_STATE_CRASHED);

  private final QemuWorld world = new QemuWorld();
  private final InternalBench bench = new InternalBench(world);
  private final MemoryStore durable = new MemoryStore();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  static Stream<Arguments> everyTransaction() {
    return IntStream.rangeClosed(2, TRANSACTIONS)
        .boxed()
        .flatMap(
            nth ->
                Stream.of(InternalCrashIT.Victim.values())
                    .map(victim -> Arguments.of(nth, victim)));
  }

  @ParameterizedTest(name = "before transaction {0}: {1} dies")
  @MethodSource("everyTransaction")
  void theGuestHasTheMemoryOfTheMomentOrNone(int nth, InternalCrashIT.Victim victim)
      throws Exception {
    DyingStore store = new DyingStore(durable);
    world.use(store);
    world.openDriver();
    CountingGuest guest = bench.counting();
    Path image = world.images().resolve("dom.qcow2");
    world.start("dom");
    int then = guest.awaitBeyond(5);
    var _ = bench.create("one", true);
    int later = guest.awaitBeyond(guest.numbers().getLast() + 40);
    store.arm(
        nth,
        () -> {
          if (victim != InternalCrashIT.Victim.QEMU) {
            store.cut();
          }
          if (victim != InternalCrashIT.Victim.DAEMON) {
            world.endProcesses();
          }
        });

    try {
      var _ = bench.revert("one", RevertState.REVERT_STATE_UNSPECIFIED);
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(InternalCrashIT.Victim.QEMU);
    }
    assertThat(store.struck().get(InternalBench.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    if (victim != InternalCrashIT.Victim.QEMU) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }

    await()
        .atMost(InternalBench.PATIENCE)
        .until(
            () ->
                world.store().list("qemu-snapshot-intents").isEmpty()
                    && jobs().stream().allMatch(job -> JobTransitions.terminal(job.getState())));
    assertThat(jobs()).hasSize(1);
    boolean back = jobs().getFirst().getState() == JobState.JOB_STATE_SUCCEEDED;
    if (back && (victim == InternalCrashIT.Victim.DAEMON || !OFF.contains(state()))) {
      guest.awaitBeyond(then);
      assertThat(guest.numbers().getFirst()).isBetween(then, later - 20);
      assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    } else if (victim == InternalCrashIT.Victim.DAEMON) {
      // Nothing was decided: the guest goes on as if nobody had asked.
      assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
      guest.awaitBeyond(later);
    } else {
      await().atMost(InternalBench.PATIENCE).until(() -> OFF.contains(state()));
      world.start("dom");
      guest.awaitBeyond(1);
    }
    assertThat(bench.kept(image)).contains("one").doesNotContain("@");
    assertThat(world.processes()).hasSize(1);
  }

  private DomainState state() {
    return world.get("dom").getStatus().getState();
  }

  private List<Job> jobs() {
    return world.driver().jobs().orElseThrow().list();
  }
}
