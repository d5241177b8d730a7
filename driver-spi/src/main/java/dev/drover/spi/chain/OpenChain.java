package dev.drover.spi.chain;

import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainRepair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The comparison of a chain that a hypervisor has open: what it reads is the truth. */
final class OpenChain {

  private static final String OTHER_BACKING =
      "at its next start the domain would read another chain than the one it runs from";

  private final ChainViews views;
  private final HypervisorView open;

  OpenChain(ChainViews views, HypervisorView open) {
    this.views = views;
    this.open = open;
  }

  List<ChainDifference> differences() {
    List<ChainDifference> found = new ArrayList<>();
    if (open.images().isEmpty()) {
      String path = views.definition().getPath();
      open.foreignJobs().forEach(job -> found.add(Differences.foreignJob(path, job)));
      found.add(
          Differences.nodes(
              path, open.record(), open.images(), ChainRepair.CHAIN_REPAIR_UNSPECIFIED));
      return found;
    }
    ChainImage active = open.images().getFirst();
    if (!views.files().same(views.definition().getPath(), active.getPath())
        || views.definition().getFormat() != active.getFormat()) {
      found.add(
          Differences.definition(
              views.definition(),
              active,
              usable(0)
                  ? ChainRepair.CHAIN_REPAIR_UPDATE_DEFINITION
                  : ChainRepair.CHAIN_REPAIR_UNSPECIFIED));
    }
    open.foreignJobs().forEach(job -> found.add(Differences.foreignJob(active.getPath(), job)));
    if (!recorded()) {
      found.add(
          Differences.nodes(
              active.getPath(),
              open.record(),
              open.images(),
              settled()
                  ? ChainRepair.CHAIN_REPAIR_UPDATE_RECORD
                  : ChainRepair.CHAIN_REPAIR_UNSPECIFIED));
    }
    for (int place = 0; place < open.images().size(); place++) {
      image(place).ifPresent(found::add);
    }
    return found;
  }

  private boolean recorded() {
    return open.images().size() == open.record().size()
        && IntStream.range(0, open.images().size())
            .allMatch(
                place ->
                    open.images()
                            .get(place)
                            .getNodeName()
                            .equals(open.record().get(place).getNodeName())
                        && views
                            .files()
                            .same(
                                open.images().get(place).getPath(),
                                open.record().get(place).getPath()));
  }

  /** True where nothing that is under way or unknown could make a proposal wrong. */
  private boolean settled() {
    return open.understood() && open.foreignJobs().isEmpty();
  }

  /** True where the file at the path of an image is the one that the hypervisor reads. */
  private boolean usable(int place) {
    return settled()
        && !open.headers().get(place).missing()
        && !open.replaced().contains(open.images().get(place).getPath());
  }

  private Optional<ChainDifference> image(int place) {
    ChainImage image = open.images().get(place);
    HeaderView header = open.headers().get(place);
    if (header.missing()) {
      return Optional.of(Differences.missing(header, true));
    }
    if (open.replaced().contains(image.getPath())) {
      return Optional.of(Differences.replaced(image));
    }
    Optional<ChainImage> below =
        place + 1 < open.images().size()
            ? Optional.of(open.images().get(place + 1))
            : Optional.empty();
    if (header.trouble().isPresent() || !names(header, below)) {
      return Optional.of(
          Differences.header(header, below, OTHER_BACKING, rewrite(place, header, below)));
    }
    return below
        .filter(
            expected ->
                header.backing().flatMap(HeaderView.Backing::format).stream()
                    .noneMatch(format -> format == expected.getFormat()))
        .map(
            expected ->
                Differences.backingFormat(
                    image.getPath(),
                    Differences.format(expected.getFormat()),
                    header.backing().map(HeaderView.Backing::formatName).orElse(""),
                    "the domain cannot be started from this header, or would read the image below"
                        + " wrongly",
                    rewrite(place, header, below)));
  }

  private boolean names(HeaderView header, Optional<ChainImage> below) {
    if (header.backing().isEmpty() || below.isEmpty()) {
      return header.backing().isEmpty() && below.isEmpty();
    }
    return views.files().same(header.backing().get().path(), below.get().getPath());
  }

  private ChainRepair rewrite(int place, HeaderView header, Optional<ChainImage> below) {
    boolean readable =
        header
            .trouble()
            .filter(trouble -> trouble.kind() != HeaderTrouble.Kind.REFERENCE)
            .isEmpty();
    boolean belowUsable = below.isEmpty() || usable(place + 1);
    boolean writable =
        open.writesAnyBackingFormat()
            || below.isEmpty()
            || below.get().getFormat() == open.images().get(place).getFormat();
    return readable && usable(place) && belowUsable && writable
        ? ChainRepair.CHAIN_REPAIR_REWRITE_HEADER
        : ChainRepair.CHAIN_REPAIR_UNSPECIFIED;
  }
}
