package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A job of a shut-off domain holds the domain; start and job exclude each other (C18, R15). */
@Tag("qemu")
class OfflineLeaseIT {

  private static final int ROUNDS = 6;

  @Test
  void theDomainIsHeldUntilTheJobHasEnded() { // C18
    try (QemuWorld world = new QemuWorld()) {
      world.openDriver();
      assertThat(world.driver().info().declared())
          .contains(Capability.CAPABILITY_BLOCK_JOBS_OFFLINE);
      define(world);
      Job job = slowPull(world);

      refused(job, ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> world.startPaused("vm"));
      refused(job, ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> world.undefine("vm"));
      refused(job, ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> slowPull(world));
      refused(
          job,
          ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
          () -> world.define(QemuWorld.spec("vm", world.images().resolve("base.qcow2"))));
      refused(
          job,
          ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
          () ->
              world
                  .driver()
                  .snapshots()
                  .orElseThrow()
                  .create(
                      world.call(),
                      CreateSnapshotRequest.newBuilder().setDomain(QemuWorld.ref("vm")).build()));
      world.define(world.get("vm").getSpec().toBuilder().setMemoryBytes(24L << 20).build());

      cancel(world, job);
      assertThat(world.startPaused("vm").getStatus().getState())
          .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    }
  }

  @Test
  void theDomainIsHeldAcrossARestartOfTheDaemon() { // C18, R2
    try (QemuWorld world = new QemuWorld()) {
      world.openDriver();
      define(world);
      Job job = slowPull(world);
      world.openDriver();

      refused(job, ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> world.startPaused("vm"));

      world.closeDriver();
      world.killProcesses();
      world.openDriver();
      Job ended = world.driver().jobs().orElseThrow().get(job.getId()).orElseThrow();
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(ended.getError().getDetailsList().toString()).contains("JOB_INTERRUPTED");
      assertThat(world.startPaused("vm").getStatus().getState())
          .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    }
  }

  @Test
  void exactlyOneOfStartAndJobWins() throws Exception { // R15
    try (QemuWorld world = new QemuWorld();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      world.openDriver();
      define(world);
      for (int round = 0; round < ROUNDS; round++) {
        CyclicBarrier together = new CyclicBarrier(2);
        Future<Optional<ErrorReason>> start =
            callers.submit(attempt(together, () -> world.startPaused("vm")));
        Future<Optional<ErrorReason>> job =
            callers.submit(attempt(together, () -> slowCommit(world)));

        Optional<ErrorReason> startRefused = start.get(60, TimeUnit.SECONDS);
        Optional<ErrorReason> jobRefused = job.get(60, TimeUnit.SECONDS);

        if (startRefused.isEmpty()) {
          assertThat(jobRefused).contains(ErrorReason.ERROR_REASON_ACTIVE_COMMIT_REQUIRED);
          world.destroy("vm");
        } else {
          assertThat(startRefused).contains(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE);
          assertThat(jobRefused).isEmpty();
          world.driver().jobs().orElseThrow().list().stream()
              .filter(one -> one.getState() == JobState.JOB_STATE_RUNNING)
              .forEach(one -> cancel(world, one));
        }
      }
    }
  }

  @Test
  void imagesOfARunningDomainAreInUse() { // C18
    try (QemuWorld world = new QemuWorld()) {
      world.openDriver();
      define(world);
      Path other = world.overlay("other.qcow2", "base.qcow2", "qcow2");
      world.define(QemuWorld.spec("other", other));
      world.startPaused("other");

      assertThatThrownBy(() -> slowCommit(world))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_IMAGE_IN_USE);
                assertThat(e.getMessage()).contains("domain 'other'");
              });

      Job pull = slowPull(world);
      cancel(world, pull);
    }
  }

  @Test
  void withoutTheProgramThereAreNoJobsOnShutOffDomains() { // R16
    try (QemuWorld world =
        new QemuWorld().with("qemu-storage-daemon-binary", "/nonexistent/qemu-storage-daemon")) {
      world.openDriver();
      define(world);

      assertThat(world.driver().info().declared())
          .doesNotContain(Capability.CAPABILITY_BLOCK_JOBS_OFFLINE);
      assertThatThrownBy(() -> slowPull(world))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING));
    }
  }

  @Test
  void aProgramThatIsNoStorageDaemonIsToldAndLeavesNothing() {
    try (QemuWorld world = new QemuWorld().with("qemu-storage-daemon-binary", "/bin/false")) {
      world.openDriver();
      define(world);

      assertThatThrownBy(() -> slowPull(world))
          .isInstanceOfSatisfying(
              DriverException.class,
              e ->
                  assertThat(e.reason())
                      .isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED));

      assertThat(world.driver().jobs().orElseThrow().list()).isEmpty();
      assertThat(world.store().list("storage-daemon")).isEmpty();
    }
  }

  private static void define(QemuWorld world) {
    world.qcow2("base.qcow2");
    world.program(
        "qemu-io",
        "-f",
        "qcow2",
        "-c",
        "write -P 17 0 8M",
        world.images().resolve("base.qcow2").toString());
    Path active = world.overlay("active.qcow2", "base.qcow2", "qcow2");
    world.program("qemu-io", "-f", "qcow2", "-c", "write -P 34 1M 6M", active.toString());
    world.define(QemuWorld.spec("vm", active));
  }

  private static Job slowPull(QemuWorld world) {
    return world
        .driver()
        .blockJobs()
        .orElseThrow()
        .pull(
            world.call(),
            BlockPullRequest.newBuilder()
                .setDomain(QemuWorld.ref("vm"))
                .setDisk("vda")
                .setBandwidth(crawl())
                .build());
  }

  /** A commit of the active image, which a running domain refuses without {@code active}. */
  private static Job slowCommit(QemuWorld world) {
    return world
        .driver()
        .blockJobs()
        .orElseThrow()
        .commit(
            world.call(),
            BlockCommitRequest.newBuilder()
                .setDomain(QemuWorld.ref("vm"))
                .setDisk("vda")
                .setBandwidth(crawl())
                .build());
  }

  private static Bandwidth crawl() {
    return Bandwidth.newBuilder().setBytesPerSecond(4096).build();
  }

  private static void cancel(QemuWorld world, Job job) {
    var _ =
        world
            .driver()
            .jobs()
            .orElseThrow()
            .cancel(world.call(), CancelJobRequest.newBuilder().setJobId(job.getId()).build());
  }

  private static Callable<Optional<ErrorReason>> attempt(CyclicBarrier together, Runnable call) {
    return () -> {
      together.await(30, TimeUnit.SECONDS);
      try {
        call.run();
        return Optional.empty();
      } catch (DriverException e) {
        return Optional.of(e.reason());
      }
    };
  }

  private static void refused(Job job, ErrorReason reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.getMessage()).contains(job.getId());
            });
  }
}
