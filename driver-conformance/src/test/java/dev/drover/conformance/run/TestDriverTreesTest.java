package dev.drover.conformance.run;

import dev.drover.conformance.tree.InsideWalk;
import dev.drover.conformance.tree.TreeWalk;
import dev.drover.conformance.tree.Trees;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R3, R9: random trees of snapshots on the test driver. */
class TestDriverTreesTest {

  @Test
  void nothingIsLostInAnyTreeAndNothingIsLeftOfIt(@TempDir Path directory) {
    try (TestDriverTarget target =
        new TestDriverTarget("test-trees", directory, DaemonRun.Way.IN_PROCESS)) {
      new Trees(TreeWalk::walk, 40, 8, 1, new TreeWalk.Bounds(30, 3, 6)).grow(target);
    }
  }

  @Test
  void imagesKeepEveryMomentOfInternalTrees(@TempDir Path directory) {
    try (TestDriverTarget target =
        new TestDriverTarget("test-inside", directory, DaemonRun.Way.IN_PROCESS)) {
      new Trees(InsideWalk::walk, 30, 8, 1, new TreeWalk.Bounds(30, 3, 6)).grow(target);
    }
  }
}
