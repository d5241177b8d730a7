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
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A random life of one domain with snapshots (R3, R9): guest's writes, starts and stops, snapshots,
 * reverts, deletions, commits and pulls by clients, and definitions on other images, each followed
 * by a comparison of everything with the model. The seed alone decides what is done.
 */
public final class TreeWalk {

  private static final int VALUES = 250;
  private static final int SOMETIMES = 6;

  /** How the warning about a lost moment begins. */
  private static final String LOST = "snapshot '";

  private final Bench bench;
  private final Random random;
  private final Bounds bounds;
  private final List<String> done = new ArrayList<>();
  private final TreeModel model;
  private final TestDomain domain;
  private final TreeCheck check;
  private PowerState power = PowerState.OFF;
  private boolean foreign;
  private int made;

  /**
   * How far a walk goes.
   *
   * @param steps things that are done
   * @param disks most disks of the domain
   * @param snapshots most snapshots at a time
   */
  public record Bounds(int steps, int disks, int snapshots) {}

  private TreeWalk(Bench bench, long seed, Bounds bounds) {
    this.bench = bench;
    this.random = new Random(seed);
    this.bounds = bounds;
    List<DiskModel> disks = new ArrayList<>();
    int count = 1 + random.nextInt(bounds.disks());
    for (int i = 0; i < count; i++) {
      disks.add(disk("vd" + (char) ('a' + i)));
    }
    this.model = new TreeModel(disks);
    this.domain = DomainCheck.define(bench, "tree", disks);
    this.check = new TreeCheck(bench, domain, model);
  }

