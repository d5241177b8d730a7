package dev.drover.spi.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A copy that begins at the moment of a snapshot (G12), checked against the snapshot's plan before
 * anything changes. What its destination is only the driver can tell, by the chain that the disk is
 * going to have.
 *
 * @param part the disk's part in the snapshot
 * @param request the copy, with its destination's path as the host writes it
 * @param origin what its job is recorded with; its id is chosen by now
 */
public record MomentCopy(SnapshotPlan.Part part, BlockCopyRequest request, JobOrigin origin) {

  /**
   * The copies that a snapshot is asked for with.
   *
   * @throws DriverException DISK_NOT_FOUND, DISK_AMBIGUOUS, DISK_READ_ONLY, DISK_HAS_NO_SOURCE,
   *     INVALID_ARGUMENT (the disk takes no part, or is copied twice), JOB_ID_REUSED,
   *     DESTINATION_EXISTS (the snapshot itself makes a file there), PATH_NOT_ALLOWED
   */
  public static List<MomentCopy> of(
      CallContext call,
      CreateSnapshotRequest request,
      SnapshotPlan plan,
      SnapshotFiles files,
      JobBook jobs) {
    Set<String> taken = new HashSet<>(taken(request, plan, files));
    Set<String> disks = new HashSet<>();
    List<MomentCopy> copies = new ArrayList<>();
    for (BlockCopyRequest copy : request.getCopiesList()) {
      SnapshotPlan.Part part = part(plan, copy);
      if (!disks.add(part.target())) {
        throw invalid(
            part.target(), "is copied twice; one copy of a disk can begin with a snapshot");
      }
      if (jobs.find(copy.getJobId()).isPresent()) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_JOB_ID_REUSED,
            "job id '%s' belongs to another job; choose another id".formatted(copy.getJobId()),
            "job",
            copy.getJobId());
      }
      String path = files.path(copy.getDestination().getPath());
      if (!taken.add(path)) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
            "destination '%s' is a file of the snapshot itself; choose another path"
                .formatted(path),
            "path",
            path);
      }
      BlockCopyRequest.Builder resolved = copy.toBuilder().setDisk(part.target());
      resolved.getDestinationBuilder().setPath(path);
      copies.add(new MomentCopy(part, resolved.build(), origin(call, copy)));
    }
    return copies;
  }

  /**
   * The chain that the disk has when the copy begins.
   *
   * @param before the chain that it has now
   */
  public Chain chain(Chain before) {
    ChainImage overlay =
        ChainImage.newBuilder()
            .setPath(part.overlay().getPath())
            .setFormat(part.overlay().getFormat())
            .setVirtualSizeBytes(part.frozen().getVirtualSizeBytes())
            .setBackingReference(part.frozen().getPath())
            .build();
    return above(before, overlay);
  }

  /** A chain with one more image on top. */
  public static Chain above(Chain before, ChainImage overlay) {
    return new Chain(
        before.domain(),
        before.disk(),
        Stream.concat(Stream.of(overlay), before.images().stream()).toList());
  }

  private static Set<String> taken(
      CreateSnapshotRequest request, SnapshotPlan plan, SnapshotFiles files) {
    Set<String> taken = new HashSet<>();
    plan.parts().forEach(part -> taken.add(part.overlay().getPath()));
    if (request.hasMemory()) {
      taken.add(files.path(request.getMemory().getPath()));
    }
    return taken;
  }

  private static SnapshotPlan.Part part(SnapshotPlan plan, BlockCopyRequest copy) {
    Disk disk =
        DiskLookup.findWritable(plan.spec().getName(), plan.spec().getDisksList(), copy.getDisk());
    return plan.parts().stream()
        .filter(part -> part.target().equals(disk.getTarget()))
        .findFirst()
        .orElseThrow(
            () ->
                invalid(
                    disk.getTarget(),
                    "takes no part in the snapshot, so that no copy of it can begin there; leave it"
                        + " in, or use BlockCopy"));
  }

  private static JobOrigin origin(CallContext call, BlockCopyRequest copy) {
    String id = copy.getJobId().isEmpty() ? UUID.randomUUID().toString() : copy.getJobId();
    return JobOrigin.of(call, copy, id, "");
  }

  private static DriverException invalid(String disk, String what) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        "disk '%s' %s".formatted(disk, what),
        "field",
        "copies",
        "disk",
        disk);
  }
}
