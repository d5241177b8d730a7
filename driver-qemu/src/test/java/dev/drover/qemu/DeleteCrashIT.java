package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R2, R3, R9: QEMU, the daemon, or both die before a transaction of a deletion becomes durable. The
 * next daemon brings the deletion to an end by itself; where that end is a failure, the same call
 * again succeeds. No moment that stays shows anything else, and no file is left. Some transactions
 * run always; all where the environment says {@code DROVER_CRASH=all}.
 */
@Tag("qemu")
@Tag("crash")
class DeleteCrashIT {

  private static final boolean EVERYTHING = "all".equals(System.getenv("DROVER_CRASH"));
  private static final int SAMPLE = 4;

  /** More than a deletion of one disk has; the ones behind its end strike nobody. */
  private static final int MOST = 24;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final QemuWorld world = new QemuWorld();
  private final RevertBench bench = new RevertBench(world);
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

  static Stream<Arguments> transactions() {
    List<Arguments> all = new ArrayList<>();
    for (int nth = 1; nth <= MOST; nth += EVERYTHING ? 1 : SAMPLE) {
      for (Victim victim : Victim.values()) {
        all.add(Arguments.of(nth, victim, true));
      }
      all.add(Arguments.of(nth, Victim.DAEMON, false));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "before transaction {0}: {1} dies (runs: {2})")
  @MethodSource("transactions")
  void everyMomentThatStaysIsWhole(int nth, Victim victim, boolean running) {
    Path base = world.qcow2("one.qcow2");
    Path first = world.images().resolve("one.first");
    Path second = world.images().resolve("one.second");
    bench.write(base, 1);
    DyingStore store = new DyingStore(durable);
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    bench.snapshot("first");
    bench.write(first, 2);
    bench.snapshot("second");
    bench.write(second, 3);
    if (running) {
      world.startPaused("dom");
    }
    store.arm(
        nth,
        () -> {
          if (victim != Victim.QEMU) {
            store.cut();
          }
          if (victim != Victim.DAEMON) {
            world.killProcesses();
          }
        });

    try {
      Job begun = bench.delete("first");
      await()
          .atMost(PATIENCE)
          .until(() -> store.isCut() || JobTransitions.terminal(job(begun).getState()));
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(Victim.QEMU);
    } catch (DriverException e) {
      assertThat(store.struck()).as(e.getMessage()).succeedsWithin(PATIENCE);
    }
    if (victim != Victim.QEMU) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }
    await()
        .atMost(PATIENCE)
        .until(() -> jobs().stream().allMatch(job -> JobTransitions.terminal(job.getState())));
    await().atMost(PATIENCE).until(() -> !names().contains("first") || deletedAgain());

    assertThat(names()).containsExactly("second");
    Snapshot left = snapshots().getFirst();
    assertThat(left.getParent()).isEmpty();
    assertThat(left.getDisks(0).getFrozen().getPath()).isEqualTo(base.toString());
    bench.assertHolds(base, 2);
    assertThat(bench.active()).isEqualTo(second);
    bench.assertHolds(second, 3);
    assertThat(first).doesNotExist();
    assertThat(durable.list("snapshot-deletions")).isEmpty();
    assertThat(world.processes().size()).isLessThanOrEqualTo(1);
  }

  /** A daemon that has just begun may still wait for the monitor of a QEMU that is dead. */
  private boolean deletedAgain() {
    try {
      return bench.ended(bench.delete("first")).getState() == JobState.JOB_STATE_SUCCEEDED;
    } catch (DriverException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE);
      return false;
    }
  }

  private List<Snapshot> snapshots() {
    return world.driver().snapshots().orElseThrow().list(QemuWorld.ref("dom"));
  }

  private List<String> names() {
    return snapshots().stream().map(Snapshot::getName).toList();
  }

  private Job job(Job begun) {
    return world.driver().jobs().orElseThrow().get(begun.getId()).orElseThrow();
  }

  private List<Job> jobs() {
    return world.driver().jobs().orElseThrow().list();
  }
}
