package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Boot;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reverts on a real QEMU (R9). */
@Tag("qemu")
class RevertIT {

  private final QemuWorld world = new QemuWorld();
  private final RevertBench bench = new RevertBench(world);

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aShutOffDomainGoesBackInANewBranch() {
    Path base = world.qcow2("one.qcow2");
    bench.write(base, 1);
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    bench.snapshot("first");
    bench.write(image("one.first"), 2);
    bench.snapshot("second");
    bench.write(image("one.second"), 3);

    Job job = bench.reverted(request("first", RevertState.REVERT_STATE_SHUT_OFF));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_SNAPSHOT_REVERT);
    assertThat(job.getSnapshot()).isEqualTo("first");
    assertThat(job.getDisk()).isEmpty();
    assertThat(bench.active()).isEqualTo(image("one.first-1"));
    bench.assertHolds(bench.active(), 1);
    bench.assertHolds(image("one.first"), 2);
    assertThat(bench.current()).isEqualTo("first");
    assertThat(world.store().list("qemu-snapshot-intents")).isEmpty();

    world.openDriver();
    assertThat(bench.active()).isEqualTo(image("one.first-1"));
    assertThat(bench.current()).isEqualTo("first");
    Snapshot third = bench.snapshot("third");
    assertThat(third.getParent()).isEqualTo("first");
    assertThat(bench.reverted(request("second", RevertState.REVERT_STATE_SHUT_OFF)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench.assertHolds(bench.active(), 2);
  }

  @Test
  void aRunningDomainIsStartedAnewWhereThatIsAskedFor() {
    Path base = world.qcow2("one.qcow2");
    bench.write(base, 1);
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    Domain before = world.startPaused("dom");
    bench.snapshot("first");

    assertThat(bench.reverted(request("first", RevertState.REVERT_STATE_PAUSED)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    Domain paused = world.get("dom");
    assertThat(paused.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(paused.getStatus().getProcessId()).isNotEqualTo(before.getStatus().getProcessId());
    assertThat(QemuWorld.lives(before.getStatus().getProcessId())).isFalse();
    assertThat(paused.getSpec()).isEqualTo(paused.getStatus().getLiveSpec());
    assertThat(bench.active()).isEqualTo(image("one.first-1"));
    bench.assertHolds(bench.active(), 1);

    assertThat(bench.reverted(request("first", RevertState.REVERT_STATE_RUNNING)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.get("dom").getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);

    assertThat(bench.reverted(request("first", RevertState.REVERT_STATE_UNSPECIFIED)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.get("dom").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.processes()).isEmpty();
  }

  @Test
  void aBranchThatADomainWroteToThroughALinkStays() throws IOException { // R3
    Path base = world.qcow2("one.qcow2");
    bench.write(base, 1);
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    bench.snapshot("first");
    bench.reverted(request("first", RevertState.REVERT_STATE_SHUT_OFF));
    Path left = image("one.first");
    Path alias = Files.createSymbolicLink(image("alias.qcow2"), left);
    world.define(QemuWorld.spec("other", alias));
    world.startPaused("other");
    world.destroy("other");
    bench.write(left, 2);
    world.undefine("other");

    Job job = bench.ended(bench.delete("first"));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench.assertHolds(left, 2);
    bench.assertHolds(bench.active(), 1);
  }

  @Test
  void aDiskThatTookNoPartStays() {
    world.openDriver();
    Path two = world.qcow2("two.qcow2");
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2"), two));
    world
        .driver()
        .snapshots()
        .orElseThrow()
        .create(
            world.call(),
            CreateSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName("first")
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vdb")
                        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))
                .build());
    bench.reverted(request("first", RevertState.REVERT_STATE_SHUT_OFF));
    assertThat(bench.active()).isEqualTo(image("one.first-1"));
    assertThat(world.get("dom").getSpec().getDisks(1).getSource().getPath())
        .isEqualTo(two.toString());
  }

  @Test
  void whatCannotBeDoneLeavesTheDomainRunning() throws Exception {
    Path base = world.qcow2("one.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    Domain before = world.startPaused("dom");
    bench.snapshot("first");
    Files.writeString(image("there"), "something");

    refused(
        RevertBench.request("first", RevertState.REVERT_STATE_RUNNING)
            .addDisks(overlay("vda", "there"))
            .build(),
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
    refused(
        RevertBench.request("first", RevertState.REVERT_STATE_RUNNING)
            .addDisks(overlay("vdz", "new"))
            .build(),
        ErrorReason.ERROR_REASON_DISK_NOT_FOUND);
    refused(
        request("none", RevertState.REVERT_STATE_RUNNING),
        ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND);
    Files.move(base, image("away"));
    refused(
        request("first", RevertState.REVERT_STATE_RUNNING),
        ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND);
    Files.move(image("away"), base);
    world.closeDriver();
    world.with("qemu-img-binary", "/bin/false");
    world.openDriver();
    Job failed =
        bench.reverted(
            RevertBench.request("first", RevertState.REVERT_STATE_RUNNING)
                .addDisks(overlay("vda", "unmade"))
                .build());

    assertThat(failed.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(world.store().list("qemu-snapshot-intents")).isEmpty();
    assertThat(image("there")).hasContent("something");
    assertThat(image("unmade")).doesNotExist();
    assertThat(world.get("dom").getStatus().getProcessId())
        .isEqualTo(before.getStatus().getProcessId());
    assertThat(QemuWorld.lives(before.getStatus().getProcessId())).isTrue();
    assertThat(bench.active()).isEqualTo(image("one.first"));
  }

  @Test
  void anImageThatAnotherDomainWritesToHoldsNoMoment() {
    Path base = world.qcow2("one.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    world.define(QemuWorld.spec("other", base));
    world.startPaused("other");
    assertThatThrownBy(() -> bench.snapshot("first"))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_IMAGE_IN_USE));
    assertThat(image("one.first")).doesNotExist();

    world.destroy("other");
    bench.snapshot("first");
    world.startPaused("other");
    refused(
        request("first", RevertState.REVERT_STATE_SHUT_OFF), ErrorReason.ERROR_REASON_IMAGE_IN_USE);
  }

  @Test
  void aCancelBeforeTheOverlaysAreWholeTakesTheRevertBack() throws Exception { // R15
    Path gate = world.images().resolve("gate");
    world.with("qemu-img-binary", slowImageTool(gate).toString());
    Path base = world.qcow2("one.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    bench.snapshot("first");
    long pid = world.startPaused("dom").getStatus().getProcessId();
    world.program("mkfifo", gate.toString());

    Job job = bench.revert(request("first", RevertState.REVERT_STATE_RUNNING));
    await()
        .until(
            () ->
                world.driver().jobs().orElseThrow().get(job.getId()).orElseThrow().getState()
                    == JobState.JOB_STATE_RUNNING);
    assertThatThrownBy(
            () ->
                world
                    .driver()
                    .domains()
                    .destroy(
                        world.call(Duration.ofMillis(1)),
                        DestroyDomainRequest.newBuilder().setDomain(QemuWorld.ref("dom")).build()))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_BUSY));
    Job cancelling =
        world
            .driver()
            .jobs()
            .orElseThrow()
            .cancel(
                world.call(),
                CancelJobRequest.newBuilder().setJobId(job.getId()).setAsync(true).build());
    assertThat(cancelling.getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    Files.writeString(gate, "open\n");

    assertThat(bench.ended(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(image("one.first-1")).doesNotExist();
    assertThat(bench.active()).isEqualTo(image("one.first"));
    assertThat(world.get("dom").getStatus().getProcessId()).isEqualTo(pid);
    assertThat(world.store().list("qemu-snapshot-intents")).isEmpty();
  }

  /** An image tool that makes nothing before somebody writes to the gate, where it is there. */
  private Path slowImageTool(Path gate) throws IOException {
    Path tool = world.images().resolve("slow-qemu-img");
    Files.writeString(
        tool,
        """
        #!/bin/sh
        [ ! -p '%s' ] || read -r _ < '%s'
        exec qemu-img "$@"
        """
            .formatted(gate, gate));
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    return tool;
  }

  @Test
  void aTransientDomainIsRefused() {
    world.openDriver();
    world.createPaused(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
    bench.snapshot("first");
    refused(
        request("first", RevertState.REVERT_STATE_SHUT_OFF),
        ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT);
  }

  @Test
  void aStartThatFailsLeavesTheDomainShutOffOnTheRevertedDisks() {
    Path base = world.qcow2("one.qcow2");
    DomainSpec spec = QemuWorld.spec("dom", base);
    world.openDriver();
    world.define(spec);
    world.startPaused("dom");
    bench.snapshot("first");
    world.define(
        world.get("dom").getSpec().toBuilder()
            .setBoot(
                Boot.newBuilder()
                    .setDirectKernel(
                        DirectKernelBoot.newBuilder().setKernelPath(image("no-kernel").toString())))
            .build());

    Job job = bench.reverted(request("first", RevertState.REVERT_STATE_RUNNING));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(job.getError().getMessage()).contains("are back at snapshot 'first'");
    assertThat(world.get("dom").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(bench.active()).isEqualTo(image("one.first-1"));
    assertThat(bench.current()).isEqualTo("first");
  }

  @Test
  void theSameCallIsOneRevertAndACheckChangesNothing() {
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
    bench.snapshot("first");
    Job checked =
        bench.revert(
            RevertBench.request("first", RevertState.REVERT_STATE_SHUT_OFF)
                .setValidateOnly(true)
                .build());
    assertThat(checked.getSnapshot()).isEqualTo("first");
    assertThat(bench.active()).isEqualTo(image("one.first"));
    RevertSnapshotRequest request =
        RevertBench.request("first", RevertState.REVERT_STATE_SHUT_OFF)
            .setRequestId("once")
            .build();
    Job job = bench.reverted(request);
    assertThat(bench.revert(request).getId()).isEqualTo(job.getId());
    assertThat(bench.active()).isEqualTo(image("one.first-1"));
  }

  private static RevertSnapshotRequest request(String snapshot, RevertState state) {
    return RevertBench.request(snapshot, state).build();
  }

  private SnapshotDisk overlay(String target, String file) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setOverlay(Image.newBuilder().setPath(image(file).toString()))
        .build();
  }

  private Path image(String name) {
    return world.images().resolve(name);
  }

  private void refused(RevertSnapshotRequest request, ErrorReason reason) {
    assertThatThrownBy(() -> bench.revert(request))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
