package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotMemory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** R4: a domain whose image is on a file system that does not answer. */
class HungStorageIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final QemuWorld world = new QemuWorld();
  private Optional<FuseImage> mounted = Optional.empty();

  @BeforeEach
  void open() {
    mounted = FuseImage.mount(world);
    Assumptions.assumeTrue(mounted.isPresent(), "an image can be mounted here (/dev/fuse)");
    world.openDriver();
    world.define(QemuWorld.spec("stuck", image().path()));
    world.define(QemuWorld.spec("well", world.qcow2("well.qcow2")));
    world.startPaused("stuck");
    world.startPaused("well");
  }

  @AfterEach
  void close() {
    mounted.ifPresent(FuseImage::close);
    world.close();
  }

  private FuseImage image() {
    return mounted.orElseThrow();
  }

  private void hang() {
    image().hang();
    awaitUnresponsive(true);
  }

  private void awaitUnresponsive(boolean unresponsive) {
    await()
        .atMost(PATIENCE)
        .until(() -> world.get("stuck").getStatus().getUnresponsive() == unresponsive);
  }

  @Test
  @DisplayName("It is shown as unresponsive with the image named, and answers again; no other is")
  void shown() {
    hang();
    assertThat(world.get("stuck").getStatus().getUnresponsiveDetail())
        .startsWith("the file system of image '%s' has not answered".formatted(image().path()));
    assertThat(world.get("stuck").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(world.get("well").getStatus().getUnresponsive()).isFalse();
    image().answer();
    awaitUnresponsive(false);
    assertThat(world.get("stuck").getStatus().getUnresponsiveDetail()).isEmpty();
    assertThat(world.resume("stuck").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  @DisplayName("Calls that name a file on it for a domain that is well are refused in time")
  void named() {
    Image hung =
        Image.newBuilder()
            .setPath(image().path().toString())
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();
    DomainSpec.Builder kernel = QemuWorld.spec("kernel", world.qcow2("kernel.qcow2")).toBuilder();
    kernel.getBootBuilder().getDirectKernelBuilder().setKernelPath(hung.getPath());
    world.define(kernel.build());
    hang();

    unanswered(
        () ->
            world
                .driver()
                .blockJobs()
                .orElseThrow()
                .copy(
                    world.call(),
                    BlockCopyRequest.newBuilder()
                        .setDomain(QemuWorld.ref("well"))
                        .setDisk("vda")
                        .setDestination(hung)
                        .build()));
    unanswered(
        () ->
            snapshot(
                "well",
                request ->
                    request.addDisks(SnapshotDisk.newBuilder().setTarget("vda").setOverlay(hung))));
    unanswered(
        () ->
            snapshot(
                "well",
                request -> request.setMemory(SnapshotMemory.newBuilder().setPath(hung.getPath()))));
    unanswered(() -> world.startPaused("kernel"));
    assertThat(world.resume("well").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  @DisplayName(
      "Snapshots and jobs of a domain that is well go on meanwhile; nothing is deleted blindly")
  void othersGoOn() {
    hang();
    snapshot("well", request -> request);
    committedBesideSilence();
  }

  @Test
  @DisplayName("So they do beside a snapshot whose moment is in an image that does not answer")
  void othersGoOnBesideSnapshots() {
    snapshot("stuck", request -> request);
    hang();
    snapshot("well", request -> request);
    committedBesideSilence();
  }

  /** Whether the other domain needs the file cannot be told, so it stays, and that is said (R3). */
  private void committedBesideSilence() {
    Job begun =
        world
            .driver()
            .blockJobs()
            .orElseThrow()
            .commit(
                world.call(),
                BlockCommitRequest.newBuilder()
                    .setDomain(QemuWorld.ref("well"))
                    .setDisk("vda")
                    .setActive(true)
                    .setDelete(true)
                    .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)
                    .build());
    await().atMost(PATIENCE).until(() -> JobTransitions.terminal(job(begun).getState()));
    Job ended = job(begun);
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getResult().getDeletedPathsList()).isEmpty();
    assertThat(ended.getResult().getWarningsList())
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains("was not deleted", "of domain 'stuck'", "has not answered"));
  }

  private Job job(Job begun) {
    return world.driver().jobs().orElseThrow().get(begun.getId()).orElseThrow();
  }

  private void snapshot(String domain, UnaryOperator<CreateSnapshotRequest.Builder> what) {
    CreateSnapshotRequest.Builder request =
        CreateSnapshotRequest.newBuilder().setDomain(QemuWorld.ref(domain)).setName("moment");
    var _ =
        world.driver().snapshots().orElseThrow().create(world.call(), what.apply(request).build());
  }

  private void unanswered(ThrowingCallable call) {
    DriverException refused = catchThrowableOfType(DriverException.class, call);
    assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED);
    assertThat(refused).hasMessageContaining(image().path().toString());
  }

  @Test
  @DisplayName("It is shut off by force while its image does not answer, and starts once it does")
  void destroyed() {
    long process = world.get("stuck").getStatus().getProcessId();
    hang();
    Domain destroyed = world.destroy("stuck");
    assertThat(destroyed.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(destroyed.getStatus().getDetail()).contains("once their file system answers");
    assertThat(destroyed.getStatus().getUnresponsive()).isFalse();
    assertThat(world.runtimeRecords()).hasSize(1);
    assertThat(world.resume("well").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    image().answer();
    await().atMost(PATIENCE).until(() -> !QemuWorld.lives(process));
    assertThat(world.startPaused("stuck").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
  }
}
