package dev.drover.qemu.block;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.block.Chain;
import dev.drover.spi.chain.ChainFiles;
import dev.drover.spi.chain.ChainViews;
import dev.drover.spi.chain.HeaderView;
import dev.drover.spi.chain.HeaderWalk;
import dev.drover.spi.chain.HypervisorView;
import dev.drover.spi.chain.LastKnownChain;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Collects everything that says what a disk's chain is, and changes nothing. */
final class ChainViewReader {

  private static final ChainFiles FILES =
      new ChainFiles() {
        @Override
        public boolean same(String one, String other) {
          return ImageFiles.same(one, other);
        }

        @Override
        public boolean exists(String path) {
          return ImageFiles.exists(path);
        }
      };

  private final JobBook book;
  private final JobJournal journal;
  private final ForeignJobs foreign;
  private final ChainReader reader;

  ChainViewReader(JobBook book, JobJournal journal, ForeignJobs foreign, ChainReader reader) {
    this.book = book;
    this.journal = journal;
    this.foreign = foreign;
    this.reader = reader;
  }

  /**
   * What was found.
   *
   * @param views for the comparison
   * @param nodes the nodes behind {@link HypervisorView#images}; empty where the domain is shut off
   */
  record Found(ChainViews views, List<ImageNode> nodes) {}

  /**
   * Looks at a disk.
   *
   * @param disk the disk as the domain runs with it, or would be started
   * @param host its process; empty where the domain is shut off
   * @throws QmpException where the process did not answer
   */
  Found read(Domain domain, Disk disk, Optional<BlockHost> host) {
    String uuid = domain.getSpec().getUuid();
    String target = disk.getTarget();
    Optional<Job> holder = book.holder(uuid, target);
    Image definition =
        domain.getSpec().getDisksList().stream()
            .filter(defined -> defined.getTarget().equals(target))
            .findFirst()
            .orElse(disk)
            .getSource();
    Optional<Open> open =
        host.map(
            process ->
                open(
                    process,
                    process.disk(target),
                    holder
                        .flatMap(job -> journal.find(job.getId()))
                        .map(JournalEntry::filterNode)
                        .orElse("")));
    return new Found(
        new ChainViews(
            target,
            holder.map(Job::getId).orElse(""),
            definition,
            HeaderWalk.from(definition, FILES, reader::header),
            open.map(Open::view),
            LastKnownChain.of(book, uuid, target),
            FILES),
        open.map(Open::nodes).orElse(List.of()));
  }

  private record Open(HypervisorView view, List<ImageNode> nodes) {}

  private Open open(BlockHost host, DiskGraph record, String filter) {
    List<String> jobs = foreign.on(host, record.target());
    OpenNodes nodes = OpenNodes.of(host, record, filter);
    List<HeaderView> headers =
        nodes.images().stream().map(node -> reader.header(Chain.source(node.image()))).toList();
    List<ImageNode> described =
        IntStream.range(0, headers.size())
            .mapToObj(place -> nodes.images().get(place).with(headers.get(place).image()))
            .toList();
    return new Open(
        new HypervisorView(
            images(described),
            headers,
            images(record.images()),
            replaced(host, described),
            jobs,
            nodes.understood(),
            // change-backing-file declares the image's own format for the image below, too.
            false),
        described);
  }

  private static Set<String> replaced(BlockHost host, List<ImageNode> nodes) {
    Optional<OpenFiles> files = host.openFiles();
    return nodes.stream()
        .map(node -> node.image().getPath())
        .filter(ImageFiles::exists)
        .filter(path -> files.map(open -> !open.has(path)).orElse(false))
        .collect(Collectors.toSet());
  }

  private static List<ChainImage> images(List<ImageNode> nodes) {
    return nodes.stream().map(ImageNode::image).toList();
  }
}
