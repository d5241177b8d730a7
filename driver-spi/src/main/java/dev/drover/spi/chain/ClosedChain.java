package dev.drover.spi.chain;

import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainRepair;
import java.util.List;
import java.util.Optional;

/**
 * The comparison of a chain that nobody has open: the headers are the truth, as long as they lead
 * to images that are there. Where they do not, the chain that the newest job has left tells what
 * stood there once.
 */
final class ClosedChain {

  private static final String CANNOT_START = "the domain cannot be started before this is mended";

  private final ChainViews views;

  ClosedChain(ChainViews views) {
    this.views = views;
  }

  /** At most one difference: behind it nothing is known. */
  List<ChainDifference> differences() {
    HeaderView last = views.headers().getLast();
    if (last.trouble().isPresent()) {
      return List.of(broken(last, last.trouble().get()));
    }
    return last.backing().stream().map(backing -> undeclared(last, backing)).toList();
  }

  private ChainDifference broken(HeaderView last, HeaderTrouble trouble) {
    return switch (trouble.kind()) {
      case MISSING -> lost(last);
      case FORMAT -> contradicted(last, trouble);
      case REFERENCE -> elsewhere(last).orElseGet(() -> unexplained(last));
    };
  }

  /** An image is not where the header above says; the header may have been rewritten. */
  private ChainDifference lost(HeaderView last) {
    return above().flatMap(this::elsewhere).orElseGet(() -> Differences.missing(last, false));
  }

  private Optional<ChainDifference> elsewhere(HeaderView header) {
    return HeaderRepairs.lastKnownBacking(views, header.image().getPath())
        .filter(
            known ->
                header.backing().stream()
                    .noneMatch(found -> views.files().same(found.path(), known.getPath())))
        .map(
            known ->
                Differences.header(
                    header,
                    Optional.of(known),
                    "the header was rewritten after the daemon's last job, or the image below was"
                        + " moved; "
                        + CANNOT_START,
                    ChainRepair.CHAIN_REPAIR_REWRITE_HEADER));
  }

  private static ChainDifference unexplained(HeaderView header) {
    return Differences.header(
        header, Optional.empty(), CANNOT_START, ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  private ChainDifference contradicted(HeaderView last, HeaderTrouble trouble) {
    return Differences.backingFormat(
        above().map(header -> header.image().getPath()).orElse(last.image().getPath()),
        Differences.format(last.image().getFormat()),
        trouble.text(),
        CANNOT_START,
        ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  private ChainDifference undeclared(HeaderView last, HeaderView.Backing backing) {
    Optional<ChainImage> known =
        HeaderRepairs.lastKnownBacking(views, last.image().getPath())
            .filter(image -> views.files().same(image.getPath(), backing.path()));
    return Differences.backingFormat(
        last.image().getPath(),
        known
            .map(image -> Differences.format(image.getFormat()))
            .orElse("the format of '%s'".formatted(backing.path())),
        backing.formatName(),
        "formats are never guessed, since a guest could have written a header of its own into a raw"
            + " image; "
            + CANNOT_START,
        known.isPresent()
            ? ChainRepair.CHAIN_REPAIR_REWRITE_HEADER
            : ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  private Optional<HeaderView> above() {
    int place = views.headers().size() - 2;
    return place < 0 ? Optional.empty() : Optional.of(views.headers().get(place));
  }
}
