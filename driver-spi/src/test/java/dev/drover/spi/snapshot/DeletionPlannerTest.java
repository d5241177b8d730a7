package dev.drover.spi.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Image;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotStep;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** R3, R9: what a deletion does to images, against a model that knows every block. */
class DeletionPlannerTest {

  private static final int TREES = 3000;
  private static final int BLOCKS = 12;

  private final DeletionModel model = new DeletionModel();

  @Test
  void onlySnapshotGoesBackIntoTheImageItWasMadeOf() {
    model.write(1, 1);
    model.write(2, 1);
    model.snapshot("one");
    model.write(1, 2);

    assertThat(model.plan(Set.of("one")))
        .singleElement()
        .satisfies(step -> assertStep(step, SnapshotAction.SNAPSHOT_ACTION_COMMIT, "base", 1))
        .satisfies(step -> assertThat(paths(step)).containsExactly("overlay-001"));
    delete("one");
    assertThat(model.images()).containsExactly("base");
  }

  @Test
  void middleOfThreeMovesFewerBytes() {
    model.snapshot("one");
    model.write(1, 1);
    model.snapshot("two");
    model.write(1, 2);
    model.write(2, 2);
    model.snapshot("three");

    assertThat(model.plan(Set.of("two")))
        .singleElement()
        .satisfies(step -> assertStep(step, SnapshotAction.SNAPSHOT_ACTION_PULL, "overlay-002", 1));
    assertThat(model.plan(Set.of("three")))
        .singleElement()
        .satisfies(
            step -> assertStep(step, SnapshotAction.SNAPSHOT_ACTION_COMMIT, "overlay-002", 0));
    delete("two");
    assertThat(model.snapshots()).containsExactly("one", "three");
  }

  @Test
  void pullMovesFewerBytesWhereTheLowerImageHoldsLess() {
    model.snapshot("one");
    model.write(1, 1);
    model.snapshot("two");
    model.write(1, 2);
    model.write(2, 2);

    assertThat(model.plan(Set.of("two")))
        .singleElement()
        .satisfies(step -> assertStep(step, SnapshotAction.SNAPSHOT_ACTION_PULL, "overlay-002", 1));
    delete("two");
    assertThat(model.images()).containsExactlyInAnyOrder("base", "overlay-002");
  }

  @Test
  void imageThatTwoBranchesReadStaysUntilOneOfThemGoes() {
    model.write(1, 1);
    model.snapshot("one");
    model.write(1, 2);
    model.snapshot("two");
    model.revert("one");
    model.write(1, 3);
    delete("one");
    assertThat(model.images())
        .containsExactlyInAnyOrder("base", "overlay-001", "overlay-002", "overlay-003");

    delete("two");
    assertThat(model.images()).contains("base").doesNotContain("overlay-001", "overlay-002");
  }

  @Test
  void branchThatARevertLeftGoesWithItsMoment() {
    model.snapshot("one");
    model.write(1, 1);
    model.revert("one");
    model.write(1, 2);
    assertThat(model.images()).contains("overlay-001", "overlay-002");

    delete("one");
    assertThat(model.images()).containsExactly("base");
  }

