package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotStep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R2, R3, R9: QEMU, the daemon, or both die before a transaction of the deletion of a snapshot of
 * two disks that stands on a branch of its own: its images belong to no disk's chain any more and
 * are merged aside. Some transactions run always; all where the environment says {@code
 * DROVER_CRASH=all}.
 */
@Tag("qemu")
@Tag("crash")
class BranchDeleteCrashIT {

  private static final boolean EVERYTHING = "all".equals(System.getenv("DROVER_CRASH"));
  private static final int SAMPLE = 4;

  /** More than the deletion has; the ones behind its end strike nobody. */
  private static final int MOST = 26;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Contents: of the moments "first", "second" and "third", and of what the disks hold now. */
  private static final int FIRST = 1;

  private static final int SECOND = 2;
  private static final int THIRD = 3;
  private static final int NOW = 4;

  private final QemuWorld world = new QemuWorld();
  private final RevertBench bench = new RevertBench(world);
  private final MemoryStore durable = new MemoryStore();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  static Stream<Arguments> transactions() {
    List<Arguments> all = new ArrayList<>();
    for (int nth = 1; nth <= MOST; nth += EVERYTHING ? 1 : SAMPLE) {
      for (DeleteCrashIT.Victim victim : DeleteCrashIT.Victim.values()) {
        all.add(Arguments.of(nth, victim, true));
      }
      all.add(Arguments.of(nth, DeleteCrashIT.Victim.DAEMON, false));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "before transaction {0}: {1} dies (runs: {2})")
  @MethodSource("transactions")
  void everyMomentThatStaysIsWhole(int nth, DeleteCrashIT.Victim victim, boolean running) {
    DyingStore store = new DyingStore(durable);
    world.use(store);
    world.openDriver();
    plantTree();
    List<String> before = frozen("third");
    List<String> doomed = frozen("second");
    List<String> active = active();
    if (running) {
      world.startPaused("dom");
    }
    store.arm(
        nth,
        () -> {
          if (victim != DeleteCrashIT.Victim.QEMU) {
            store.cut();
          }
          if (victim != DeleteCrashIT.Victim.DAEMON) {
            world.killProcesses();
          }
        });

    try {
      Job begun = bench.delete("second");
      assertThat(begun.getSnapshotPlan().getStepsList())
          .extracting(SnapshotStep::getAction)
          .containsExactly(
              SnapshotAction.SNAPSHOT_ACTION_PULL, SnapshotAction.SNAPSHOT_ACTION_PULL);
      await()
          .atMost(PATIENCE)
          .until(() -> store.isCut() || JobTransitions.terminal(job(begun).getState()));
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(DeleteCrashIT.Victim.QEMU);
    } catch (DriverException e) {
      assertThat(store.struck()).as(e.getMessage()).succeedsWithin(PATIENCE);
    }
    if (victim != DeleteCrashIT.Victim.QEMU) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }
    await()
        .atMost(PATIENCE)
        .until(() -> jobs().stream().allMatch(job -> JobTransitions.terminal(job.getState())));
    await().atMost(PATIENCE).until(() -> find("second").isEmpty() || deletedAgain());

    assertThat(find("third").orElseThrow().getParent()).isEqualTo("first");
    assertThat(frozen("third")).isEqualTo(before);
    assertThat(active()).isEqualTo(active);
    frozen("first").forEach(image -> bench.assertHolds(Path.of(image), FIRST));
    before.forEach(
        image -> {
          bench.assertHolds(Path.of(image), THIRD);
          bench.assertHolds(Path.of(image), SECOND, 1);
        });
    active.forEach(image -> bench.assertHolds(Path.of(image), NOW));
    assertThat(doomed).allSatisfy(image -> assertThat(Path.of(image)).doesNotExist());
    assertThat(durable.list("snapshot-deletions")).isEmpty();
    assertThat(world.processes().size()).isLessThanOrEqualTo(1);
  }

  /** Three moments in a row, and a way back to the first one, on which the disks stand now. */
  private void plantTree() {
    Path one = world.qcow2("one.qcow2");
    Path two = world.qcow2("two.qcow2");
    bench.write(one, FIRST);
    bench.write(two, FIRST);
    world.define(QemuWorld.spec("dom", one, two));
    bench.snapshot("first");
    active().forEach(image -> bench.write(Path.of(image), SECOND, 1));
    bench.snapshot("second");
    active().forEach(image -> bench.write(Path.of(image), THIRD));
    bench.snapshot("third");
    Job back =
        bench.reverted(RevertBench.request("first", RevertState.REVERT_STATE_SHUT_OFF).build());
    assertThat(back.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    active().forEach(image -> bench.write(Path.of(image), NOW));
  }

  private List<String> active() {
    return world.get("dom").getSpec().getDisksList().stream()
        .map(disk -> disk.getSource().getPath())
        .toList();
  }

  private List<String> frozen(String snapshot) {
    return find(snapshot).orElseThrow().getDisksList().stream()
        .map(disk -> disk.getFrozen().getPath())
        .toList();
  }

  private Optional<Snapshot> find(String name) {
    return world.driver().snapshots().orElseThrow().list(QemuWorld.ref("dom")).stream()
        .filter(snapshot -> snapshot.getName().equals(name))
        .findFirst();
  }

  /** A daemon that has just begun may still wait for the monitor of a QEMU that is dead. */
  private boolean deletedAgain() {
    try {
      return bench.ended(bench.delete("second")).getState() == JobState.JOB_STATE_SUCCEEDED;
    } catch (DriverException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE);
      return false;
    }
  }

  private Job job(Job begun) {
    return world.driver().jobs().orElseThrow().get(begun.getId()).orElseThrow();
  }

  private List<Job> jobs() {
    return world.driver().jobs().orElseThrow().list();
  }
}
