package dev.drover.server.argument;

import com.google.protobuf.util.Timestamps;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.util.HashSet;
import java.util.Set;

/** Rules of a record of a snapshot that a client brings along. */
final class ImportArguments {

  private ImportArguments() {}

  static void check(ImportSnapshotRequest request) {
    Argument.domain(request.getDomain());
    Snapshot snapshot = request.getSnapshot();
    Argument.required(snapshot.getName(), "snapshot.name");
    SnapshotArguments.name(snapshot.getName(), "snapshot.name");
    SnapshotArguments.description(snapshot.getDescription(), "snapshot.description");
    Argument.that(
        !snapshot.hasDomainSpec(), "snapshot.domain_spec", "is set by the daemon; leave it out");
    Argument.that(!snapshot.getDeleting(), "snapshot.deleting", "is set by the daemon");
    // No calendar has what lies beyond, so that nobody could list or print the record.
    Argument.that(
        Timestamps.isValid(snapshot.getCreateTime()),
        "snapshot.create_time",
        "must lie between the years 1 and 9999; leave it out where it is not known");
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < snapshot.getDisksCount(); i++) {
      disk(snapshot.getDisks(i), "snapshot.disks[" + i + "]", targets);
    }
    if (!request.getRenameFrom().isEmpty()) {
      SnapshotArguments.name(request.getRenameFrom(), "rename_from");
      Argument.that(
          !request.getRenameFrom().equals(snapshot.getName()),
          "rename_from",
          "is the record's own name; leave it out, or give the record another one");
    }
    Argument.requestId(request.getRequestId());
  }

  private static void disk(SnapshotDisk disk, String field, Set<String> targets) {
    Argument.required(disk.getTarget(), field + ".target");
    Argument.that(
        targets.add(disk.getTarget()), field + ".target", "is there twice: " + disk.getTarget());
    Argument.that(
        disk.getMode() != SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED,
        field + ".mode",
        "cannot be imported: the state of the disk is gone");
    if (disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED) {
      Argument.that(
          !disk.hasFrozen() && !disk.hasOverlay(), field, "takes no part, and has no images");
      return;
    }
    if (disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL) {
      Argument.that(
          !disk.hasFrozen() && !disk.hasOverlay(), field, "is internal, and has no other images");
      if (disk.hasInside()) {
        image(disk.getInside(), field + ".inside");
      }
      return;
    }
    Argument.that(
        !disk.hasInside(), field + ".inside", "is for disks of SNAPSHOT_DISK_MODE_INTERNAL");
    Argument.that(
        disk.hasFrozen() || disk.hasOverlay(),
        field + ".frozen",
        "is required, or an overlay above it");
    if (disk.hasFrozen()) {
      image(disk.getFrozen(), field + ".frozen");
    }
    if (disk.hasOverlay()) {
      image(disk.getOverlay(), field + ".overlay");
    }
  }

  /** A format is never guessed (E12). */
  private static void image(Image image, String field) {
    Argument.required(image.getPath(), field + ".path");
    Argument.path(image.getPath(), field + ".path");
    Argument.that(
        image.getFormat() != ImageFormat.IMAGE_FORMAT_UNSPECIFIED,
        field + ".format",
        "is required");
  }
}