  @Test
  void whatADefinitionTookTheDiskOffStaysWithWhatItReads() {
    model.snapshot("one");
    model.write(1, 1);
    model.redefine();

    assertThat(model.plan(Set.of("one")))
        .hasSize(2)
        .allSatisfy(
            step -> assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_KEEP))
        .anySatisfy(
            step -> {
              assertThat(paths(step)).containsExactly("overlay-001");
              assertThat(step.getDetail()).contains("before a definition took it off");
            })
        .anySatisfy(
            step -> {
              assertThat(paths(step)).containsExactly("base");
              assertThat(step.getDetail()).contains("'overlay-001', which reads it");
            });
    delete("one");
    assertThat(model.images()).contains("base", "overlay-001");
  }

  @Test
  void whatADefinitionTookTheDiskOffTakesInWhatNothingElseNeeds() {
    model.snapshot("one");
    model.write(1, 1);
    model.snapshot("two");
    model.write(2, 2);
    model.redefine();

    assertThat(model.plan(Set.of("one", "two")))
        .anySatisfy(
            step -> assertStep(step, SnapshotAction.SNAPSHOT_ACTION_PULL, "overlay-002", 1));
    delete("one", "two");
    assertThat(model.images()).contains("overlay-002").doesNotContain("overlay-001");
  }

  @Test
  void whatADefinitionPutTheDiskBackOntoGoesOnceARevertHasLeftIt() {
    model.snapshot("one");
    model.write(1, 1);
    model.redefine();
    model.redefine("overlay-001");
    model.revert("one");

    delete("one");
    assertThat(model.images()).doesNotContain("overlay-001");
  }

  @Test
  void branchOfAMomentThatStaysIsLeftAlone() {
    model.snapshot("one");
    model.write(1, 1);
    model.revert("one");
    model.snapshot("two");
    model.write(1, 2);

    delete("two");
    assertThat(model.images()).contains("overlay-001");
  }

  @Test
  void imageOfABranchThatTheDiskHasLeftGoesUpIntoItsReader() {
    model.snapshot("one");
    model.write(1, 1);
    model.snapshot("two");
    model.write(2, 2);
    model.snapshot("three");
    model.revert("one");

    assertThat(model.plan(Set.of("two")))
        .singleElement()
        .satisfies(step -> assertStep(step, SnapshotAction.SNAPSHOT_ACTION_PULL, "overlay-002", 1));
    delete("two");
    assertThat(model.images()).doesNotContain("overlay-001");
  }

  @Test
  void imageBelowAMomentWithTwoBranchesGoesUpIntoIt() {
    model.snapshot("one");
    model.write(1, 1);
    model.snapshot("two");
    model.write(2, 2);
    model.snapshot("three");
    model.revert("three");

    assertThat(model.plan(Set.of("two")))
        .singleElement()
        .satisfies(step -> assertStep(step, SnapshotAction.SNAPSHOT_ACTION_PULL, "overlay-002", 1));
    delete("two");
    assertThat(model.activeChain()).containsExactly("overlay-004", "overlay-002", "base");
  }

  @Test
  void imageThatSomebodyElseNeedsStays() {
    model.snapshot("one");
    model.write(1, 1);
    model.snapshot("two");
    model.hold("overlay-001");

    assertThat(model.plan(Set.of("one", "two")))
        .allSatisfy(
            step -> assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_KEEP))
        .anySatisfy(step -> assertThat(step.getDetail()).contains("another domain"));
    delete("one", "two");
    assertThat(model.images()).hasSize(3);
  }

  @Test
  void overlayThatSomebodyElseMadeIsNotRemoved() {
    model.snapshotInForeignOverlay("one");
    model.write(1, 1);
    model.snapshot("two");
    model.write(1, 2);

    delete("one", "two");
    assertThat(model.images()).contains("overlay-001");
  }

  @Test
  void branchOnTheImageThatTheDiskWritesToIsNotMerged() {
    model.snapshot("one");
    model.snapshotInForeignOverlay("two");
    model.goOnIn("base");

    assertThat(model.plan(Set.of("two")))
        .singleElement()
        .satisfies(step -> assertThat(paths(step)).containsExactly("overlay-001"))
        .satisfies(
            step -> assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_KEEP))
        .satisfies(
            step ->
                assertThat(step.getDetail())
                    .isEqualTo(
                        "'overlay-002', which reads it, reads 'base' too, which the disk writes"
                            + " to"));
  }

  @Test
  void nothingIsLostInAnyTreeAndNothingIsLeftOfIt() {
    for (int seed = 0; seed < TREES; seed++) {
      try {
        grow(new Random(seed));
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  private static void grow(Random random) {
    DeletionModel tree = new DeletionModel();
    boolean shared = random.nextInt(4) == 0;
    boolean foreign = random.nextInt(4) == 0;
    boolean redefined = random.nextInt(4) == 0;
    int name = 0;
    for (int step = 0; step < 25; step++) {
      List<String> snapshots = tree.snapshots();
      switch (random.nextInt(7)) {
        case 0, 1 -> tree.write(random.nextInt(BLOCKS), 1 + random.nextInt(250));
        case 2 -> {
          name++;
          String named = "s%02d".formatted(name);
          if (foreign && random.nextInt(3) == 0) {
            tree.snapshotInForeignOverlay(named);
          } else {
            tree.snapshot(named);
          }
        }
        case 3 -> {
          if (!snapshots.isEmpty()) {
            tree.revert(snapshots.get(random.nextInt(snapshots.size())));
          }
        }
        case 4 -> tree.delete(some(random, snapshots));
        case 5 -> {
          if (redefined && random.nextInt(3) == 0) {
            redefine(random, tree);
          }
        }
        default -> {
          if (shared && random.nextInt(3) == 0) {
            List<String> images = tree.activeChain();
            if (images.size() > 1) {
              tree.hold(images.get(1 + random.nextInt(images.size() - 1)));
            }
          }
        }
      }
      tree.requireNothingLost();
    }
    tree.delete(Set.copyOf(tree.snapshots()));
    tree.requireNothingLost();
    if (!shared && !foreign && !redefined) {
      assertThat(tree.images()).containsExactlyInAnyOrderElementsOf(tree.activeChain());
    }
  }

  private static void redefine(Random random, DeletionModel tree) {
    List<String> images = tree.takenOff();
    if (images.isEmpty() || random.nextBoolean()) {
      tree.redefine();
    } else {
      tree.redefine(images.get(random.nextInt(images.size())));
    }
  }

  private static Set<String> some(Random random, List<String> snapshots) {
    Set<String> chosen = new HashSet<>();
    for (String snapshot : snapshots) {
      if (random.nextInt(3) == 0) {
        chosen.add(snapshot);
      }
    }
    return chosen;
  }

  private void delete(String... names) {
    model.delete(Set.of(names));
    model.requireNothingLost();
  }

  private static void assertStep(
      SnapshotStep step, SnapshotAction action, String into, long bytes) {
    assertThat(step.getAction()).isEqualTo(action);
    assertThat(step.getInto().getPath()).isEqualTo(into);
    assertThat(step.getBytesToMove()).isEqualTo(bytes);
  }

  private static List<String> paths(SnapshotStep step) {
    return step.getImagesList().stream().map(Image::getPath).toList();
  }
}
