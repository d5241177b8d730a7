package dev.drover.conformance.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.SnapshotScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A random life of one domain with internal snapshots (R3, R9): guest's writes, starts and stops,
 * snapshots with disks left out and with memory, reverts, deletions of every scope and of records
 * alone, commits below, and what would lose a moment or mix the kinds and is refused. Everything is
 * compared with the model after each.
 */
public final class InsideWalk {

  private static final int VALUES = 250;
  private static final int SOMETIMES = 6;

  private final Bench bench;
  private final Random random;
  private final TreeWalk.Bounds bounds;
  private final List<String> done = new ArrayList<>();
  private final List<InsideDisk> disks = new ArrayList<>();
  private final NamedTree tree = new NamedTree();
  private final Map<String, PowerState> memories = new HashMap<>();
  private final TestDomain domain;
  private final InsideCheck check;
  private PowerState power = PowerState.OFF;
  private int made;

  private InsideWalk(Bench bench, long seed, TreeWalk.Bounds bounds) {
    this.bench = bench;
    this.random = new Random(seed);
    this.bounds = bounds;
    int count = 1 + random.nextInt(bounds.disks());
    for (int i = 0; i < count; i++) {
      disks.add(disk("vd" + (char) ('a' + i)));
    }
    this.domain = DomainCheck.define(bench, "inside", disks);
    this.check = new InsideCheck(bench, domain, disks, tree);
  }

