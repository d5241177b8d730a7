package dev.drover.spi.snapshot;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The record of a snapshot that others have made, held to what a revert needs of it before it is
 * entered (R9).
 *
 * @param snapshot the record, whole
 * @param replaced the one whose place it takes: of the same name, or of the one that is given up
 * @param read paths of all images that its moment is read from
 */
public record SnapshotImport(Snapshot snapshot, Optional<Snapshot> replaced, Set<String> read) {

  /** Copies the paths. */
  public SnapshotImport {
    read = Set.copyOf(read);
  }

  /**
   * Checks a record.
   *
   * @param now what the domain runs as, or is defined as where it does not run
   * @param all the snapshots that the domain has
   * @param files the images of its host
   * @param time when it is entered, which is when it was made where it does not say so
   * @throws DriverException as {@code ImportSnapshot} documents
   */
  public static SnapshotImport of(
      DomainSpec now,
      ImportSnapshotRequest request,
      List<Snapshot> all,
      SnapshotFiles files,
      Instant time) {
    Snapshot given = request.getSnapshot();
    requireOf(now, given);
    Map<String, Snapshot> byName = new HashMap<>();
    all.forEach(snapshot -> byName.put(snapshot.getName(), snapshot));
    Optional<Snapshot> replaced = replaced(now, request, byName);
    String before = replaced.map(Snapshot::getName).orElse(given.getName());
    SnapshotEtags.requireSame(now.getName(), before, request.getEtag(), replaced);
    requirePlace(now, given, before, byName);
    Set<String> read = new HashSet<>();
    List<SnapshotDisk> disks =
        replaced
            .filter(old -> nothingHeld(old) && repeats(given, old))
            .map(Snapshot::getDisksList)
            .orElseGet(() -> disks(now, given, files, read));
    requireOneKind(
        now, disks, all.stream().filter(other -> !other.getName().equals(before)).toList());
    replaced
        .filter(old -> !moment(old.getDisksList()).equals(moment(disks)))
        .ifPresent(
            old -> {
              require(
                  old.getName().equals(given.getName()),
                  "disks",
                  "are not on the images of snapshot '%s', which keeps them under any name"
                      .formatted(old.getName()));
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
                  "domain '%s' has a snapshot '%s' of other images already; choose another name, or delete it first"
                      .formatted(now.getName(), old.getName()),
                  "domain",
                  now.getName(),
                  "snapshot",
                  old.getName());
            });
    requireKnownMemory(given, replaced);
    Snapshot.Builder result =
        given.toBuilder()
            .setDomainName(now.getName())
            .setDomainUuid(now.getUuid())
            .clearDisks()
            .addAllDisks(disks)
            .setDomainSpec(spec(now, disks))
            .clearEtag();
    if (!given.hasCreateTime()) {
      result.setCreateTime(
          replaced.map(Snapshot::getCreateTime).orElseGet(() -> ProtoTimes.timestamp(time)));
    }
    replaced.ifPresent(
        old ->
            result
                .setCurrent(given.getCurrent() || old.getCurrent())
                .setDeleting(old.getDeleting())
                .setDomainSpec(old.getDomainSpec()));
    replaced.filter(Snapshot::hasMemory).ifPresent(old -> result.setMemory(old.getMemory()));
    return new SnapshotImport(result.build(), replaced, read);
  }

  /**
   * Whether a record stays for its place in the tree and its description alone: there is nothing to
   * hold it to any more, since the images are not those of the moment.
   */
  private static boolean nothingHeld(Snapshot old) {
    return old.getDeleting() || old.getDisksList().stream().anyMatch(SnapshotDisk::getStateLost);
  }

  /** Whether what is given says of the disks what is on record, or leaves it out. */
  private static boolean repeats(Snapshot given, Snapshot old) {
    Map<String, SnapshotDisk> known =
        old.getDisksList().stream()
            .collect(Collectors.toMap(SnapshotDisk::getTarget, disk -> disk));
    return given.getDisksList().stream()
            .allMatch(
                disk ->
                    Optional.ofNullable(known.get(disk.getTarget()))
                        .filter(held -> repeats(disk, held))
                        .isPresent())
        && given.getDisksList().stream()
            .map(SnapshotDisk::getTarget)
            .collect(Collectors.toSet())
            .containsAll(moment(old.getDisksList()).keySet());
  }

  private static boolean repeats(SnapshotDisk given, SnapshotDisk held) {
    return (!given.hasFrozen() || given.getFrozen().equals(held.getFrozen()))
        && (!given.hasInside() || given.getInside().equals(held.getInside()))
        && (!given.hasOverlay() || given.getOverlay().equals(held.getOverlay()))
        && (given.getMode() == held.getMode()
            || given.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_UNSPECIFIED);
  }

  private static Optional<Snapshot> replaced(
      DomainSpec now, ImportSnapshotRequest request, Map<String, Snapshot> byName) {
    String name = request.getSnapshot().getName();
    if (request.getRenameFrom().isEmpty()) {
      return Optional.ofNullable(byName.get(name));
    }
    Snapshot old = byName.get(request.getRenameFrom());
    if (old == null) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND,
          "domain '%s' has no snapshot '%s' to be renamed; list its snapshots to see those there are"
              .formatted(now.getName(), request.getRenameFrom()),
          "domain",
          now.getName(),
          "snapshot",
          request.getRenameFrom());
    }
    if (byName.containsKey(name)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
          "domain '%s' has a snapshot '%s' already; choose another name for '%s'"
              .formatted(now.getName(), name, old.getName()),
          "domain",
          now.getName(),
          "snapshot",
          name);
    }
    requireRenameable(now, old);
    return Optional.of(old);
  }

  /**
   * A moment that is kept inside an image is found by the name it was made with. Of one that is
   * lost, or about to go, jobs that are to come have the name on record.
   */
  private static void requireRenameable(DomainSpec now, Snapshot old) {
    if (SnapshotKinds.internal(old)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "rename_from '%s' is an internal snapshot, and its image keeps the moment under that name; change its description instead"
              .formatted(old.getName()),
          "field",
          "rename_from");
    }
    for (SnapshotDisk disk : old.getDisksList()) {
      if (old.getDeleting() || disk.getStateLost()) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
            "snapshot '%s' of domain '%s' holds the moment no more; delete it instead of renaming it"
                .formatted(old.getName(), now.getName()),
            "domain",
            now.getName(),
            "snapshot",
            old.getName(),
            "disk",
            disk.getTarget());
      }
    }
  }

  private static void requireOneKind(
      DomainSpec now, List<SnapshotDisk> disks, List<Snapshot> others) {
    boolean internal = disks.stream().anyMatch(SnapshotDisk::hasInside);
    require(
        !internal || disks.stream().noneMatch(SnapshotDisk::hasFrozen),
        "disks",
        "are of one kind: all internal, or all external");
    SnapshotKinds.requireSame(now.getName(), others, internal);
  }

  /** What a guest ran as whose memory others took is not known, and no other memory fits it. */
  private static void requireKnownMemory(Snapshot given, Optional<Snapshot> replaced) {
    require(
        !given.hasMemory()
            || replaced
                .filter(Snapshot::hasMemory)
                .map(old -> old.getMemory().getPath())
                .filter(given.getMemory().getPath()::equals)
                .isPresent(),
        "memory",
        "cannot be imported; leave it out, and a revert goes back to the disks");
  }

  /** Paths of the images that hold the moment, where it is not lost. */
  public Set<String> frozenPaths() {
    return moment(
            snapshot.getDisksList().stream()
                .filter(disk -> !snapshot.getDeleting() && !disk.getStateLost())
                .toList())
        .values()
        .stream()
        .map(Image::getPath)
        .collect(Collectors.toSet());
  }

  /** Whether it takes the place of a record that there is. */
  public boolean known() {
    return replaced.isPresent();
  }

  /**
   * Refuses while a commit of another domain works on an image that the moment is read from: what
   * the commit has done to the moment goes on record by the snapshot's name, when it ends.
   *
   * @param active jobs that have not ended, of all domains
   * @param files the images of the domain's host
   * @throws DriverException IMAGE_IN_USE
   */
  public void requireUncommitted(List<Job> active, SnapshotFiles files) {
    for (Job job : active) {
      boolean commits =
          job.getKind() == JobKind.JOB_KIND_COMMIT
              || job.getKind() == JobKind.JOB_KIND_ACTIVE_COMMIT;
      if (!commits || job.getDomainUuid().equals(snapshot.getDomainUuid())) {
        continue;
      }
      for (ChainImage image : job.getResult().getChainBeforeList()) {
        if (read.stream().anyMatch(path -> files.same(path, image.getPath()))) {
          throw DriverException.of(
              ErrorReason.ERROR_REASON_IMAGE_IN_USE,
              "image '%s' is in use by a commit of another domain, which may write below snapshot '%s'; repeat the call when it has ended"
                  .formatted(image.getPath(), snapshot.getName()),
              "path",
              image.getPath());
        }
      }
    }
  }

  /** Enters the record, and counts it where it is new, in one durable step. */
  public void enter(DomainBook domains, SnapshotBook snapshots) {
    List<SnapshotBook.Change> changes = new ArrayList<>();
    domains.change(
        snapshot.getDomainUuid(),
        domain -> {
          if (!known()) {
            domain.getStatusBuilder().setSnapshotCount(domain.getStatus().getSnapshotCount() + 1);
          }
        },
        transaction -> {
          changes.clear();
          changes.add(
              replaced
                  .filter(old -> !old.getName().equals(snapshot.getName()))
                  .map(old -> snapshots.rename(transaction, old, snapshot))
                  .orElseGet(() -> snapshots.enter(transaction, snapshot)));
        });
    changes.forEach(snapshots::settle);
  }

  private static void requireOf(DomainSpec now, Snapshot given) {
    require(
        given.getDomainUuid().isEmpty() || given.getDomainUuid().equalsIgnoreCase(now.getUuid()),
        "domain_uuid",
        "is %s, but domain '%s' has uuid %s; give that one, or define the domain with the first"
            .formatted(given.getDomainUuid(), now.getName(), now.getUuid()));
    require(
        given.getDomainName().isEmpty() || given.getDomainName().equals(now.getName()),
        "domain_name",
        "is '%s', but the domain is '%s'".formatted(given.getDomainName(), now.getName()));
  }

  private static void requirePlace(
      DomainSpec now, Snapshot given, String before, Map<String, Snapshot> byName) {
    Set<String> above = new HashSet<>(List.of(given.getName(), before));
    String parent = given.getParent();
    while (!parent.isEmpty()) {
      require(
          above.add(parent),
          "parent",
          "'%s' is the snapshot '%s' itself or descends from it"
              .formatted(given.getParent(), given.getName()));
      Snapshot next = byName.get(parent);
      if (next == null) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND,
            "domain '%s' has no snapshot '%s' to be the parent of '%s'; enter the parent first"
                .formatted(now.getName(), parent, given.getName()),
            "domain",
            now.getName(),
            "snapshot",
            parent);
      }
      parent = next.getParent();
    }
  }

  /** In the order of the domain's disks, as a snapshot that was made here has them. */
  private static List<SnapshotDisk> disks(
      DomainSpec now, Snapshot given, SnapshotFiles files, Set<String> read) {
    Map<String, SnapshotDisk> held = new HashMap<>();
    for (SnapshotDisk disk : given.getDisksList()) {
      Disk known = DiskLookup.find(now.getName(), now.getDisksList(), disk.getTarget());
      require(
          held.put(known.getTarget(), disk) == null,
          "disks",
          "names disk '%s' twice".formatted(known.getTarget()));
    }
    List<SnapshotDisk> result = new ArrayList<>();
    for (Disk disk : now.getDisksList()) {
      Optional<SnapshotDisk> part =
          Optional.ofNullable(held.get(disk.getTarget()))
              .filter(one -> one.getMode() != SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
      result.add(
          part.map(
                  one ->
                      one.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL
                          ? inside(now, given, disk, one, files)
                          : taken(now, disk, one, files, read))
              .orElseGet(
                  () ->
                      SnapshotDisk.newBuilder()
                          .setTarget(disk.getTarget())
                          .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
                          .build()));
    }
    if (moment(result).isEmpty()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS,
          "no disk of domain '%s' takes part in the snapshot; name one with the image that holds it"
              .formatted(now.getName()),
          "domain",
          now.getName());
    }
    return result;
  }

  private static SnapshotDisk taken(
      DomainSpec now, Disk disk, SnapshotDisk given, SnapshotFiles files, Set<String> read) {
    String target = disk.getTarget();
    if (given.getStateLost()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
          "the record says itself that its state of disk '%s' of domain '%s' was lost by job %s, so there is nothing to enter; leave the disk out"
              .formatted(target, now.getName(), given.getLostByJob()),
          "domain",
          now.getName(),
          "disk",
          target);
    }
    SnapshotDisk.Builder result =
        SnapshotDisk.newBuilder()
            .setTarget(target)
            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL);
    Optional<Chain> above = Optional.empty();
    if (given.hasOverlay()) {
      Image overlay =
          given.getOverlay().toBuilder().setPath(files.path(given.getOverlay().getPath())).build();
      result.setOverlay(overlay);
      if (files.exists(overlay.getPath()) || !given.hasFrozen()) {
        above = Optional.of(files.chain(target, overlay));
      }
    }
    Image frozen =
        given.hasFrozen()
            ? given.getFrozen().toBuilder().setPath(files.path(given.getFrozen().getPath())).build()
            : below(target, above);
    Chain moment = files.chain(target, frozen);
    moment.images().forEach(image -> read.add(image.getPath()));
    above.ifPresent(chain -> requireReads(chain, moment.active(), files));
    requireStill(now, target, frozen, files);
    return result.setFrozen(frozen).build();
  }

  private static SnapshotDisk inside(
      DomainSpec now, Snapshot snapshot, Disk disk, SnapshotDisk given, SnapshotFiles files) {
    Image named = given.hasInside() ? given.getInside() : disk.getSource();
    Image image = named.toBuilder().setPath(files.path(named.getPath())).build();
    boolean kept =
        image.getFormat() == ImageFormat.IMAGE_FORMAT_QCOW2
            && files.moment(image, SnapshotKinds.tag(snapshot.getName())).isPresent();
    if (!kept) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
          "image '%s' keeps no moment '%s' inside itself; name the image of disk '%s' that does"
              .formatted(image.getPath(), SnapshotKinds.tag(snapshot.getName()), disk.getTarget()),
          "domain",
          now.getName(),
          "snapshot",
          snapshot.getName(),
          "disk",
          disk.getTarget());
    }
    return SnapshotDisk.newBuilder()
        .setTarget(disk.getTarget())
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL)
        .setInside(image)
        .build();
  }

  /** What an overlay reads, where the record does not say it. */
  private static Image below(String target, Optional<Chain> above) {
    return above
        .flatMap(chain -> chain.below(chain.active()))
        .map(Chain::source)
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
                    "the image that holds the moment of disk '%s' is not named, and there is no overlay whose header names it; name it"
                        .formatted(target),
                    "disk",
                    target));
  }

  private static void requireReads(Chain above, ChainImage frozen, SnapshotFiles files) {
    boolean reads =
        above.images().stream()
            .skip(1)
            .anyMatch(
                image ->
                    image.getFormat() == frozen.getFormat()
                        && files.same(image.getPath(), frozen.getPath()));
    boolean itself = files.same(above.active().getPath(), frozen.getPath());
    if (!reads && itself) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
          "'%s' is named as the overlay and as the image that holds the moment, as after a commit into it, which loses the moment; leave the disk out, or name the image that holds it"
              .formatted(frozen.getPath()),
          "path",
          above.active().getPath(),
          "backing",
          frozen.getPath());
    }
    if (!reads) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
          "overlay '%s' does not read '%s', which is said to hold the moment; leave the overlay out, or name the image below it"
              .formatted(above.active().getPath(), frozen.getPath()),
          "path",
          above.active().getPath(),
          "backing",
          frozen.getPath());
    }
  }

  /** An image that a disk of the domain is on changes, and holds no moment. */
  private static void requireStill(
      DomainSpec now, String target, Image frozen, SnapshotFiles files) {
    for (Disk disk : now.getDisksList()) {
      if (disk.hasSource()
          && !disk.getReadOnly()
          && files.same(disk.getSource().getPath(), frozen.getPath())) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_IMAGE_IN_USE,
            "image '%s' holds no moment of disk '%s': disk '%s' of domain '%s' writes to it; name an image below it"
                .formatted(frozen.getPath(), target, disk.getTarget(), now.getName()),
            "path",
            frozen.getPath());
      }
    }
  }

  /** The definition of now, on the images that hold the moment. */
  private static DomainSpec spec(DomainSpec now, List<SnapshotDisk> disks) {
    Map<String, Image> moment = moment(disks);
    DomainSpec.Builder result = now.toBuilder();
    for (Disk.Builder disk : result.getDisksBuilderList()) {
      Optional.ofNullable(moment.get(disk.getTarget())).ifPresent(disk::setSource);
    }
    return result.build();
  }

  private static Map<String, Image> moment(List<SnapshotDisk> disks) {
    return disks.stream()
        .filter(disk -> disk.hasFrozen() || disk.hasInside())
        .collect(
            Collectors.toMap(
                SnapshotDisk::getTarget,
                disk -> disk.hasFrozen() ? disk.getFrozen() : disk.getInside()));
  }

  private static void require(boolean holds, String field, String what) {
    if (!holds) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "snapshot.%s %s".formatted(field, what),
          "field",
          "snapshot." + field);
    }
  }
}
