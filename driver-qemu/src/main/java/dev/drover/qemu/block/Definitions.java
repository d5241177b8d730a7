package dev.drover.qemu.block;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.snapshot.CommitAftermath;
import dev.drover.spi.snapshot.CommitAftermath.Aftermath;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Moves a domain's stored definition, its live spec, the live graph, its snapshots and the journal
 * to a job's new chain, in one transaction (R8).
 */
final class Definitions {

  private final DomainBook domains;
  private final CommitAftermath aftermath;

  Definitions(DomainBook domains, CommitAftermath aftermath) {
    this.domains = domains;
    this.aftermath = aftermath;
  }

  /** Settles a job whose process runs. */
  void settle(JobRecord record, BlockHost host) {
    settle(record, journal -> move(record, host, journal));
  }

  /** What a commit means for snapshots goes on record in the same transaction (R3, R9). */
  private void settle(JobRecord record, Consumer<Consumer<StoreTransaction>> move) {
    Aftermath found = aftermath.of(record.job(), CommitAftermath.End.DONE);
    found.unknown().forEach(record::warn);
    record.stepWithin(
        JournalStep.SETTLED,
        journal -> aftermath.record(found, mark -> move.accept(journal.andThen(mark))));
  }

  /**
   * Moves everything to the new chain of a job whose process runs.
   *
   * @param journal what is recorded in the same transaction
   */
  void move(JobRecord record, BlockHost host, Consumer<StoreTransaction> journal) {
    DiskGraph graph = host.disk(record.entry().disk());
    List<ImageNode> images =
        new ArrayList<>(record.entry().after().stream().map(image -> known(graph, image)).toList());
    images.set(0, sized(images.getFirst(), graph));
    DiskGraph changed = graph.withImages(images);
    host.change(domains, List.of(changed), domain -> move(domain, record.entry()), journal);
  }

  /** Settles a job whose process is gone; a transient domain may be gone with it. */
  void settleWithoutHost(JobRecord record) {
    String uuid = record.entry().domainUuid();
    if (domains.find(uuid).isEmpty()) {
      Aftermath found = aftermath.of(record.job(), CommitAftermath.End.DONE);
      record.stepWithin(JournalStep.SETTLED, journal -> aftermath.recordWith(found, journal));
      return;
    }
    settle(
        record, journal -> domains.change(uuid, domain -> move(domain, record.entry()), journal));
  }

  /** No job changes the size that the guest sees, though an image may have grown to it. */
  private static ImageNode sized(ImageNode active, DiskGraph graph) {
    long size = graph.active().image().getVirtualSizeBytes();
    return active.with(active.image().toBuilder().setVirtualSizeBytes(size).build());
  }

  private static ImageNode known(DiskGraph graph, JournalImage image) {
    return graph
        .node(image.node())
        .map(
            node ->
                node.with(
                    node.image().toBuilder().setBackingReference(image.backingReference()).build()))
        .orElseGet(image::imageNode);
  }

  private static void move(Domain.Builder domain, JournalEntry entry) {
    move(domain::getSpec, domain::setSpec, entry);
    if (domain.getStatus().hasLiveSpec()) {
      move(
          () -> domain.getStatus().getLiveSpec(),
          spec -> domain.getStatusBuilder().setLiveSpec(spec),
          entry);
    }
  }

  /** Moves a spec's disk, unless the spec was given another image for it meanwhile. */
  private static void move(
      Supplier<DomainSpec> read, Consumer<DomainSpec> write, JournalEntry entry) {
    DomainSpec.Builder spec = read.get().toBuilder();
    JournalImage active = entry.after().getFirst();
    for (Disk.Builder disk : spec.getDisksBuilderList()) {
      if (disk.getTarget().equals(entry.disk())
          && disk.getSource().getPath().equals(entry.before().getFirst().path())) {
        disk.setSource(
            Image.newBuilder().setPath(active.path()).setFormat(active.format()).build());
      }
    }
    write.accept(spec.build());
  }
}
