package dev.drover.conformance.run;

import dev.drover.conformance.tree.InsideWalk;
import dev.drover.conformance.tree.TreeWalk;
import dev.drover.conformance.tree.Trees;
import dev.drover.conformance.world.QemuPrograms;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * R3, R9: random trees of snapshots on real QEMU. With {@code -Ddrover.trees.qemu10=true} it is the
 * one that {@code bin/qemu-10} brings.
 */
@Tag("qemu")
class QemuTreesIT {

  @Test
  void nothingIsLostInAnyTreeAndNothingIsLeftOfIt(@TempDir Path directory) {
    try (QemuTarget target = target("qemu-trees", directory)) {
      new Trees(TreeWalk::walk, 4, 1, 1, new TreeWalk.Bounds(25, 2, 4)).grow(target);
    }
  }

  @Test
  void imagesKeepEveryMomentOfInternalTrees(@TempDir Path directory) {
    try (QemuTarget target = target("qemu-inside", directory)) {
      new Trees(InsideWalk::walk, 3, 1, 1, new TreeWalk.Bounds(16, 2, 4)).grow(target);
    }
  }

  private static QemuTarget target(String name, Path directory) {
    QemuPrograms programs =
        Boolean.getBoolean("drover.trees.qemu10") ? Qemu10.programs() : QemuPrograms.installed();
    return new QemuTarget(name, directory, DaemonRun.Way.IN_PROCESS, programs);
  }
}
