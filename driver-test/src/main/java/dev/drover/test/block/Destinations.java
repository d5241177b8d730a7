package dev.drover.test.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.block.CopyPlan;
import dev.drover.spi.error.DriverException;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.ImageHeader;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.List;
import java.util.Optional;

/** Destinations of copies: checked before the job is recorded, made and opened afterwards. */
final class Destinations {

  private final World world;
  private Optional<BlockImage> made = Optional.empty();

  Destinations(World world) {
    this.world = world;
  }

  /**
   * Checks what can be known before.
   *
   * @throws DriverException DESTINATION_EXISTS or DESTINATION_MISSING (E18), IMAGE_FORMAT_MISMATCH,
   *     BACKING_IMAGE_INVALID, BACKING_FORMAT_MISSING, IMAGE_IN_USE, INVALID_ARGUMENT where its
   *     size differs
   */
  void check(CopyPlan plan, OpenDisk disk) {
    Image destination = plan.destination();
    Optional<BlockImage> existing = world.images().find(destination.getPath());
    existing.flatMap(new KnownChains(world)::holder).ifPresent(why -> refuseUsed(destination, why));
    if (!plan.reuseExternal()) {
      if (existing.isPresent()) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
            ("destination '%s' already exists; remove it, choose another path, or set"
                    + " reuse_external")
                .formatted(destination.getPath()),
            "path",
            destination.getPath());
      }
      return;
    }
    if (existing.isEmpty()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DESTINATION_MISSING,
          "destination '%s' does not exist; create it or leave out reuse_external"
              .formatted(destination.getPath()),
          "path",
          destination.getPath());
    }
    List<BlockImage> chain = world.images().open(destination.getPath(), destination.getFormat());
    requireSameSize(destination, chain.getFirst(), disk);
    world.disks().claim(disk, chain.getFirst());
    world.disks().disclaim(disk);
    world.disks().requireReadable(disk, chain.subList(1, chain.size()));
  }

  private static void refuseUsed(Image destination, String why) {
    throw DriverException.of(
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        "destination '%s' cannot be used: %s; choose another path"
            .formatted(destination.getPath(), why),
        "path",
        destination.getPath());
  }

  private static void requireSameSize(Image destination, BlockImage found, OpenDisk disk) {
    long size = disk.active().virtualSizeBytes();
    if (found.virtualSizeBytes() != size) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "destination '%s' has %d bytes, disk '%s' has %d; a copy needs the same size"
              .formatted(destination.getPath(), found.virtualSizeBytes(), disk.target(), size),
          "field",
          "destination",
          "path",
          destination.getPath());
    }
  }

  /**
   * Makes or opens the destination and lets the disk write to it.
   *
   * @return the destination's chain, itself first
   */
  List<BlockImage> open(CallContext call, CopyPlan plan, OpenDisk disk) {
    if (!plan.reuseExternal()) {
      world.gate().pass(call, FaultStep.IMAGE_CREATE.id());
    }
    check(plan, disk);
    if (!plan.reuseExternal()) {
      made =
          Optional.of(
              world
                  .images()
                  .create(
                      plan.destination().getPath(),
                      plan.destination().getFormat(),
                      disk.active().virtualSizeBytes(),
                      header(plan)));
    }
    List<BlockImage> chain =
        world.images().open(plan.destination().getPath(), plan.destination().getFormat());
    world.disks().claim(disk, chain.getFirst());
    return chain;
  }

  /** Removes a destination that was made for a job which did not begin (E18). */
  void undo() {
    made.ifPresent(world.images()::delete);
  }

  private static ImageHeader header(CopyPlan plan) {
    return plan.backing()
        .map(backing -> ImageHeader.backing(plan.backingReference(), backing.getFormat()))
        .filter(_ -> plan.destination().getFormat() == ImageFormat.IMAGE_FORMAT_QCOW2)
        .orElse(ImageHeader.NONE);
  }
}
