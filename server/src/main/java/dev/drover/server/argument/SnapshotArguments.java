package dev.drover.server.argument;

import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
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
        .add(RevertSnapshotRequest.class, SnapshotArguments::revert);
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
    Argument.that(
        request.getName().isEmpty() || Argument.NAME.matcher(request.getName()).matches(),
        "name",
        "must be at most 64 characters of A-Z a-z 0-9 . _ + - that do not start with a dot or a"
            + " dash");
    Argument.that(
        request.getDescription().codePointCount(0, request.getDescription().length())
            <= DESCRIPTION_LENGTH,
        "description",
        "must be at most " + DESCRIPTION_LENGTH + " characters");
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < request.getDisksCount(); i++) {
      SnapshotDisk disk = request.getDisks(i);
      String field = "disks[" + i + "]";
      Argument.that(
          disk.getMode() != SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED,
          field + ".mode",
          "is set by the daemon");
      overlay(disk, field, targets);
    }
    Argument.requestId(request.getRequestId());
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
    Argument.that(!disk.hasFrozen(), field + ".frozen", "is set by the daemon");
    Argument.that(!disk.getStateLost(), field + ".state_lost", "is set by the daemon");
    Argument.that(disk.getLostByJob().isEmpty(), field + ".lost_by_job", "is set by the daemon");
  }
}
