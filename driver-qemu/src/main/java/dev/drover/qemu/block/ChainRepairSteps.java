package dev.drover.qemu.block;

import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.spi.chain.HeaderRepairs;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a repair. Each may be repeated; none deletes anything. */
final class ChainRepairSteps {

  private static final Logger logger = LoggerFactory.getLogger(ChainRepairSteps.class);

  private final DomainBook domains;
  private final ImageTool tool;
  private final OpeningCheck opening;

  ChainRepairSteps(DomainBook domains, ImageTool tool, OpeningCheck opening) {
    this.domains = domains;
    this.tool = tool;
    this.opening = opening;
  }

  /**
   * Takes the nodes that QEMU has into the record of the process, and its root into the live spec.
   */
  void updateRecord(BlockHost host, DiskGraph graph, List<ImageNode> nodes) {
    Image active = source(nodes.getFirst().image());
    host.change(
        domains,
        List.of(graph.withImages(nodes)),
        domain ->
            domain
                .getStatusBuilder()
                .setLiveSpec(moved(domain.getStatus().getLiveSpec(), graph.target(), active)),
        _ -> {});
    logger.info(
        "Disk {} of domain {}: the record has the hypervisor's nodes now, from {} down",
        graph.target(),
        host.domainName(),
        active.getPath());
  }

  /** Writes the image that the device reads into the stored definition. */
  void updateDefinition(BlockHost host, String target, ChainImage active) {
    host.change(
        domains,
        List.of(),
        domain -> domain.setSpec(moved(domain.getSpec(), target, source(active))),
        _ -> {});
    logger.info(
        "Disk {} of domain {}: the definition names {} now",
        target,
        host.domainName(),
        active.getPath());
  }

  /**
   * Rewrites a header through the process that has the image open, and opens it anew to write.
   *
   * @throws DriverException as {@link OpeningCheck} where the path does not lead to what is open
   */
  void rewriteOpenHeader(BlockHost host, DiskGraph graph, HeaderRepairs.Rewrite rewrite) {
    CheckedFile file = opening.check(rewrite.image().getPath());
    require(host, file);
    host.execute(
        new BlockCommand.ChangeBackingFile(
            host.deviceNode(graph.target()).orElse(graph.active().formatNode()),
            rewrite.image().getNodeName(),
            rewrite.reference()));
    require(host, file);
    // QEMU writes the header past its caches and does not flush the file.
    ImageFiles.sync(rewrite.image().getPath());
    logRewrite(rewrite);
  }

  private void require(BlockHost host, CheckedFile file) {
    host.processId().ifPresent(pid -> opening.require(host.domainName(), pid, List.of(file)));
  }

  /** Rewrites a header of an image that nobody has open. */
  void rewriteClosedHeader(HeaderRepairs.Rewrite rewrite, Duration limit) {
    tool.rebaseHeader(
        Path.of(rewrite.image().getPath()),
        rewrite.image().getFormat(),
        rewrite
            .backing()
            .map(below -> new ImageTool.Backing(rewrite.reference(), below.getFormat())),
        limit);
    ImageFiles.sync(rewrite.image().getPath());
    logRewrite(rewrite);
  }

  private static void logRewrite(HeaderRepairs.Rewrite rewrite) {
    logger.info(
        "The header of {} names {} now",
        rewrite.image().getPath(),
        Optional.of(rewrite.reference())
            .filter(text -> !text.isEmpty())
            .orElse("no backing image"));
  }

  private static Image source(ChainImage image) {
    return Image.newBuilder().setPath(image.getPath()).setFormat(image.getFormat()).build();
  }

  private static DomainSpec moved(DomainSpec spec, String target, Image active) {
    DomainSpec.Builder moved = spec.toBuilder();
    for (Disk.Builder disk : moved.getDisksBuilderList()) {
      if (disk.getTarget().equals(target)) {
        disk.setSource(active);
      }
    }
    return moved.build();
  }
}
