package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.domain.DomainBook;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import java.util.List;
import java.util.Optional;

/** Disks and chains as requests name them, of domains that run and of domains that do not. */
final class LiveDisks {

  private final DomainBook domains;
  private final LiveDomains live;
  private final ChainReader reader;

  LiveDisks(DomainBook domains, LiveDomains live, ChainReader reader) {
    this.domains = domains;
    this.live = live;
    this.reader = reader;
  }

  /** The domain that a request means. */
  Domain domain(DomainRef ref) {
    return domains.require(ref);
  }

  /** The process of a domain; DOMAIN_NOT_RUNNING where there is none. */
  LiveDomain process(Domain domain) {
    return live.require(domain);
  }

  /** The disks a domain runs with, or will be started with where it does not run. */
  List<Disk> disks(Domain domain) {
    return domain.getStatus().hasLiveSpec()
        ? domain.getStatus().getLiveSpec().getDisksList()
        : domain.getSpec().getDisksList();
  }

  /** A disk's chain: its images as the process has them open, their facts as the headers say. */
  Chain chain(Domain domain, String name) {
    String domainName = domain.getSpec().getName();
    Disk disk = DiskLookup.findWithSource(domainName, disks(domain), name);
    Optional<LiveDomain> process = live.find(domain.getSpec().getUuid());
    return process.isPresent()
        ? chain(domainName, process.get().disk(disk.getTarget()))
        : reader.read(domainName, disk.getTarget(), disk.getSource());
  }

  /** The chain of a disk of a process. */
  Chain chain(String domainName, DiskGraph graph) {
    List<ChainImage> images =
        graph.images().stream()
            .map(
                node ->
                    reader.readOne(Chain.source(node.image())).toBuilder()
                        .setNodeName(node.formatNode())
                        .build())
            .toList();
    return new Chain(domainName, graph.target(), images);
  }

  /** Size of a disk as it was when its chain was last put together; 0 where that is not known. */
  long capacityBytes(Domain domain, Disk disk) {
    return live.find(domain.getSpec().getUuid())
        .flatMap(process -> process.record().disk(disk.getTarget()))
        .map(graph -> graph.active().image().getVirtualSizeBytes())
        .orElse(0L);
  }
}
