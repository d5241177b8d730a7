package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.SnapshotFiles;
import dev.drover.spi.snapshot.SnapshotPlan;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The disks of a domain as its process has them open, or as headers tell where there is none. */
final class OpenedDisks {

  private final LiveDomains lives;
  private final ImagePaths paths;
  private final ChainReader chains;
  private final OverlayFiles files;
  private final OpeningCheck opening;

  OpenedDisks(
      LiveDomains lives,
      ImagePaths paths,
      ChainReader chains,
      OverlayFiles files,
      OpeningCheck opening) {
    this.lives = lives;
    this.paths = paths;
    this.chains = chains;
    this.files = files;
    this.opening = opening;
  }

  /**
   * The process whose disks are to move; empty where the domain is shut off for sure.
   *
   * @throws DriverException DOMAIN_NOT_RUNNING where that cannot be told
   */
  Optional<LiveDomain> process(Domain domain) {
    return isShutOff(domain) ? Optional.empty() : Optional.of(lives.require(domain));
  }

  private boolean isShutOff(Domain domain) {
    DomainState state = domain.getStatus().getState();
    return lives.find(domain.getSpec().getUuid()).isEmpty()
        && (state == DomainState.DOMAIN_STATE_SHUT_OFF
            || state == DomainState.DOMAIN_STATE_CRASHED);
  }

  /** What the files of a domain are like, as plans ask for it. */
  SnapshotFiles files(DomainSpec spec, Optional<LiveDomain> live) {
    return new HostFiles(
        paths, chains, spec.getName(), disk -> graph(spec.getName(), disk, live).active().image());
  }

  /** A disk as its process has it open, or as the headers say where there is none. */
  private DiskGraph graph(String domain, Disk disk, Optional<LiveDomain> live) {
    return live.map(running -> running.disk(disk.getTarget()))
        .orElseGet(
            () ->
                DiskGraph.opened(
                    disk.getTarget(),
                    "",
                    chains.read(domain, disk.getTarget(), disk.getSource()),
                    0));
  }

  /** The disks of a plan before and after they move, with names for the nodes of their overlays. */
  List<MovingDisk> moving(Optional<LiveDomain> live, SnapshotPlan plan) {
    List<MovingDisk> moving = new ArrayList<>();
    for (SnapshotPlan.Part part : plan.parts()) {
      String target = part.target();
      DiskGraph graph =
          graph(
              plan.spec().getName(),
              DiskLookup.find(plan.spec().getName(), plan.spec().getDisksList(), target),
              live);
      ChainImage.Builder overlay =
          ChainImage.newBuilder()
              .setPath(part.overlay().getPath())
              .setFormat(part.overlay().getFormat())
              .setVirtualSizeBytes(part.frozen().getVirtualSizeBytes())
              .setBackingReference(part.frozen().getPath());
      Optional<CheckedFile> checked = Optional.empty();
      if (!part.make()) {
        checked = Optional.of(opening.check(part.overlay().getPath()));
        overlay.setBackingReference(files.backingReference(part.overlay()));
      }
      String node =
          live.map(running -> running.newNodeName(target))
              .orElseGet(() -> ImageNode.nodeName(target, graph.images().size() + 1));
      moving.add(
          new MovingDisk(graph, ImageNode.named(overlay.build(), node), part.make(), checked));
    }
    return moving;
  }
}
