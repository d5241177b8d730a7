package dev.drover.server.argument;

import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import java.util.HashSet;
import java.util.Set;

/** Rules of the requests of SnapshotService. */
final class SnapshotArguments {

  private static final int DESCRIPTION_LENGTH = 4096;

  private SnapshotArguments() {}

  static void register(ArgumentRules.Table table) {
    table
        .add(CreateSnapshotRequest.class, SnapshotArguments::create)
        .add(
            GetSnapshotRequest.class,
            request -> {
              Argument.domain(request.getDomain());
              Argument.required(request.getName(), "name");
            })
        .add(
            ListSnapshotsRequest.class,
            request -> {
              Argument.domain(request.getDomain());
              Argument.pageSize(request.getPageSize());
            })
        .add(DeleteSnapshotRequest.class, SnapshotArguments::delete)
        .add(RevertSnapshotRequest.class, SnapshotArguments::revert)
        .add(ImportSnapshotRequest.class, ImportArguments::check);
  }

  private static void delete(DeleteSnapshotRequest request) {
    Argument.domain(request.getDomain());
    Argument.required(request.getName(), "name");
    Argument.newJobId(request.getJobId());
    Argument.requestId(request.getRequestId());
  }

  private static void revert(RevertSnapshotRequest request) {
    Argument.domain(request.getDomain());
    Argument.required(request.getName(), "name");
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < request.getDisksCount(); i++) {
      SnapshotDisk disk = request.getDisks(i);
      String field = "disks[" + i + "]";
      Argument.that(
          disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_UNSPECIFIED
              || disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL,
          field + ".mode",
          "must be left out: every disk of the snapshot goes back");
      Argument.required(disk.getOverlay().getPath(), field + ".overlay.path");
      overlay(disk, field, targets);
    }
    Argument.newJobId(request.getJobId());
    Argument.requestId(request.getRequestId());
  }

  private static void create(CreateSnapshotRequest request) {
    Argument.domain(request.getDomain());
    if (!request.getName().isEmpty()) {
      name(request.getName(), "name");
    }
    description(request.getDescription(), "description");
    boolean internal = request.getKind() == SnapshotKind.SNAPSHOT_KIND_INTERNAL;
    Argument.that(
        request.getKind() != SnapshotKind.UNRECOGNIZED, "kind", "is not one that is known");
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < request.getDisksCount(); i++) {
      SnapshotDisk disk = request.getDisks(i);
      String field = "disks[" + i + "]";
      Argument.that(
          disk.getMode() != SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED,
          field + ".mode",
          "is set by the daemon");
      overlay(disk, field, targets);
      kind(internal, disk, field);
    }
    if (internal) {
      Argument.that(
          !request.getReuseExternal(), "reuse_external", "is for external snapshots only");
      Argument.that(request.getCopiesCount() == 0, "copies", "begin with external snapshots only");
      Argument.that(
          !request.getNoMetadata(),
          "no_metadata",
          "is for external snapshots only: what images keep inside themselves could not be deleted"
              + " without a record");
    }
    if (request.hasMemory()) {
      memory(request.getMemory(), internal);
      Argument.that(
          !request.hasQuiesce(),
          "quiesce",
          "is for snapshots of disks alone: memory holds what the guest has not written yet");
    }
    Argument.that(
        !request.hasLiveMemory() || (request.hasMemory() && !internal),
        "live_memory",
        internal
            ? "is for external snapshots only: what an image keeps is written with the guest held"
            : "is for snapshots with memory: disks change over at once");
    PolicyArguments.liveMemory(request.getLiveMemory());
    PolicyArguments.quiesce(request.getQuiesce());
    copies(request);
    Argument.requestId(request.getRequestId());
  }

  private static void copies(CreateSnapshotRequest request) {
    Set<String> disks = new HashSet<>();
    Set<String> jobs = new HashSet<>();
    for (int i = 0; i < request.getCopiesCount(); i++) {
      BlockCopyRequest copy = request.getCopies(i);
      String field = "copies[" + i + "]";
      Argument.that(!copy.hasDomain(), field + ".domain", "must be left out: it is the snapshot's");
      Argument.that(
          copy.getRequestId().isEmpty(),
          field + ".request_id",
          "must be left out: it is the snapshot's");
      Argument.that(
          !copy.getValidateOnly(),
          field + ".validate_only",
          "must be left out: it is the snapshot's");
      BlockArguments.copied(copy, field + ".");
      Argument.that(
          disks.add(copy.getDisk()),
          field + ".disk",
          "is there twice: one copy of a disk can begin with a snapshot");
      Argument.that(
          copy.getJobId().isEmpty() || jobs.add(copy.getJobId()),
          field + ".job_id",
          "is there twice");
    }
  }

  /** The disks of a snapshot are all of its kind. */
  private static void kind(boolean internal, SnapshotDisk disk, String field) {
    SnapshotDiskMode other =
        internal
            ? SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL
            : SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL;
    Argument.that(
        disk.getMode() != other,
        field + ".mode",
        internal
            ? "must not be external in an internal snapshot"
            : "can be internal only where kind is SNAPSHOT_KIND_INTERNAL");
    Argument.that(
        !internal || !disk.hasOverlay(), field + ".overlay", "is for external snapshots only");
  }

  private static void memory(SnapshotMemory memory, boolean internal) {
    if (internal) {
      Argument.that(
          memory.getPath().isEmpty(),
          "memory.path",
          "must be left out: an internal snapshot keeps the memory inside an image");
    } else {
      Argument.required(memory.getPath(), "memory.path");
      Argument.path(memory.getPath(), "memory.path");
    }
    Argument.that(memory.getDisk().isEmpty(), "memory.disk", "is set by the daemon");
    Argument.that(memory.getSizeBytes() == 0, "memory.size_bytes", "is set by the daemon");
  }

  /** A name that a snapshot may have. */
  static void name(String name, String field) {
    Argument.that(
        Argument.NAME.matcher(name).matches(),
        field,
        "must be at most 64 characters of A-Z a-z 0-9 . _ + - that do not start with a dot or a"
            + " dash");
  }

  /** A text for people. */
  static void description(String description, String field) {
    Argument.that(
        description.codePointCount(0, description.length()) <= DESCRIPTION_LENGTH,
        field,
        "must be at most " + DESCRIPTION_LENGTH + " characters");
  }

  private static void overlay(SnapshotDisk disk, String field, Set<String> targets) {
    Argument.required(disk.getTarget(), field + ".target");
    Argument.that(
        targets.add(disk.getTarget()), field + ".target", "is there twice: " + disk.getTarget());
    Image overlay = disk.getOverlay();
    if (!overlay.getPath().isEmpty()) {
      Argument.path(overlay.getPath(), field + ".overlay.path");
    }
    Argument.that(
        overlay.getFormat() != ImageFormat.IMAGE_FORMAT_RAW,
        field + ".overlay.format",
        "must be IMAGE_FORMAT_QCOW2: a raw image cannot have a backing image");
    Argument.that(!disk.hasInside(), field + ".inside", "is set by the daemon");
    Argument.that(!disk.hasFrozen(), field + ".frozen", "is set by the daemon");
    Argument.that(!disk.getStateLost(), field + ".state_lost", "is set by the daemon");
    Argument.that(disk.getLostByJob().isEmpty(), field + ".lost_by_job", "is set by the daemon");
  }
}
