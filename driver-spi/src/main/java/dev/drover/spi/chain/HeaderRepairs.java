package dev.drover.spi.chain;

import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainImage;
import java.util.List;
import java.util.Optional;

/** Says what is to be written into a header that a repair rewrites. */
public final class HeaderRepairs {

  private HeaderRepairs() {}

  /**
   * A header as it is to be.
   *
   * @param image the image that gets it
   * @param backing the image below; empty: none
   * @param reference how that is to be named; empty: not at all
   */
  public record Rewrite(ChainImage image, Optional<ChainImage> backing, String reference) {}

  /** The rewrite that a difference with CHAIN_REPAIR_REWRITE_HEADER proposes. */
  public static Rewrite of(ChainViews views, ChainDifference difference) {
    List<ChainImage> chain = chain(views);
    ChainImage image = at(views, chain, difference.getPath()).orElseThrow();
    Optional<ChainImage> backing =
        views.hypervisor().isPresent()
            ? below(chain, image)
            : lastKnownBacking(views, difference.getPath());
    return new Rewrite(
        image, backing, backing.map(below -> reference(views, image, below)).orElse(""));
  }

  /** The image that the newest job left below an image, where it is still there. */
  static Optional<ChainImage> lastKnownBacking(ChainViews views, String path) {
    return at(views, views.lastKnown(), path)
        .flatMap(image -> below(views.lastKnown(), image))
        .filter(image -> views.files().exists(image.getPath()));
  }

  private static List<ChainImage> chain(ChainViews views) {
    return views
        .hypervisor()
        .map(HypervisorView::images)
        .orElseGet(() -> views.headers().stream().map(HeaderView::image).toList());
  }

  /** Relative where it was written so before, and still leads there (R8). */
  private static String reference(ChainViews views, ChainImage image, ChainImage backing) {
    List<ChainImage> known =
        views.hypervisor().map(HypervisorView::record).orElse(views.lastKnown());
    return at(views, known, image.getPath())
        .map(ChainImage::getBackingReference)
        .filter(reference -> !reference.isEmpty())
        .filter(
            reference ->
                views
                    .files()
                    .same(ChainFiles.resolve(image.getPath(), reference), backing.getPath()))
        .orElse(backing.getPath());
  }

  private static Optional<ChainImage> at(ChainViews views, List<ChainImage> chain, String path) {
    return chain.stream().filter(image -> views.files().same(image.getPath(), path)).findFirst();
  }

  private static Optional<ChainImage> below(List<ChainImage> chain, ChainImage image) {
    int next = chain.indexOf(image) + 1;
    return next < chain.size() ? Optional.of(chain.get(next)) : Optional.empty();
  }
}
