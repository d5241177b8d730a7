package dev.drover.spi.snapshot;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.SnapshotMemory;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a snapshot takes the guest's memory too and into which file, decided before anything
 * changes (R9).
 */
public final class MemoryPlan {

  /** What the disk of a file that holds memory is called in the register of owned images. */
  static final String NO_DISK = "";

  /** Where the client names none. */
  private static final Duration DEFAULT_HOLD_AFTER = Duration.ofSeconds(60);

  private MemoryPlan() {}

  /**
   * Plans the memory of a snapshot.
   *
   * @param disks the plan for its disks
   * @return the file, without a size; empty where only disks are taken
   * @throws DriverException DOMAIN_NOT_RUNNING, DOMAIN_STATE_INVALID where a paused guest is to run
   *     on meanwhile, INVALID_ARGUMENT where a disk that the guest writes to takes no part,
   *     DESTINATION_EXISTS (G8), and those of {@link SnapshotFiles}
   */
  public static Optional<SnapshotMemory> of(
      Domain domain, SnapshotPlan disks, CreateSnapshotRequest request, SnapshotFiles files) {
    if (!request.hasMemory()) {
      return Optional.empty();
    }
    requireGuest(domain);
    if (request.hasLiveMemory()) {
      requireRunning(domain);
    }
    requireEveryDisk(
        disks.spec(),
        disks.parts().stream().map(SnapshotPlan.Part::target).collect(Collectors.toSet()));
    String path = files.path(request.getMemory().getPath());
    boolean taken =
        files.exists(path)
            || disks.parts().stream().anyMatch(part -> part.overlay().getPath().equals(path));
    if (taken) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
          "memory file '%s' already exists; remove it or choose another path".formatted(path),
          "path",
          path);
    }
    files.requireMakeable(path);
    return Optional.of(SnapshotMemory.newBuilder().setPath(path).build());
  }

  /**
   * Refuses a domain that has no memory.
   *
   * @throws DriverException DOMAIN_NOT_RUNNING
   */
  static void requireGuest(Domain domain) {
    if (!DomainStates.active(domain)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING,
          ("domain '%s' is %s and has no memory to take; leave memory out, or start the domain"
                  + " first")
              .formatted(
                  domain.getSpec().getName(), DomainStates.text(domain.getStatus().getState())),
          "domain",
          domain.getSpec().getName(),
          "state",
          DomainStates.text(domain.getStatus().getState()));
    }
  }

  private static void requireRunning(Domain domain) {
    if (domain.getStatus().getState() == DomainState.DOMAIN_STATE_PAUSED) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_STATE_INVALID,
          ("domain '%s' is paused, and nothing in it would go on while its memory is written;"
                  + " leave live_memory out, or resume the domain first")
              .formatted(domain.getSpec().getName()),
          "domain",
          domain.getSpec().getName(),
          "state",
          DomainStates.text(domain.getStatus().getState()),
          "allowed",
          "running");
    }
  }

  /**
   * How long the guest may run on while its memory is written; empty: it is held from the
   * beginning.
   */
  public static Optional<Duration> holdAfter(CreateSnapshotRequest request) {
    if (!request.hasLiveMemory()) {
      return Optional.empty();
    }
    LiveMemory live = request.getLiveMemory();
    return Optional.of(
        live.hasHoldAfter() ? ProtoTimes.duration(live.getHoldAfter()) : DEFAULT_HOLD_AFTER);
  }

  /**
   * Memory beside a disk that has gone on meanwhile would destroy the disk's contents.
   *
   * @param targets the disks that take part
   * @throws DriverException INVALID_ARGUMENT where one that the guest writes to does not
   */
  static void requireEveryDisk(DomainSpec spec, Set<String> targets) {
    for (Disk disk : spec.getDisksList()) {
      boolean left = disk.hasSource() && !disk.getReadOnly() && !targets.contains(disk.getTarget());
      if (left) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
            ("disk '%s' of domain '%s' must take part, since the guest's memory fits no other"
                    + " contents of it; do not exclude it, or leave memory out")
                .formatted(disk.getTarget(), spec.getName()),
            "field",
            "disks");
      }
    }
  }

  /** A file that holds memory, as the register of images that were made names it. */
  public static OwnedImage owned(String domainUuid, String path, String identity) {
    return new OwnedImage(domainUuid, NO_DISK, Image.newBuilder().setPath(path).build(), identity);
  }

  /** True where the register means a file that holds memory, which reads no image. */
  public static boolean isMemory(OwnedImage owned) {
    return owned.disk().equals(NO_DISK);
  }
}