  /**
   * Walks.
   *
   * @param bench a bench of the walk's own
   * @throws AssertionError with the seed and all that was done
   */
  public static void walk(Bench bench, long seed, Bounds bounds) {
    TreeWalk walk = new TreeWalk(bench, seed, bounds);
    try {
      walk.run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed %d, after %s: %s".formatted(seed, String.join("\n  ", walk.done), e.getMessage()),
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

  /** Deletes what there is, after which a domain without foreign images has its chains alone. */
  private void clearUp() {
    create();
    while (!model.tree().snapshots().isEmpty()) {
      List<String> roots =
          model.tree().snapshots().stream()
              .filter(name -> model.tree().parent(name).isEmpty())
              .toList();
      delete(any(roots), SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN);
      check.everything(power);
    }
    if (!foreign) {
      assertThat(model.leftOver()).as("images that nothing needs, at the end").isEmpty();
    }
  }

  private void step() {
    switch (random.nextInt(18)) {
      case 0, 1, 2 -> {
        if (power != PowerState.OFF) {
          write();
        }
      }
      case 3, 4 -> turn();
      case 5, 6, 7 -> {
        if (model.tree().snapshots().size() < bounds.snapshots()) {
          snapshot();
        }
      }
      case 8, 9 -> some(model.tree().snapshots()).ifPresent(this::delete);
      case 10, 11 -> some(model.tree().snapshots()).ifPresent(this::revert);
      case 12, 13, 14 -> commit(any(List.copyOf(model.disks())));
      case 15 -> pull(any(List.copyOf(model.disks())));
      default -> {
        if (power == PowerState.OFF) {
          redefine(any(List.copyOf(model.disks())));
        }
      }
    }
  }

  /** The owner puts a disk onto an image of his own, or onto one that the disk was on before. */
  private void redefine(DiskModel disk) {
    List<String> known = disk.free();
    String path;
    if (known.isEmpty() || random.nextBoolean()) {
      made++;
      path = bench.path("%s-own-%d.qcow2".formatted(disk.target(), made));
      create(path, Optional.empty(), List.of());
    } else {
      path = any(known);
    }
    done.add("define %s on %s".formatted(disk.target(), path));
    DomainSpec.Builder spec = domain.get().getSpec().toBuilder();
    for (Disk.Builder defined : spec.getDisksBuilderList()) {
      if (defined.getTarget().equals(disk.target())) {
        defined.setSource(TreeCheck.image(path));
      }
    }
    var _ = bench.define(spec.build());
    disk.redefine(path);
  }

  private DiskModel disk(String target) {
    List<String> paths = new ArrayList<>();
    for (String name : random.nextBoolean() ? List.of("active") : List.of("base", "active")) {
      paths.add(bench.path(target + "-" + name + ".qcow2"));
    }
    DiskModel disk = new DiskModel(target, paths);
    for (String path : paths) {
      List<Fill> fills = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int block = random.nextInt(DiskModel.BLOCKS);
        int value = random.nextInt(VALUES);
        disk.put(path, block, value);
        fills.add(fill(block, value));
      }
      create(path, disk.parent(path), fills);
    }
    return disk;
  }

  private void create(String path, Optional<String> below, List<Fill> fills) {
    bench
        .world()
        .create(
            new ImageSetup(
                TreeCheck.image(path),
                DiskModel.BLOCKS * Fill.BLOCK,
                below.map(parent -> new ImageSetup.Backing(parent, TreeCheck.image(parent))),
                fills));
  }

  private static Fill fill(int block, int value) {
    return new Fill(block * Fill.BLOCK, Fill.BLOCK, value);
  }

  private void write() {
    DiskModel disk = any(List.copyOf(model.disks()));
    List<Fill> fills = new ArrayList<>();
    StringBuilder what = new StringBuilder("write " + disk.target());
    for (int i = 0; i <= random.nextInt(3); i++) {
      int block = random.nextInt(DiskModel.BLOCKS);
      int value = random.nextInt(VALUES);
      what.append(" %d=%d".formatted(block, value));
      fills.add(fill(block, value));
    }
    done.add(what.toString());
    domain.write(disk.target(), fills);
    for (Fill fill : fills) {
      disk.write(Math.toIntExact(fill.offset() / Fill.BLOCK), fill.pattern());
    }
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

  private void snapshot() {
    if (random.nextInt(SOMETIMES) != 0) {
      create();
    } else if (random.nextBoolean()) {
      unrecorded();
    } else {
      reuse();
    }
  }

  private void create() {
    create(CreateSnapshotRequest.newBuilder(), true);
  }

  /** Disks go on in overlays of which no record is kept. */
  private void unrecorded() {
    foreign = true;
    create(CreateSnapshotRequest.newBuilder().setNoMetadata(true), false);
  }

  /** Disks go on in overlays that the client has made. */
  private void reuse() {
    foreign = true;
    CreateSnapshotRequest.Builder request =
        CreateSnapshotRequest.newBuilder().setReuseExternal(true);
    for (DiskModel disk : model.disks()) {
      made++;
      String path = bench.path("%s-given-%d.qcow2".formatted(disk.target(), made));
      create(path, Optional.of(disk.active()), List.of());
      request.addDisks(
          SnapshotDisk.newBuilder().setTarget(disk.target()).setOverlay(TreeCheck.image(path)));
    }
    create(request, false);
  }

  private void create(CreateSnapshotRequest.Builder request, boolean ours) {
    made++;
    request.setDomain(domain.ref()).setName("s" + made);
    for (DiskModel disk : model.disks()) {
      boolean out = random.nextInt(4) == 0 && request.getDisksCount() < model.disks().size() - 1;
      if (ours && out) {
        request.addDisks(
            SnapshotDisk.newBuilder()
                .setTarget(disk.target())
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED));
      }
    }
    done.add(
        "snapshot %s%s%s without %s"
            .formatted(
                request.getName(),
                request.getNoMetadata() ? " unrecorded" : "",
                request.getReuseExternal() ? " in given overlays" : "",
                request.getDisksList().stream()
                    .filter(disk -> disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
                    .map(SnapshotDisk::getTarget)
                    .toList()));
    Snapshot snapshot = bench.snapshots().create(request);
    Set<String> targets = new TreeSet<>();
    for (SnapshotDisk disk : snapshot.getDisksList()) {
      if (disk.hasFrozen()) {
        model.disk(disk.getTarget()).freeze(disk.getOverlay().getPath(), ours);
        targets.add(disk.getTarget());
      }
    }
    if (!request.getNoMetadata()) {
      model.snapshot(snapshot.getName(), targets);
    }
  }

  private void delete(String name) {
    if (random.nextInt(SOMETIMES) == 0) {
      done.add("forget " + name);
      var _ =
          bench
              .jobs()
              .succeeded(
                  bench
                      .snapshots()
                      .delete(SnapshotRequests.delete(domain, name).setMetadataOnly(true)));
      model.forget(Set.of(name));
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
    Set<String> names = model.tree().names(name, scope);
    done.add("delete %s".formatted(names));
    Job job =
        bench
            .jobs()
            .succeeded(
                bench.snapshots().delete(SnapshotRequests.delete(domain, name).setScope(scope)));
    assertThat(job.getResult().getWarningsList()).as("warnings of the deletion").isEmpty();
    model.delete(names, job.getSnapshotPlan());
  }

  private void revert(String name) {
    RevertState target =
        any(
            List.of(
                RevertState.REVERT_STATE_SHUT_OFF,
                RevertState.REVERT_STATE_PAUSED,
                RevertState.REVERT_STATE_RUNNING));
    RevertSnapshotRequest.Builder request =
        SnapshotRequests.revert(domain, name).setTargetState(target);
    if (model.lost(name)) {
      done.add("no revert to %s, which is lost".formatted(name));
      var _ =
          Refusal.of(() -> bench.snapshots().revert(request))
              .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
              .tells("snapshot", name);
      return;
    }
    done.add("revert to %s, %s".formatted(name, target));
    var _ = bench.jobs().succeeded(bench.snapshots().revert(request));
    Map<String, String> overlays = new HashMap<>();
    for (DiskModel disk : model.disks()) {
      if (disk.moments().containsKey(name)) {
        overlays.put(disk.target(), domain.stored(disk.target()).getPath());
      }
    }
    model.revert(name, overlays);
    power =
        switch (target) {
          case REVERT_STATE_RUNNING -> PowerState.RUNNING;
          case REVERT_STATE_PAUSED -> PowerState.PAUSED;
          case REVERT_STATE_SHUT_OFF, REVERT_STATE_UNSPECIFIED, UNRECOGNIZED -> PowerState.OFF;
        };
  }

  private void commit(DiskModel disk) {
    List<String> chain = disk.chain();
    if (chain.size() < 2) {
      return;
    }
    int top = random.nextInt(chain.size() - 1);
    int base = top + 1 + random.nextInt(chain.size() - 1 - top);
    boolean mirrors = top == 0 && power != PowerState.OFF;
    DiskModel.End end =
        mirrors && random.nextInt(3) == 0
            ? any(List.of(DiskModel.End.KEEP, DiskModel.End.CANCEL))
            : DiskModel.End.PIVOT;
    boolean delete = random.nextBoolean();
    BlockCommitRequest.Builder request =
        BlockCommitRequest.newBuilder()
            .setDomain(domain.ref())
            .setDisk(disk.target())
            .setTop(chain.get(top))
            .setBase(chain.get(base))
            .setActive(top == 0)
            .setDelete(delete);
    done.add(
        "commit %s: %s into %s, %s%s"
            .formatted(
                disk.target(), chain.get(top), chain.get(base), end, delete ? ", delete" : ""));
    Job job = bench.jobs().commit(request);
    Job ended =
        switch (end) {
          case PIVOT -> mirrors ? bench.jobs().pivot(job) : bench.jobs().succeeded(job);
          case KEEP ->
              bench.jobs().complete(bench.jobs().ready(job), JobCompletion.JOB_COMPLETION_KEEP);
          case CANCEL -> bench.jobs().cancel(bench.jobs().ready(job));
        };
    Set<String> told = told(ended);
    // Where nothing was copied and nothing changed, a driver may know that nothing is lost.
    if (end == DiskModel.End.PIVOT
        || disk.moves(chain.get(top), chain.get(base))
        || !told.isEmpty()) {
      Set<String> lost = lost(disk);
      disk.commit(chain.get(top), chain.get(base), end);
      Set<String> newly = new HashSet<>(lost(disk));
      newly.removeAll(lost);
      assertThat(told).as("snapshots that the job tells as lost").isEqualTo(newly);
    }
    if (delete && end == DiskModel.End.PIVOT) {
      disk.removeUnread(chain.subList(top, base));
    }
  }

  private static Set<String> told(Job job) {
    Set<String> told = new HashSet<>();
    for (String warning : job.getResult().getWarningsList()) {
      if (warning.startsWith(LOST) && warning.contains("has lost its state")) {
        told.add(warning.substring(LOST.length(), warning.indexOf("' of domain")));
      }
    }
    return told;
  }

  private static Set<String> lost(DiskModel disk) {
    Set<String> lost = new HashSet<>();
    disk.moments().forEach((name, moment) -> lost.addAll(moment.lost() ? Set.of(name) : Set.of()));
    return lost;
  }

  private void pull(DiskModel disk) {
    List<String> chain = disk.chain();
    if (chain.size() < 2) {
      return;
    }
    int base = 2 + random.nextInt(chain.size() - 1);
    Optional<String> below = base < chain.size() ? Optional.of(chain.get(base)) : Optional.empty();
    done.add("pull %s from above %s".formatted(disk.target(), below.orElse("nothing")));
    BlockPullRequest.Builder request =
        BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk(disk.target());
    below.ifPresent(request::setBase);
    var _ = bench.jobs().succeeded(bench.jobs().pull(request));
    disk.pull(below);
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private <T> Optional<T> some(List<T> of) {
    return of.isEmpty() ? Optional.empty() : Optional.of(any(of));
  }
}