  /**
   * Walks.
   *
   * @param bench a bench of the walk's own
   * @throws AssertionError with the seed and all that was done
   */
  public static void walk(Bench bench, long seed, TreeWalk.Bounds bounds) {
    InsideWalk walk = new InsideWalk(bench, seed, bounds);
    try {
      walk.run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "internal, seed %d, after %s: %s"
              .formatted(seed, String.join("\n  ", walk.done), e.getMessage()),
          e);
    }
  }

  private void run() {
    check.everything(power);
    for (int step = 0; step < bounds.steps(); step++) {
      int before = done.size();
      while (done.size() == before) {
        step();
      }
      check.everything(power);
    }
    clearUp();
  }

  /** Goes back to every moment that there is, and deletes them all. */
  private void clearUp() {
    for (String name : tree.snapshots()) {
      revert(name, RevertState.REVERT_STATE_SHUT_OFF);
      check.everything(power);
    }
    while (!tree.snapshots().isEmpty()) {
      List<String> roots =
          tree.snapshots().stream().filter(name -> tree.parent(name).isEmpty()).toList();
      delete(any(roots), SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN);
      check.everything(power);
    }
  }

  private void step() {
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> {
        if (power != PowerState.OFF) {
          write();
        }
      }
      case 3, 4 -> turn();
      case 5, 6, 7 -> {
        if (tree.snapshots().size() < bounds.snapshots()) {
          create();
        }
      }
      case 8, 9 -> some(tree.snapshots()).ifPresent(this::delete);
      case 10, 11, 12 ->
          some(tree.snapshots())
              .ifPresent(
                  name ->
                      revert(
                          name,
                          any(
                              List.of(
                                  RevertState.REVERT_STATE_UNSPECIFIED,
                                  RevertState.REVERT_STATE_SHUT_OFF,
                                  RevertState.REVERT_STATE_PAUSED,
                                  RevertState.REVERT_STATE_RUNNING))));
      case 13 -> commitBelow(any(disks));
      case 14 -> pull(any(disks));
      default -> otherKind();
    }
  }

  private InsideDisk disk(String target) {
    List<String> names =
        any(
            List.of(
                List.of("active"), List.of("base", "active"), List.of("base", "mid", "active")));
    List<String> paths =
        names.stream().map(name -> bench.path("%s-%s.qcow2".formatted(target, name))).toList();
    InsideDisk disk = new InsideDisk(target, paths);
    Optional<String> below = Optional.empty();
    for (String path : paths) {
      List<Fill> fills = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int block = random.nextInt(DiskModel.BLOCKS);
        int value = random.nextInt(VALUES);
        disk.put(path, block, value);
        fills.add(new Fill(block * Fill.BLOCK, Fill.BLOCK, value));
      }
      bench
          .world()
          .create(
              new ImageSetup(
                  TreeCheck.image(path),
                  DiskModel.BLOCKS * Fill.BLOCK,
                  below.map(parent -> new ImageSetup.Backing(parent, TreeCheck.image(parent))),
                  fills));
      below = Optional.of(path);
    }
    return disk;
  }

  private void write() {
    InsideDisk disk = any(disks);
    int block = random.nextInt(DiskModel.BLOCKS);
    int value = random.nextInt(VALUES);
    done.add("write %s %d=%d".formatted(disk.target(), block, value));
    domain.write(disk.target(), List.of(new Fill(block * Fill.BLOCK, Fill.BLOCK, value)));
    disk.put(disk.active(), block, value);
  }

  private void turn() {
    PowerState next =
        power == PowerState.OFF
            ? any(List.of(PowerState.PAUSED, PowerState.RUNNING))
            : PowerState.OFF;
    done.add("power " + next);
    if (next == PowerState.OFF) {
      domain.destroy();
    } else {
      var _ = domain.start(next);
    }
    power = next;
  }

  private void create() {
    made++;
    // Names of digits are called otherwise inside the images.
    String name = random.nextInt(4) == 0 ? Integer.toString(made) : "s" + made;
    boolean memory = power != PowerState.OFF && random.nextInt(3) == 0;
    CreateSnapshotRequest.Builder request =
        SnapshotRequests.create(domain, name).setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
    List<InsideDisk> taking = new ArrayList<>(disks);
    if (memory) {
      request.setMemory(SnapshotMemory.getDefaultInstance());
    } else if (disks.size() > 1 && random.nextInt(4) == 0) {
      InsideDisk left = any(disks);
      taking.remove(left);
      request.addDisks(
          SnapshotDisk.newBuilder()
              .setTarget(left.target())
              .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED));
    }
    done.add(
        "snapshot %s of %s%s"
            .formatted(
                name,
                taking.stream().map(InsideDisk::target).toList(),
                memory ? " with memory" : ""));
    var _ = bench.snapshots().create(request);
    taking.forEach(disk -> disk.keep(name));
    tree.enter(name);
    if (memory) {
      memories.put(name, power);
    }
  }

  private void delete(String name) {
    if (random.nextInt(SOMETIMES) == 0) {
      done.add("forget " + name);
      var _ =
          bench.jobs().succeeded(bench.snapshots().delete(deletion(name).setMetadataOnly(true)));
      disks.forEach(disk -> disk.forget(Set.of(name)));
      tree.forget(Set.of(name));
      return;
    }
    delete(
        name,
        any(
            List.of(
                SnapshotScope.SNAPSHOT_SCOPE_ONE,
                SnapshotScope.SNAPSHOT_SCOPE_ONE,
                SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN,
                SnapshotScope.SNAPSHOT_SCOPE_CHILDREN_ONLY)));
  }

  private void delete(String name, SnapshotScope scope) {
    Set<String> names = tree.names(name, scope);
    done.add("delete %s".formatted(names));
    Job job = bench.jobs().succeeded(bench.snapshots().delete(deletion(name).setScope(scope)));
    assertThat(job.getResult().getWarningsList()).as("warnings of the deletion").isEmpty();
    assertThat(job.getSnapshotPlan().getStepsList())
        .as("steps of the deletion")
        .hasSize(
            Math.toIntExact(
                names.stream()
                    .mapToLong(one -> disks.stream().filter(disk -> disk.takesPart(one)).count())
                    .sum()))
        .allMatch(step -> step.getAction() == SnapshotAction.SNAPSHOT_ACTION_DISCARD);
    disks.forEach(disk -> disk.delete(names));
    tree.forget(names);
  }

  private DeleteSnapshotRequest.Builder deletion(String name) {
    return SnapshotRequests.delete(domain, name);
  }

  private void revert(String name, RevertState target) {
    done.add("revert to %s, %s".formatted(name, target));
    RevertSnapshotRequest.Builder request =
        SnapshotRequests.revert(domain, name).setTargetState(target);
    var _ = bench.jobs().succeeded(bench.snapshots().revert(request));
    disks.stream().filter(disk -> disk.takesPart(name)).forEach(disk -> disk.revert(name));
    tree.goBack(name);
    power =
        switch (target) {
          case REVERT_STATE_RUNNING -> PowerState.RUNNING;
          case REVERT_STATE_PAUSED -> PowerState.PAUSED;
          case REVERT_STATE_UNSPECIFIED -> memories.getOrDefault(name, PowerState.OFF);
          case REVERT_STATE_SHUT_OFF, UNRECOGNIZED -> PowerState.OFF;
        };
  }

  /** A job below the image that keeps moments loses none of them. */
  private void commitBelow(InsideDisk disk) {
    List<String> chain = disk.chain();
    if (chain.size() < 3) {
      return;
    }
    done.add("commit %s into %s".formatted(chain.get(1), chain.get(2)));
    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk(disk.target())
                            .setTop(chain.get(1))
                            .setBase(chain.get(2))));
    disk.commitBelow();
  }

  /** A pull into an image that keeps moments would lose them. */
  private void pull(InsideDisk disk) {
    if (disk.chain().size() < 2) {
      return;
    }
    BlockPullRequest.Builder request =
        BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk(disk.target());
    if (disk.holds()) {
      done.add("no pull of " + disk.target());
      var _ =
          Refusal.of(() -> bench.jobs().pull(request))
              .is(ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS)
              .tells("path", disk.active());
    } else if (disk.kept(disk.active()).isEmpty()) {
      done.add("pull " + disk.target());
      var _ = bench.jobs().succeeded(bench.jobs().pull(request));
      disk.pull();
    }
  }

  /** A tree is of one kind. */
  private void otherKind() {
    if (tree.snapshots().isEmpty()) {
      return;
    }
    done.add("no external snapshot");
    var _ =
        Refusal.of(() -> bench.snapshots().create(SnapshotRequests.create(domain, "other")))
            .is(ErrorReason.ERROR_REASON_SNAPSHOT_KIND_CONFLICT)
            .tells("kind", "internal");
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private <T> Optional<T> some(List<T> of) {
    return of.isEmpty() ? Optional.empty() : Optional.of(any(of));
  }
}
