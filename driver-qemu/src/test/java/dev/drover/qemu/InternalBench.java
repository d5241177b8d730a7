package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.Snapshots;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Internal snapshots of the domain "dom". */
final class InternalBench {

  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final QemuWorld world;

  InternalBench(QemuWorld world) {
    this.world = world;
  }

  /** A guest that counts, whose disk vda is qcow2. */
  CountingGuest counting() {
    CountingGuest guest = CountingGuest.define(world, "dom");
    Path image = world.images().resolve("dom.qcow2");
    world.program(
        "qemu-img",
        "convert",
        "-f",
        "raw",
        "-O",
        "qcow2",
        world.images().resolve("dom.raw").toString(),
        image.toString());
    Disk disk = QemuWorld.disk("vda", image, ImageFormat.IMAGE_FORMAT_QCOW2);
    var _ = world.define(world.get("dom").getSpec().toBuilder().setDisks(0, disk).build());
    return guest;
  }

  static CreateSnapshotRequest.Builder request(String name, boolean memory) {
    CreateSnapshotRequest.Builder request =
        CreateSnapshotRequest.newBuilder()
            .setDomain(QemuWorld.ref("dom"))
            .setName(name)
            .setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
    return memory ? request.setMemory(SnapshotMemory.getDefaultInstance()) : request;
  }

  Snapshot create(String name, boolean memory) {
    return snapshots().create(world.call(), request(name, memory).build()).getSnapshot();
  }

  Job revert(String name, RevertState target) {
    return snapshots()
        .revert(
            world.call(),
            RevertSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName(name)
                .setTargetState(target)
                .build());
  }

  Job delete(String name) {
    return ended(beginDelete(name));
  }

  Job beginDelete(String name) {
    return snapshots()
        .delete(
            world.call(),
            DeleteSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName(name)
                .build());
  }

  Job ended(Job job) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> world.driver().jobs().orElseThrow().get(job.getId()).orElseThrow(),
            now -> JobTransitions.terminal(now.getState()));
  }

  List<Snapshot> list() {
    return snapshots().listAll();
  }

  private Snapshots snapshots() {
    return world.driver().snapshots().orElseThrow();
  }

  /** What the image tool says that an image keeps inside itself. */
  String kept(Path image) {
    return world.program("qemu-img", "snapshot", "-U", "-l", image.toString());
  }

  /** That an image whose domain is shut off is sound, and wastes nothing. */
  void assertSound(Path image) {
    assertThat(world.program("qemu-img", "check", image.toString()))
        .contains("No errors were found");
  }
}
