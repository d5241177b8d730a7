package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.CallContext;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.chain.ChainComparison;
import dev.drover.spi.chain.ChainViews;
import dev.drover.spi.chain.HeaderRepairs;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Comparison and repair of the chains of QEMU's disks (R8). */
public final class QemuChainRepairs implements ChainRepairs {

  private static final Duration HEADER_LIMIT = Duration.ofSeconds(30);

  private final LiveDisks disks;
  private final LiveDomains live;
  private final JobBook book;
  private final DomainLanes lanes;
  private final ChainViewReader reader;
  private final ChainRepairSteps steps;
  private final InstantSource clock;

  QemuChainRepairs(
      LiveDisks disks,
      LiveDomains live,
      JobBook book,
      DomainLanes lanes,
      ChainViewReader reader,
      ChainRepairSteps steps,
      InstantSource clock) {
    this.disks = disks;
    this.live = live;
    this.book = book;
    this.lanes = lanes;
    this.reader = reader;
    this.steps = steps;
    this.clock = clock;
  }

  @Override
  public ChainVerification verify(CallContext call, VerifyChainRequest request) {
    return ChainComparison.of(look(place(disks.domain(request.getDomain()), request.getDisk())));
  }

  @Override
  public RepairChainResponse repair(CallContext call, RepairChainRequest request) {
    Domain named = disks.domain(request.getDomain());
    String uuid = named.getSpec().getUuid();
    try (DomainLanes.Pass _ = lanes.enter(call, uuid, named.getSpec().getName(), "chain repair")) {
      Place place = place(disks.domain(request.getDomain()), request.getDisk());
      book.requireFree(uuid, place.disk().getTarget());
      ChainVerification found = ChainComparison.of(look(place));
      List<ChainDifference> repaired = ChainComparison.steps(found);
      if (request.getValidateOnly() || repaired.isEmpty()) {
        return answer(repaired, found);
      }
      for (ChainDifference step : repaired) {
        apply(call, place, step);
      }
      return answer(repaired, ChainComparison.of(look(again(place))));
    }
  }

  /** A disk, and the process that has it open. */
  private record Place(Domain domain, Disk disk, Optional<BlockHost> host) {}

  private Place place(Domain domain, String name) {
    Disk disk = DiskLookup.findWithSource(domain.getSpec().getName(), disks.disks(domain), name);
    Optional<LiveDomain> process = live.find(domain.getSpec().getUuid());
    return new Place(domain, disk, process.map(running -> new LiveHost(running)));
  }

  private Place again(Place place) {
    return place(
        disks.domain(DomainRef.newBuilder().setUuid(place.domain().getSpec().getUuid()).build()),
        place.disk().getTarget());
  }

  private ChainViews look(Place place) {
    return read(place).views();
  }

  private ChainViewReader.Found read(Place place) {
    return asked(place, () -> reader.read(place.domain(), place.disk(), place.host()));
  }

  /** Each step is taken on what is there by then, since the one before has changed it. */
  private void apply(CallContext call, Place before, ChainDifference step) {
    Place place = again(before);
    ChainViewReader.Found found = read(place);
    String target = place.disk().getTarget();
    asked(
        place,
        () -> {
          switch (step.getRepair()) {
            case CHAIN_REPAIR_UPDATE_RECORD -> {
              BlockHost host = place.host().orElseThrow();
              steps.updateRecord(host, host.disk(target), found.nodes());
            }
            case CHAIN_REPAIR_UPDATE_DEFINITION ->
                steps.updateDefinition(
                    place.host().orElseThrow(), target, found.nodes().getFirst().image());
            case CHAIN_REPAIR_REWRITE_HEADER -> rewrite(call, place, found, step);
            case CHAIN_REPAIR_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("no step: " + step);
          }
          return true;
        });
  }

  private void rewrite(
      CallContext call, Place place, ChainViewReader.Found found, ChainDifference step) {
    HeaderRepairs.Rewrite rewrite = HeaderRepairs.of(found.views(), step);
    if (place.host().isPresent()) {
      BlockHost host = place.host().get();
      steps.rewriteOpenHeader(host, host.disk(place.disk().getTarget()), rewrite);
      return;
    }
    Duration left = call.remaining(clock.instant());
    steps.rewriteClosedHeader(rewrite, left.compareTo(HEADER_LIMIT) < 0 ? left : HEADER_LIMIT);
  }

  private static <T> T asked(Place place, Supplier<T> question) {
    try {
      return question.get();
    } catch (QmpException e) {
      throw place
          .host()
          .map(host -> JobFailures.ofCommand(host, e))
          .orElseThrow(() -> new IllegalStateException("a monitor without a process", e));
    }
  }

  private static RepairChainResponse answer(
      List<ChainDifference> repaired, ChainVerification verification) {
    return RepairChainResponse.newBuilder()
        .addAllRepaired(repaired)
        .setVerification(verification)
        .build();
  }
}
