package dev.drover.spi.chain;

import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ChainVerification;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Compares what is known of a chain, and proposes a repair only where exactly one thing can be
 * right (R8). Changes nothing and asks nothing but its argument.
 */
public final class ChainComparison {

  private ChainComparison() {}

  /** The comparison as the API tells it. */
  public static ChainVerification of(ChainViews views) {
    List<ChainDifference> found =
        views
            .hypervisor()
            .map(open -> new OpenChain(views, open).differences())
            .orElseGet(() -> new ClosedChain(views).differences());
    ChainVerification.Builder result =
        ChainVerification.newBuilder()
            .setDisk(views.disk())
            .setJobId(views.jobId())
            .setConsistent(found.isEmpty())
            .addAllHeaders(numbered(views.headers().stream().map(HeaderView::image).toList()));
    views.hypervisor().ifPresent(open -> result.addAllHypervisor(numbered(open.images())));
    // While the daemon's own job moves the chain, a proposal would be overtaken by it.
    found.forEach(
        difference ->
            result.addDifferences(
                views.jobId().isEmpty()
                    ? difference
                    : difference.toBuilder().clearRepair().build()));
    return result.build();
  }

  /**
   * The steps of a repair in the order in which they are to be taken: the record first, since the
   * others rely on it, the headers from the base up, and the definition last, so that a domain is
   * never defined on a chain that is not whole.
   */
  public static List<ChainDifference> steps(ChainVerification verification) {
    List<ChainDifference> steps = new ArrayList<>();
    List<ChainDifference> differences = verification.getDifferencesList();
    add(steps, differences, ChainRepair.CHAIN_REPAIR_UPDATE_RECORD);
    add(steps, differences.reversed(), ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
    add(steps, differences, ChainRepair.CHAIN_REPAIR_UPDATE_DEFINITION);
    return steps;
  }

  private static void add(
      List<ChainDifference> steps, List<ChainDifference> all, ChainRepair wanted) {
    all.stream().filter(difference -> difference.getRepair() == wanted).forEach(steps::add);
  }

  private static List<ChainImage> numbered(List<ChainImage> images) {
    return IntStream.range(0, images.size())
        .mapToObj(place -> images.get(place).toBuilder().setIndex(place).build())
        .toList();
  }
}
