package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.CheckedChain;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.journal.HeaderRewrite;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Image;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Disks and chains as requests name them, of domains that run and of domains that do not. */
public final class LiveDisks {

  private static final Logger logger = LoggerFactory.getLogger(LiveDisks.class);

  private final DomainBook domains;
  private final LiveDomains live;
  private final OfflineHosts offline;
  private final ChainReader reader;

  LiveDisks(DomainBook domains, LiveDomains live, OfflineHosts offline, ChainReader reader) {
    this.domains = domains;
    this.live = live;
    this.offline = offline;
    this.reader = reader;
  }

  /** The domain that a request means. */
  Domain domain(DomainRef ref) {
    return domains.require(ref);
  }

  /** The process of a domain that runs. */
  Optional<LiveDomain> process(Domain domain) {
    return live.find(domain.getSpec().getUuid());
  }

  /** The same; DOMAIN_NOT_RUNNING where there is none. */
  LiveDomain requireProcess(Domain domain) {
    return live.require(domain);
  }

  /**
   * A disk's chain as the headers say, for a job on a domain that does not run.
   *
   * @throws DriverException as {@link ChainReader#read}, and IMAGE_ACCESS_DENIED where the active
   *     image cannot be written to
   */
  CheckedChain stored(Domain domain, Disk disk) {
    CheckedChain checked =
        reader.readChecked(domain.getSpec().getName(), disk.getTarget(), disk.getSource());
    reader.requireWritable(checked.chain().active());
    return checked;
  }

  /** The disks a domain runs with, or will be started with where it does not run. */
  public List<Disk> disks(Domain domain) {
    return domain.getStatus().hasLiveSpec()
        ? domain.getStatus().getLiveSpec().getDisksList()
        : domain.getSpec().getDisksList();
  }

  /** A disk's chain: its images as the process has them open, their facts as the headers say. */
  public Chain chain(Domain domain, String name) {
    String domainName = domain.getSpec().getName();
    Disk disk = DiskLookup.findWithSource(domainName, disks(domain), name);
    Optional<LiveDomain> process = process(domain);
    return process
        .map(running -> running.disk(disk.getTarget()))
        .or(() -> underJob(domain, disk))
        .map(graph -> chain(domainName, graph))
        .orElseGet(() -> reader.read(domainName, disk.getTarget(), disk.getSource()));
  }

  /**
   * Refuses a job at whose end a header could not hold what it is to name.
   *
   * @throws DriverException as {@link ChainReader#requireRoomFor}
   */
  void requireRoom(HeaderRewrite rewrite) {
    if (!rewrite.newReference().isEmpty()) {
      reader.requireRoomFor(
          Image.newBuilder().setPath(rewrite.path()).setFormat(rewrite.format()).build(),
          rewrite.newReference());
    }
  }

  /**
   * Refuses a job that would be denied a file it opens for writing (R11). What a guest writes to
   * already is open and stays so.
   *
   * @throws DriverException IMAGE_ACCESS_DENIED
   */
  void requireWritable(BlockHost host, JournalEntry entry) {
    String active = entry.before().getFirst().path();
    entry.written().stream()
        .sorted()
        .filter(path -> !host.hasGuest() || !path.equals(active))
        .filter(ImageFiles::exists)
        .forEach(reader::requireWritable);
  }

  /** The chain of a disk of a process. */
  Chain chain(String domainName, DiskGraph graph) {
    return chain(domainName, graph, image -> reader.readOne(Chain.source(image)));
  }

  /**
   * The same for a job that reads what the process has open and no file of the chain by its path:
   * of an image that cannot be read any more, the facts are those on record. Whoever has lost an
   * image's file saves what the guest reads by such a job.
   */
  Chain openChain(String domainName, DiskGraph graph) {
    return chain(domainName, graph, this::found);
  }

  private static Chain chain(String domainName, DiskGraph graph, UnaryOperator<ChainImage> read) {
    return new Chain(
        domainName,
        graph.target(),
        graph.images().stream()
            .map(node -> node.with(read.apply(node.image())))
            .map(ImageNode::image)
            .toList());
  }

  private ChainImage found(ChainImage onRecord) {
    try {
      return reader.readOne(Chain.source(onRecord));
    } catch (DriverException e) {
      logger.debug("Image {} is taken as it is on record", onRecord.getPath(), e);
      return onRecord;
    }
  }

  /** A disk of a domain that does not run, as the job has it open that works on it. */
  private Optional<DiskGraph> underJob(Domain domain, Disk disk) {
    return offline.open().stream()
        .filter(open -> open.domainUuid().equals(domain.getSpec().getUuid()))
        .map(OfflineHosts.OpenDisk::graph)
        .filter(graph -> graph.target().equals(disk.getTarget()))
        .filter(graph -> graph.active().image().getPath().equals(disk.getSource().getPath()))
        .findFirst();
  }

  /** Size of a disk as it was when its chain was last put together; 0 where that is not known. */
  long capacityBytes(Domain domain, Disk disk) {
    return live.find(domain.getSpec().getUuid())
        .flatMap(process -> process.record().disk(disk.getTarget()))
        .or(() -> underJob(domain, disk))
        .map(graph -> graph.active().image().getVirtualSizeBytes())
        .orElse(0L);
  }
}
