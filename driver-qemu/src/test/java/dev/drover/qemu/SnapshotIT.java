package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Snapshots on a real QEMU. */
class SnapshotIT {

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void bothDisksMoveToOverlaysWithAbsoluteBackingNames() { // G1, G8, G10
    Path one = world.qcow2("one.qcow2");
    Path two = world.qcow2("two.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", one, two));
    world.startPaused("dom");

    Snapshot first = snapshot(request("first").build());
    assertThat(first.getCurrent()).isTrue();
    assertThat(first.getDisksList())
        .extracting(disk -> disk.getOverlay().getPath())
        .containsExactly(
            world.images().resolve("one.first").toString(),
            world.images().resolve("two.first").toString());
    Snapshot second = snapshot(request("second").build());
    assertThat(second.getParent()).isEqualTo("first");

    Domain domain = world.get("dom");
    assertThat(sources(domain.getStatus().getLiveSpec().getDisksList()))
        .containsExactly(
            world.images().resolve("one.second").toString(),
            world.images().resolve("two.second").toString());
    assertThat(domain.getSpec()).isEqualTo(domain.getStatus().getLiveSpec());
    assertThat(domain.getStatus().getSnapshotCount()).isEqualTo(2);
    assertThat(
            world.program(
                "qemu-img",
                "info",
                "-U",
                "-f",
                "qcow2",
                world.images().resolve("one.second").toString()))
        .contains("backing file: " + world.images().resolve("one.first"))
        .contains("backing file format: qcow2");
    assertThat(world.driver().snapshots().orElseThrow().list(QemuWorld.ref("dom")))
        .extracting(Snapshot::getName)
        .containsExactly("first", "second");

