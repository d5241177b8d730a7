package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import java.nio.file.Path;
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
 * R2, R8, R9, G11: the daemon, QEMU or both die before each transaction of an internal snapshot, of
 * a revert to one and of its deletion. Whatever dies, the snapshot is kept by all images and on
 * record, or by none; all disks have gone back, or none has; and where a deletion has ended, or
 * ended when it was asked for again, no image keeps anything of it.
 */
@Tag("qemu")
@Tag("crash")
class InternalCrashIT {

  private static final String INTENTS = "qemu-snapshot-intents";

  private final QemuWorld world = new QemuWorld();
  private final InternalBench bench = new InternalBench(world);
  private final RevertBench contents = new RevertBench(world);
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

  /** What is taken, and how many transactions that has. */
  enum Taken {
    /** The intent, and the end. */
    DISKS(2),
    /** The intent, the hold, the end, and letting go. */
    MEMORY(4);

    private final int transactions;

    Taken(int transactions) {
      this.transactions = transactions;
    }
  }

  static Stream<Arguments> everyTransaction() {
    return Stream.of(Taken.values())
        .flatMap(
            taken ->
                IntStream.rangeClosed(1, taken.transactions)
                    .boxed()
                    .flatMap(
                        nth ->
                            Stream.of(Victim.values())
                                .map(victim -> Arguments.of(taken, nth, victim))));
  }

  @ParameterizedTest(name = "{0}, before transaction {1}: {2} dies")
  @MethodSource("everyTransaction")
  void allImagesKeepItOrNone(Taken taken, int nth, Victim victim) throws Exception {
    List<Path> images = List.of(world.qcow2("one.qcow2"), world.qcow2("two.qcow2"));
    DyingStore store = new DyingStore(durable);
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", images.toArray(Path[]::new)));
    long pid = world.start("dom").getStatus().getProcessId();
    arm(store, nth, victim);

    try {
      var _ = bench.create("one", taken == Taken.MEMORY);
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(Victim.QEMU);
    } catch (DriverException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST);
    }
    store.struck().get(InternalBench.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    bringBack(victim);

    await().atMost(InternalBench.PATIENCE).until(() -> world.store().list(INTENTS).isEmpty());
    boolean made = !bench.list().isEmpty();
    for (Path image : images) {
      assertThat(bench.kept(image).contains("one")).as("made: %s", made).isEqualTo(made);
    }
    if (victim == Victim.DAEMON) {
      assertThat(world.get("dom").getStatus().getProcessId()).isEqualTo(pid);
      await()
          .atMost(InternalBench.PATIENCE)
          .until(() -> state() == DomainState.DOMAIN_STATE_RUNNING);
      world.destroy("dom");
    } else {
      await()
          .atMost(InternalBench.PATIENCE)
          .until(
              () ->
                  EnumSet.of(DomainState.DOMAIN_STATE_SHUT_OFF, DomainState.DOMAIN_STATE_CRASHED)
                      .contains(state()));
    }
    if (made) {
      assertThat(bench.delete("one").getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
    var _ = bench.create("one", false);
  }

  static Stream<Arguments> everyTransactionOfARevert() {
    // The job with its intent, its run, the decision, the move, and the end.
    return IntStream.rangeClosed(2, 6)
        .boxed()
        .flatMap(nth -> Stream.of(Victim.values()).map(victim -> Arguments.of(nth, victim)));
  }

  @ParameterizedTest(name = "revert, before transaction {0}: {1} dies")
  @MethodSource("everyTransactionOfARevert")
  void allDisksGoBackOrNone(int nth, Victim victim) throws Exception {
    DyingStore store = new DyingStore(durable);
    List<Path> images = imagesThatKeepOne(store);
    world.startPaused("dom");
    arm(store, nth, victim);

    try {
      var _ = bench.revert("one", RevertState.REVERT_STATE_SHUT_OFF);
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(Victim.QEMU);
    }
    store.struck().get(InternalBench.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    bringBack(victim);

    await()
        .atMost(InternalBench.PATIENCE)
        .until(() -> jobs().stream().allMatch(job -> JobTransitions.terminal(job.getState())));
    assertThat(world.store().list(INTENTS)).isEmpty();
    assertThat(jobs()).hasSize(1);
    boolean back = jobs().getFirst().getState() == JobState.JOB_STATE_SUCCEEDED;
    for (Path image : images) {
      contents.assertHolds(image, back ? 1 : 2);
      assertThat(bench.kept(image)).contains("one").doesNotContain("@");
    }
  }

  static Stream<Arguments> everyTransactionOfADeletion() {
    // The job, its run, for each of two disks the beginning and the end of its step, and the end.
    return IntStream.rangeClosed(2, 7)
        .boxed()
        .flatMap(nth -> Stream.of(Victim.values()).map(victim -> Arguments.of(nth, victim)));
  }

  @ParameterizedTest(name = "deletion, before transaction {0}: {1} dies")
  @MethodSource("everyTransactionOfADeletion")
  void allImagesLetGoOfIt(int nth, Victim victim) throws Exception {
    DyingStore store = new DyingStore(durable);
    List<Path> images = imagesThatKeepOne(store);
    var _ = bench.create("two", false);
    images.forEach(image -> contents.write(image, 3));
    world.startPaused("dom");
    arm(store, nth, victim);

    Job begun = bench.beginDelete("one");
    store.struck().get(InternalBench.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    bringBack(victim);

    Job ended = bench.ended(begun);
    await().atMost(InternalBench.PATIENCE).until(() -> bench.list().size() == 1 || deletedAgain());
    if (victim == Victim.DAEMON) {
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      world.destroy("dom");
    }
    assertThat(bench.list().getFirst().getName()).isEqualTo("two");
    await().atMost(InternalBench.PATIENCE).until(() -> world.processes().isEmpty());
    for (Path image : images) {
      assertThat(bench.kept(image)).contains("two").doesNotContain("one");
      bench.assertSound(image);
      contents.assertHolds(image, 3);
    }
    Job back = bench.ended(bench.revert("two", RevertState.REVERT_STATE_SHUT_OFF));
    assertThat(back.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    images.forEach(image -> contents.assertHolds(image, 2));
  }

  /** A daemon that has just begun may still wait for the monitor of a QEMU that is dead. */
  private boolean deletedAgain() {
    try {
      return bench.delete("one").getState() == JobState.JOB_STATE_SUCCEEDED;
    } catch (DriverException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE);
      return false;
    }
  }

  /** Two disks whose images keep the moment "one", contents 1, and hold contents 2. */
  private List<Path> imagesThatKeepOne(DyingStore store) {
    List<Path> images = List.of(world.qcow2("one.qcow2"), world.qcow2("two.qcow2"));
    images.forEach(image -> contents.write(image, 1));
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", images.toArray(Path[]::new)));
    var _ = bench.create("one", false);
    images.forEach(image -> contents.write(image, 2));
    return images;
  }

  private void arm(DyingStore store, int nth, Victim victim) {
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
  }

  private void bringBack(Victim victim) {
    if (victim != Victim.QEMU) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }
  }

  private List<Job> jobs() {
    return world.driver().jobs().orElseThrow().list();
  }

  private DomainState state() {
    return world.get("dom").getStatus().getState();
  }
}
