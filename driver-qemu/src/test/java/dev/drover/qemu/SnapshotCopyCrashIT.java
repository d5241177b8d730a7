package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.block.JobErrors;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R2, G12, G11: the daemon, the processes that work on the images, or both die before each
 * transaction of a snapshot of two disks with a copy of each. Whatever dies, the snapshot and both
 * jobs are on record or none of them is; a job that was not begun says why; and no file is there
 * that no definition, snapshot or job that goes on has to do with.
 */
@Tag("qemu")
@Tag("crash")
class SnapshotCopyCrashIT {

  private static final String INTENTS = "qemu-snapshot-intents";

  /**
   * Of a running QEMU: names of nodes, the intent, the holds, the end, the beginnings of the jobs,
   * letting go, READY.
   */
  private static final int LIVE_TRANSACTIONS = 16;

  /** Of a domain that is shut off: the intent, the end, the jobs' processes, beginnings, READY. */
  private static final int OFFLINE_TRANSACTIONS = 8;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final QemuWorld world = new QemuWorld();
  private final MemoryStore durable = new MemoryStore();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  /** Who dies. */
  enum Victim {
    PROCESS,
    DAEMON,
    BOTH
  }

  static Stream<Arguments> everyTransaction() {
    List<Arguments> all = new ArrayList<>();
    for (Victim victim : Victim.values()) {
      for (int nth = 1; nth <= LIVE_TRANSACTIONS; nth++) {
        all.add(Arguments.of(nth, victim, true));
      }
      for (int nth = 1; nth <= OFFLINE_TRANSACTIONS; nth++) {
        all.add(Arguments.of(nth, victim, false));
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "before transaction {0}: {1} dies (runs: {2})")
  @MethodSource("everyTransaction")
  void allAreOnRecordOrNothingIs(int nth, Victim victim, boolean running) throws Exception {
    DyingStore store = new DyingStore(durable);
    world.use(store);
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("a.qcow2"), world.qcow2("b.qcow2")));
    if (running) {
      world.startPaused("dom");
    }
    List<String> before = sources();
    store.arm(nth, () -> strike(store, victim));

    try {
      CreateSnapshotResponse made = create("one");
      assertThat(made.getCopyJobsList()).hasSize(2);
    } catch (DaemonDeath e) {
      assertThat(victim).isNotEqualTo(Victim.PROCESS);
    } catch (DriverException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST);
    }
    assertThat(store.struck().get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    if (victim != Victim.PROCESS) {
      world.closeDriver();
      world.use(durable);
      world.openDriver();
    }

    await().atMost(PATIENCE).until(() -> world.store().list(INTENTS).isEmpty());
    await().atMost(PATIENCE).until(() -> jobs().stream().allMatch(SnapshotCopyCrashIT::settled));
    boolean forward = !world.driver().snapshots().orElseThrow().listAll().isEmpty();
    assertThat(jobs()).hasSize(forward ? 2 : 0);
    assertThat(sources())
        .isEqualTo(
            forward
                ? List.of(
                    world.images().resolve("a.one").toString(),
                    world.images().resolve("b.one").toString())
                : before);
    jobs().forEach(this::end);
    assertThat(world.images())
        .isDirectoryNotContaining(
            file ->
                !List.of("a.qcow2", "b.qcow2").contains(file.getFileName().toString())
                    && !(forward && sources().contains(file.toString())));
    assertThat(world.store().list(JobJournal.COLLECTION)).isEmpty();
    if (!running) {
      await().atMost(PATIENCE).until(() -> world.processes().isEmpty());
    }
    assertWorks(running, forward ? "two" : "one");
  }

  private void strike(DyingStore store, Victim victim) {
    if (victim != Victim.PROCESS) {
      store.cut();
    }
    if (victim != Victim.DAEMON) {
      world.endProcesses();
    }
  }

  private static boolean settled(Job job) {
    return job.getState() == JobState.JOB_STATE_READY || JobTransitions.terminal(job.getState());
  }

  /** A job that goes on is cancelled; one that failed says why and has left no destination. */
  private void end(Job seen) {
    Path destination = destination(seen.getDisk());
    Job job = seen.getState() == JobState.JOB_STATE_READY ? cancelled(seen) : seen;
    if (job.getState() == JobState.JOB_STATE_CANCELLED) {
      assertThat(destination.toFile().delete()).isTrue();
    } else {
      assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(JobErrors.reason(job))
          .as(job.getError().getMessage())
          .isIn(
              ErrorReason.ERROR_REASON_JOB_INTERRUPTED,
              ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED);
      assertThat(destination).doesNotExist();
    }
  }

  /** READY may have been the last word of a process whose end is only now noticed. */
  private Job cancelled(Job job) {
    try {
      return world
          .driver()
          .jobs()
          .orElseThrow()
          .cancel(world.call(), CancelJobRequest.newBuilder().setJobId(job.getId()).build());
    } catch (DriverException e) {
      await().atMost(PATIENCE).until(() -> JobTransitions.terminal(job(job).getState()));
      return job(job);
    }
  }

  /** No node, hold, file or record is left in the way of the same once more. */
  private void assertWorks(boolean running, String name) {
    if (running && world.processes().isEmpty()) {
      await()
          .atMost(PATIENCE)
          .until(() -> world.get("dom").getStatus().getState() != DomainState.DOMAIN_STATE_PAUSED);
      world.startPaused("dom");
    }
    for (Job again : create(name).getCopyJobsList()) {
      await().atMost(PATIENCE).until(() -> job(again).getState() == JobState.JOB_STATE_READY);
      Job pivoted =
          world
              .driver()
              .jobs()
              .orElseThrow()
              .complete(
                  world.call(),
                  CompleteJobRequest.newBuilder()
                      .setJobId(again.getId())
                      .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                      .build());
      assertThat(pivoted.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
    assertThat(sources())
        .containsExactly(destination("vda").toString(), destination("vdb").toString());
  }

  private CreateSnapshotResponse create(String name) {
    return world
        .driver()
        .snapshots()
        .orElseThrow()
        .create(
            world.call(),
            CreateSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName(name)
                .addCopies(copy("vda").setShallow(true))
                .addCopies(copy("vdb"))
                .build());
  }

  private BlockCopyRequest.Builder copy(String disk) {
    return BlockCopyRequest.newBuilder()
        .setDisk(disk)
        .setDestination(
            Image.newBuilder()
                .setPath(destination(disk).toString())
                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));
  }

  private List<String> sources() {
    return world.get("dom").getSpec().getDisksList().stream()
        .map(disk -> disk.getSource().getPath())
        .toList();
  }

  private Path destination(String disk) {
    return world.images().resolve("copy-" + disk + ".qcow2");
  }

  private List<Job> jobs() {
    return world.driver().jobs().orElseThrow().list();
  }

  private Job job(Job begun) {
    return world.driver().jobs().orElseThrow().get(begun.getId()).orElseThrow();
  }
}
