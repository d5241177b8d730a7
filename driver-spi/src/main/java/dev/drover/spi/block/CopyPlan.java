package dev.drover.spi.block;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a copy will make (section 1E).
 *
 * @param before the chain as it is
 * @param destination path and format of the copy
 * @param shallow true where only the active image is copied; false where the whole chain is
 *     flattened, also because there is nothing below
 * @param reuseExternal true where the destination exists
 * @param backing image the destination shares with the source; empty where it stands alone
 * @param backingReference what the header of a destination made by the driver will say
 */
public record CopyPlan(
    Chain before,
    Image destination,
    boolean shallow,
    boolean reuseExternal,
    Optional<ChainImage> backing,
    String backingReference) {

  /**
   * Plans a copy.
   *
   * @throws DriverException SHALLOW_COPY_INTO_RAW (E9), DESTINATION_EXISTS where the destination is
   *     an image of the chain
   */
  public static CopyPlan of(Chain chain, BlockCopyRequest request) {
    Image destination = request.getDestination();
    for (ChainImage image : chain.images()) {
      if (image.getPath().equals(destination.getPath())) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
            "destination '%s' is an image of disk '%s' itself; choose another path"
                .formatted(destination.getPath(), chain.disk()),
            "path",
            destination.getPath());
      }
    }
    boolean shallow = request.getShallow() && chain.images().size() > 1;
    boolean raw = destination.getFormat() == ImageFormat.IMAGE_FORMAT_RAW;
    if (shallow && raw && !request.getReuseExternal()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SHALLOW_COPY_INTO_RAW,
          ("shallow copy of disk '%s' into a raw file would lose what lies below its active image;"
                  + " leave out shallow or choose qcow2")
              .formatted(chain.disk()),
          "disk",
          chain.disk());
    }
    Optional<ChainImage> backing =
        shallow && !raw && !request.getReuseExternal()
            ? chain.below(chain.active())
            : Optional.empty();
    String path = destination.getPath();
    String reference = backing.map(image -> reference(chain, Path.of(path), image)).orElse("");
    PathLimits.requireNameable(path, reference);
    return new CopyPlan(
        chain, destination, shallow, request.getReuseExternal(), backing, reference);
  }

  /**
   * What the header of a destination made at a path says of the image below it; empty where there
   * is none. A relative reference stays relative where the source's is and both lie side by side
   * (R8).
   */
  public String referenceFrom(Path path) {
    return backing.map(image -> reference(before, path, image)).orElse("");
  }

  private static String reference(Chain chain, Path path, ChainImage backing) {
    String old = chain.active().getBackingReference();
    boolean sideBySide =
        Objects.equals(path.getParent(), Path.of(chain.active().getPath()).getParent());
    return sideBySide && !old.isEmpty() ? old : backing.getPath();
  }

  /**
   * The chain after a pivot.
   *
   * @param below images below a reused destination, as its own header says; ignored otherwise
   */
  public Chain after(List<ChainImage> below) {
    List<ChainImage> images = new ArrayList<>();
    images.add(
        ChainImage.newBuilder()
            .setPath(destination.getPath())
            .setFormat(destination.getFormat())
            .setBackingReference(backingReference)
            .setVirtualSizeBytes(before.active().getVirtualSizeBytes())
            .build());
    if (backing.isPresent()) {
      images.addAll(before.images().subList(1, before.images().size()));
    } else if (reuseExternal) {
      images.addAll(below);
    }
    return new Chain(before.domain(), before.disk(), images);
  }

  /** What the job records of the request. */
  public JobRequest request(BlockCopyRequest request) {
    return JobRequest.newBuilder()
        .setTop(before.active().getPath())
        .setDestination(destination)
        .setShallow(shallow)
        .setReuseExternal(reuseExternal)
        .setConvergence(Convergences.resolved(request.getConvergence()))
        .setOnError(request.getOnError())
        .setTransientJob(request.getTransientJob())
        .build();
  }
}
