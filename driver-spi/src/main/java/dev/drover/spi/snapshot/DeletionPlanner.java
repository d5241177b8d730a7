package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds what makes the images of one disk go that no moment and no disk needs as such any more (R3,
 * R9). An image goes by itself where nothing reads it; else it is merged with the one image that
 * does, by the block job that moves fewer bytes. Where the disk is on another branch, that is
 * always a pull; where that branch lies on the very image that the disk writes to, nothing is
 * merged. The view of everything that stays is the same before and after each step.
 */
public final class DeletionPlanner {

  private static final String NO_DISK = "the domain has no such disk any more";
  private static final String LAST_OF_NO_DISK = NO_DISK + ", and this may be what it held last";
  private static final String TAKEN_OFF =
      "it may be what the disk held last before a definition took it off; remove the file where"
          + " nobody wants it";

  private final DiskDeletion deletion;
  private final DiskForest forest;
  private final List<String> activeChain;
  private final Set<String> doomed = new HashSet<>();
  private final Set<String> kept = new HashSet<>();
  private final Set<String> needed = new HashSet<>();
  private final List<SnapshotStep> steps = new ArrayList<>();

  private DeletionPlanner(DiskDeletion deletion) {
    this.deletion = deletion;
    this.forest =
        new DiskForest(
            Stream.of(
                    deletion.active().stream(),
                    deletion.kept().stream(),
                    deletion.doomed().stream(),
                    deletion.branches().stream())
                .flatMap(chains -> chains)
                .toList());
    this.activeChain = deletion.active().map(chain -> paths(chain.images())).orElse(List.of());
    deletion.kept().forEach(chain -> kept.add(chain.active().getPath()));
    deletion.doomed().forEach(chain -> doomed.add(chain.active().getPath()));
  }

  /** The steps for a disk, in the order in which they have to be done. */
  public static List<SnapshotStep> plan(DiskDeletion deletion) {
    DeletionPlanner planner = new DeletionPlanner(deletion);
    planner.findNeeded();
    planner.removeLeaves();
    planner.mergeRuns();
    return List.copyOf(planner.steps);
  }

  private void findNeeded() {
    deletion.active().ifPresent(chain -> needed.add(chain.active().getPath()));
    needed.addAll(kept);
    for (String path : forest.paths()) {
      boolean ours = deletion.owned().contains(path) || doomed.contains(path);
      if (!ours || deletion.held().containsKey(path)) {
        needed.add(path);
      }
    }
    keepWhatADefinitionLeft();
    for (String path : forest.paths()) {
      if (!needed.contains(path) && forest.children(path).isEmpty() && aboveKept(path)) {
        // A branch of a moment that stays, which a revert has left for whoever wants it.
        needed.add(path);
      }
    }
    // A file that is not ours stays, so nothing below it may change; but as the lowest one of a run
    // it can take what is above it.
    for (String path : bottomUp()) {
      boolean onOurs = forest.parent(path).filter(below -> !needed.contains(below)).isPresent();
      if (!deletion.owned().contains(path) && onOurs) {
        needed.add(path);
      }
    }
  }

  /** Nobody but Drover's own operations tells that what an image holds is somewhere else, too. */
  private void keepWhatADefinitionLeft() {
    for (String path : forest.paths()) {
      if (!needed.contains(path)
          && deletion.owned().contains(path)
          && !deletion.left().contains(path)) {
        needed.add(path);
        if (forest.down(path).stream().anyMatch(doomed::contains)) {
          steps.add(keep(forest.image(path), activeChain.isEmpty() ? LAST_OF_NO_DISK : TAKEN_OFF));
        }
      }
    }
  }

  private List<String> bottomUp() {
    return forest.paths().stream()
        .sorted(Comparator.comparingInt(path -> forest.down(path).size()))
        .toList();
  }

  /** Whether the next moment below stays; where none is below, nobody can want the branch. */
  private boolean aboveKept(String path) {
    return forest.down(path).stream()
        .filter(below -> kept.contains(below) || doomed.contains(below))
        .findFirst()
        .filter(kept::contains)
        .isPresent();
  }

  private void removeLeaves() {
    boolean found = true;
    while (found) {
      found = false;
      for (String path : forest.paths()) {
        if (needed.contains(path) || !forest.children(path).isEmpty()) {
          continue;
        }
        ChainImage image = forest.image(path);
        if (deletion.owned().contains(path) && activeChain.isEmpty()) {
          steps.add(keep(image, LAST_OF_NO_DISK));
          needed.add(path);
        } else if (deletion.owned().contains(path)) {
          steps.add(step(SnapshotAction.SNAPSHOT_ACTION_REMOVE, List.of(image)).build());
          forest.cut(path);
        } else {
          steps.add(keep(image, "it was not made by Drover"));
          needed.add(path);
        }
        found = true;
      }
    }
    for (String path : doomed) {
      if (forest.contains(path) && deletion.held().containsKey(path)) {
        steps.add(keep(forest.image(path), deletion.held().getOrDefault(path, "")));
      }
    }
  }

