package dev.drover.spi.block;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a pull will do to a chain (E1).
 *
 * @param before the chain as it is
 * @param base image kept as backing image; empty: everything is pulled
 * @param backingReference what the active image's header will say; empty: no backing image
 * @param after the chain after success
 * @param dropped images that leave the chain, from the top down; they stay usable
 */
public record PullPlan(
    Chain before,
    Optional<ChainImage> base,
    String backingReference,
    Chain after,
    List<ChainImage> dropped) {

  /**
   * Plans a pull.
   *
   * @throws DriverException INVALID_ARGUMENT, IMAGE_NOT_IN_CHAIN, RELATIVE_BACKING_IMPOSSIBLE
   */
  public static PullPlan of(Chain chain, BlockPullRequest request) {
    if (request.getKeepRelative() && !request.hasBase()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "keep_relative needs a base: without one no backing reference is left",
          "field",
          "keep_relative");
    }
    ChainImage active = chain.active();
    Optional<ChainImage> base =
        request.hasBase() ? Optional.of(belowActive(chain, request.getBase())) : Optional.empty();
    String reference =
        base.map(kept -> chain.reference(active, kept, request.getKeepRelative())).orElse("");
    List<ChainImage> after = new ArrayList<>();
    after.add(active.toBuilder().setBackingReference(reference).build());
    int end = base.map(ChainImage::getIndex).orElse(chain.images().size());
    after.addAll(chain.images().subList(end, chain.images().size()));
    return new PullPlan(
        chain,
        base,
        reference,
        new Chain(chain.domain(), chain.disk(), after),
        List.copyOf(chain.images().subList(1, end)));
  }

  /** What the job records of the request. */
  public JobRequest request(BlockPullRequest request) {
    return JobRequest.newBuilder()
        .setBase(base.map(ChainImage::getPath).orElse(""))
        .setTop(before.active().getPath())
        .setOnError(request.getOnError())
        .build();
  }

  private static ChainImage belowActive(Chain chain, String name) {
    ChainImage image = chain.find(name);
    if (image.getIndex() == 0) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP,
          "base '%s' is the active image of disk '%s'; a pull keeps an image below it"
              .formatted(image.getPath(), chain.disk()),
          "domain",
          chain.domain(),
          "disk",
          chain.disk(),
          "base",
          image.getPath(),
          "top",
          image.getPath());
    }
    return image;
  }
}
