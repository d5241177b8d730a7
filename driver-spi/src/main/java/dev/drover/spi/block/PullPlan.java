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
 * @param into image that receives the data
 * @param base image kept as its backing image; empty: everything below is pulled
 * @param backingReference what the header of {@code into} will say; empty: no backing image
 * @param after the chain after success
 * @param dropped images that leave the chain, from the top down; they stay usable
 */
public record PullPlan(
    Chain before,
    ChainImage into,
    Optional<ChainImage> base,
    String backingReference,
    Chain after,
    List<ChainImage> dropped) {

  /**
   * Plans a pull.
   *
   * @throws DriverException INVALID_ARGUMENT, IMAGE_NOT_IN_CHAIN, BASE_NOT_BELOW_TOP,
   *     RELATIVE_BACKING_IMPOSSIBLE
   */
  public static PullPlan of(Chain chain, BlockPullRequest request) {
    if (request.getKeepRelative() && !request.hasBase()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "keep_relative needs a base: without one no backing reference is left",
          "field",
          "keep_relative");
    }
    ChainImage into = request.hasInto() ? chain.find(request.getInto()) : chain.active();
    Optional<ChainImage> base =
        request.hasBase() ? Optional.of(below(chain, into, request.getBase())) : Optional.empty();
    String reference =
        base.map(kept -> chain.reference(into, kept, request.getKeepRelative())).orElse("");
    int place = into.getIndex();
    int end = base.map(ChainImage::getIndex).orElse(chain.images().size());
    List<ChainImage> after = new ArrayList<>(chain.images().subList(0, place));
    after.add(into.toBuilder().setBackingReference(reference).build());
    after.addAll(chain.images().subList(end, chain.images().size()));
    return new PullPlan(
        chain,
        into,
        base,
        reference,
        new Chain(chain.domain(), chain.disk(), after),
        List.copyOf(chain.images().subList(place + 1, end)));
  }

  /** What the job records of the request. */
  public JobRequest request(BlockPullRequest request) {
    return JobRequest.newBuilder()
        .setBase(base.map(ChainImage::getPath).orElse(""))
        .setTop(into.getPath())
        .setOnError(request.getOnError())
        .build();
  }

  private static ChainImage below(Chain chain, ChainImage into, String name) {
    ChainImage image = chain.find(name);
    if (image.getIndex() <= into.getIndex()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP,
          "base '%s' is not below '%s' in the chain of disk '%s'; a pull keeps an image below it"
              .formatted(image.getPath(), into.getPath(), chain.disk()),
          "domain",
          chain.domain(),
          "disk",
          chain.disk(),
          "base",
          image.getPath(),
          "top",
          into.getPath());
    }
    return image;
  }
}