  /** The upper runs first: a merge below an image changes what the image above it reads. */
  private void mergeRuns() {
    Set<String> done = new HashSet<>();
    for (String path : topDown()) {
      if (needed.contains(path) || !done.add(path)) {
        continue;
      }
      List<String> readers = forest.children(path);
      if (readers.size() > 1) {
        steps.add(keep(forest.image(path), "%d branches read it".formatted(readers.size())));
        continue;
      }
      List<String> run = new ArrayList<>();
      Optional<String> next = Optional.of(path);
      while (next.filter(this::mergeable).isPresent()) {
        run.addFirst(next.get());
        done.add(next.get());
        next = forest.parent(next.get());
      }
      merge(run, readers.getFirst());
    }
  }

  private boolean mergeable(String path) {
    return !needed.contains(path) && forest.children(path).size() == 1;
  }

  private List<String> topDown() {
    return bottomUp().reversed();
  }

  /**
   * Merges images with their one reader.
   *
   * @param run the images, from the lowest up
   */
  private void merge(List<String> run, String reader) {
    List<ChainImage> images = run.stream().map(forest::image).toList();
    if (activeChain.isEmpty()) {
      images.forEach(image -> steps.add(keep(image, NO_DISK)));
      return;
    }
    String active = activeChain.getFirst();
    if (forest.down(reader).contains(active) && !reader.equals(active)) {
      // What it shows changes with each write, and whoever works on it cannot open that image.
      images.forEach(image -> steps.add(keep(image, beside(reader, active))));
      return;
    }
    Optional<SnapshotStep> commit =
        activeChain.contains(reader) ? commit(images, reader) : Optional.empty();
    Optional<SnapshotStep> pull = pull(images, reader);
    if (pull.isPresent()
        && commit
            .filter(other -> other.getBytesToMove() <= pull.get().getBytesToMove())
            .isEmpty()) {
      steps.add(pull.get());
    } else if (commit.isPresent()) {
      steps.add(commit.get());
    } else if (!deletion.owned().contains(run.getFirst()) && run.size() > 1) {
      // What is not ours has to be read on; what lies above it may still go up.
      steps.add(keep(images.getFirst(), read(reader)));
      merge(run.subList(1, run.size()), reader);
    } else {
      images.forEach(image -> steps.add(keep(image, read(reader))));
    }
  }

  private static String read(String reader) {
    return "'%s', which reads it, has to stay".formatted(reader);
  }

  private static String beside(String reader, String active) {
    return "'%s', which reads it, reads '%s' too, which the disk writes to"
        .formatted(reader, active);
  }

  /** What is above the lowest one goes down into it, the reader too where it may go. */
  private Optional<SnapshotStep> commit(List<ChainImage> run, String reader) {
    boolean readerGoes =
        deletion.owned().contains(reader)
            && !deletion.held().containsKey(reader)
            && (reader.equals(activeChain.getFirst()) || deletion.left().contains(reader))
            && forest.children(reader).size() == (reader.equals(activeChain.getFirst()) ? 0 : 1)
            && (reader.equals(activeChain.getFirst())
                || activeChain.contains(forest.children(reader).getFirst()));
    List<ChainImage> go = new ArrayList<>(run.subList(1, run.size()));
    if (readerGoes) {
      go.add(forest.image(reader));
    }
    if (go.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        step(SnapshotAction.SNAPSHOT_ACTION_COMMIT, go)
            .setInto(Chain.source(run.getFirst()))
            .setBytesToMove(bytes(go))
            .build());
  }

  /** All of them go up into the image that reads them, which shows the same as before. */
  private Optional<SnapshotStep> pull(List<ChainImage> run, String reader) {
    if (deletion.held().containsKey(reader)
        || !run.stream().allMatch(image -> deletion.owned().contains(image.getPath()))) {
      return Optional.empty();
    }
    return Optional.of(
        step(SnapshotAction.SNAPSHOT_ACTION_PULL, run)
            .setInto(Chain.source(forest.image(reader)))
            .setBytesToMove(bytes(run))
            .build());
  }

  private SnapshotStep keep(ChainImage image, String why) {
    return step(SnapshotAction.SNAPSHOT_ACTION_KEEP, List.of(image))
        .setState(SnapshotStepState.SNAPSHOT_STEP_STATE_DONE)
        .setDetail(why)
        .build();
  }

  private SnapshotStep.Builder step(SnapshotAction action, List<ChainImage> images) {
    return SnapshotStep.newBuilder()
        .setDisk(deletion.disk())
        .setAction(action)
        .addAllImages(images.stream().map(Chain::source).toList())
        .setState(SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING);
  }

  private static long bytes(List<ChainImage> images) {
    return images.stream().mapToLong(ChainImage::getAllocatedBytes).sum();
  }

  private static List<String> paths(List<ChainImage> images) {
    return images.stream().map(ChainImage::getPath).toList();
  }
}