    world.destroy("dom");
    assertThat(sources(world.startPaused("dom").getSpec().getDisksList()))
        .containsExactly(
            world.images().resolve("one.second").toString(),
            world.images().resolve("two.second").toString());
  }

  @Test
  void aSnapshotAfterARestartOfTheDaemonUsesFreshNodes() { // R27
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
    world.startPaused("dom");
    snapshot(request("first").build());
    world.openDriver();
    snapshot(request("second").build());
    assertThat(sources(world.get("dom").getSpec().getDisksList()))
        .containsExactly(world.images().resolve("one.second").toString());
  }

  @Test
  void aSecondDiskThatFailsLeavesNeitherStateNorFiles() throws Exception { // G11
    Path impossible = unmakeable();
    Path one = world.qcow2("one.qcow2");
    Path two = world.qcow2("two.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", one, two));
    Domain before = world.startPaused("dom");
    assertThatThrownBy(
            () ->
                snapshot(
                    request("bad")
                        .addDisks(
                            SnapshotDisk.newBuilder()
                                .setTarget("vdb")
                                .setOverlay(Image.newBuilder().setPath(impossible.toString())))
                        .build()))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("this one is not made");
    assertThat(world.images().resolve("one.bad")).doesNotExist();
    assertThat(impossible).doesNotExist();
    assertThat(world.store().list("qemu-snapshot-intents")).isEmpty();
    assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    assertThat(world.get("dom").getStatus().getLiveSpec()).isEqualTo(before.getSpec());
    assertThat(world.driver().snapshots().orElseThrow().listAll()).isEmpty();
    snapshot(request("good").build());
  }

  @Test
  void existingAndMissingOverlaysAreRefusedAsAsked() throws Exception { // G6, G8
    Path one = world.qcow2("one.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", one));
    world.startPaused("dom");
    Path there = world.images().resolve("one.there");
    Files.writeString(there, "something");
    refused(request("there").build(), ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
    refused(
        request("gone").setReuseExternal(true).build(),
        ErrorReason.ERROR_REASON_DESTINATION_MISSING);
    refused(
        request("there").setReuseExternal(true).build(),
        ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH);
    assertThat(there).hasContent("something");
    refused(
        request("none")
            .addDisks(
                SnapshotDisk.newBuilder()
                    .setTarget("vda")
                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))
            .build(),
        ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS);
    refused(
        request("what").addDisks(SnapshotDisk.newBuilder().setTarget("vdz")).build(),
        ErrorReason.ERROR_REASON_DISK_NOT_FOUND);
  }

  @Test
  void aReusedOverlayKeepsItsRelativeReference() { // G5, E13
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
    world.startPaused("dom");
    world.overlay("one.mine", "one.qcow2", "qcow2");
    snapshot(request("mine").setReuseExternal(true).build());
    assertThat(
            world.program(
                "qemu-img",
                "info",
                "-U",
                "-f",
                "qcow2",
                world.images().resolve("one.mine").toString()))
        .contains("backing file: one.qcow2 (actual path");
    world.overlay("one.wrong", "one.qcow2", "qcow2");
    refused(
        request("wrong").setReuseExternal(true).build(),
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID);
  }

  @Test
  void aShutOffDomainMovesToOverlays() { // R9, R8
    Path one = world.qcow2("one.qcow2");
    world.openDriver();
    world.define(QemuWorld.spec("dom", one, world.qcow2("two.qcow2")));
    Snapshot first = snapshot(request("first").build());
    assertThat(first.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(first.getConsistency()).isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_SHUT_OFF);
    assertThat(first.getDisks(0).getFrozen().getPath()).isEqualTo(one.toString());
    assertThat(world.get("dom").getStatus().getSnapshotCount()).isEqualTo(1);
    assertThat(world.store().list("qemu-snapshot-intents")).isEmpty();

    world.openDriver();
    assertThat(sources(world.get("dom").getSpec().getDisksList()))
        .containsExactly(
            world.images().resolve("one.first").toString(),
            world.images().resolve("two.first").toString());
    world.startPaused("dom");
    Snapshot second = snapshot(request("second").build());
    assertThat(second.getParent()).isEqualTo("first");
    assertThat(second.getConsistency()).isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_CRASH);
  }

  @Test
  void aShutOffDomainWhoseSecondDiskFailsIsAsBefore() throws Exception { // G11
    Path impossible = unmakeable();
    world.openDriver();
    world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2"), world.qcow2("two.qcow2")));
    Domain before = world.get("dom");
    assertThatThrownBy(
            () ->
                snapshot(
                    request("bad")
                        .addDisks(
                            SnapshotDisk.newBuilder()
                                .setTarget("vdb")
                                .setOverlay(Image.newBuilder().setPath(impossible.toString())))
                        .build()))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("this one is not made");
    assertThat(world.images().resolve("one.bad")).doesNotExist();
    assertThat(impossible).doesNotExist();
    assertThat(world.store().list("qemu-snapshot-intents")).isEmpty();
    assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
    snapshot(request("good").build());
  }

  /** A path at which the image tool fails, after it has made the overlays of disks before. */
  private Path unmakeable() throws IOException {
    Path tool = world.images().resolve("choosy-qemu-img");
    Files.writeString(
        tool,
        """
        #!/bin/sh
        case "$(readlink /proc/self/fd/0)" in *unmakeable*) echo 'this one is not made' >&2; exit 1 ;; esac
        exec qemu-img "$@"
        """);
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    world.with("qemu-img-binary", tool.toString());
    return world.images().resolve("unmakeable");
  }

  @Test
  void aRawDiskGoesOnInAnOverlayOfItsFormat() throws Exception {
    Path raw = world.images().resolve("disk.raw");
    Files.write(raw, new byte[1 << 20]);
    world.openDriver();
    world.define(
        QemuWorld.spec("dom").toBuilder()
            .addDisks(QemuWorld.disk("vda", raw, ImageFormat.IMAGE_FORMAT_RAW))
            .build());
    world.startPaused("dom");
    snapshot(request("s").build());
    assertThat(
            world.program(
                "qemu-img",
                "info",
                "-U",
                "-f",
                "qcow2",
                world.images().resolve("disk.s").toString()))
        .contains("backing file format: raw");
  }

  private static List<String> sources(List<Disk> disks) {
    return disks.stream().map(disk -> disk.getSource().getPath()).toList();
  }

  private static CreateSnapshotRequest.Builder request(String name) {
    return CreateSnapshotRequest.newBuilder().setDomain(QemuWorld.ref("dom")).setName(name);
  }

  private Snapshot snapshot(CreateSnapshotRequest request) {
    return world.driver().snapshots().orElseThrow().create(world.call(), request).getSnapshot();
  }

  private void refused(CreateSnapshotRequest request, ErrorReason reason) {
    assertThatThrownBy(() -> snapshot(request))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
