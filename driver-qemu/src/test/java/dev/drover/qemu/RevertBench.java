package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Snapshots of the domain "dom", whose contents are told by a byte that is all over a MiB. */
final class RevertBench {

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final QemuWorld world;

  RevertBench(QemuWorld world) {
    this.world = world;
  }

  /** Fills an image that nobody has open. */
  void write(Path image, int pattern) {
    write(image, pattern, 0);
  }

  /** Fills one MiB of an image that nobody has open, counted from 0. */
  void write(Path image, int pattern, int mebibyte) {
    world.program(
        "qemu-io",
        "-f",
        "qcow2",
        "-c",
        "write -P %d %dM 1M".formatted(pattern, mebibyte),
        image.toString());
  }

  /** What a reader of an image sees, whoever has it open. */
  void assertHolds(Path image, int pattern) {
    assertHolds(image, pattern, 0);
  }

  /** What a reader of an image sees in one MiB, whoever has it open. */
  void assertHolds(Path image, int pattern, int mebibyte) {
    assertThat(
            world.program(
                "qemu-io",
                "-U",
                "-r",
                "-f",
                "qcow2",
                "-c",
                "read -P %d %dM 1M".formatted(pattern, mebibyte),
                image.toString()))
        .doesNotContain("verification failed");
  }

  Snapshot snapshot(String name) {
    return world
        .driver()
        .snapshots()
        .orElseThrow()
        .create(
            world.call(),
            CreateSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName(name)
                .build())
        .getSnapshot();
  }

  static RevertSnapshotRequest.Builder request(String snapshot, RevertState state) {
    return RevertSnapshotRequest.newBuilder()
        .setDomain(QemuWorld.ref("dom"))
        .setName(snapshot)
        .setTargetState(state);
  }

  Job revert(RevertSnapshotRequest request) {
    return world.driver().snapshots().orElseThrow().revert(world.call(), request);
  }

  /** Reverts, and gives the job as it ended. */
  Job reverted(RevertSnapshotRequest request) {
    return ended(revert(request));
  }

  /** Begins to delete a snapshot. */
  Job delete(String snapshot) {
    return world
        .driver()
        .snapshots()
        .orElseThrow()
        .delete(
            world.call(),
            DeleteSnapshotRequest.newBuilder()
                .setDomain(QemuWorld.ref("dom"))
                .setName(snapshot)
                .build());
  }

  Job ended(Job job) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> world.driver().jobs().orElseThrow().get(job.getId()).orElseThrow(),
            now -> JobTransitions.terminal(now.getState()));
  }

  /** The active image of the first disk, as the definition has it. */
  Path active() {
    return Path.of(world.get("dom").getSpec().getDisks(0).getSource().getPath());
  }

  String current() {
    List<String> current =
        world.driver().snapshots().orElseThrow().list(QemuWorld.ref("dom")).stream()
            .filter(Snapshot::getCurrent)
            .map(Snapshot::getName)
            .toList();
    assertThat(current).hasSize(1);
    return current.getFirst();
  }
}
