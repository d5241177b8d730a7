package dev.drover.conformance.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ImageView;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compares a domain whose images keep moments inside themselves with its model: power, definitions,
 * chains, the tree of snapshots, and every image, with what it shows and what it keeps.
 *
 * @param disks the disks of the model
 * @param tree the snapshots of the model
 */
record InsideCheck(Bench bench, TestDomain domain, List<InsideDisk> disks, NamedTree tree) {

  void everything(PowerState power) {
    Domain now = domain.get();
    assertThat(now.getStatus().getState()).as("power").isEqualTo(power.shown());
    snapshots(now);
    for (InsideDisk disk : disks) {
      definitions(now, disk);
      chain(disk);
      if (power != PowerState.OFF) {
        bench.world().flush(domain.name(), disk.target());
      }
      images(disk);
    }
  }

  private void snapshots(Domain now) {
    List<Snapshot> listed = bench.snapshots().list(domain);
    assertThat(listed.stream().map(Snapshot::getName))
        .as("snapshots")
        .containsExactlyInAnyOrderElementsOf(tree.snapshots());
    assertThat(now.getStatus().getSnapshotCount()).isEqualTo(listed.size());
    for (Snapshot snapshot : listed) {
      String name = snapshot.getName();
      assertThat(snapshot.getParent())
          .as("parent of %s", name)
          .isEqualTo(tree.parent(name).orElse(""));
      assertThat(snapshot.getCurrent())
          .as("%s is current", name)
          .isEqualTo(tree.current().filter(name::equals).isPresent());
      assertThat(snapshot.getDeleting()).as("%s is being deleted", name).isFalse();
      Map<String, Image> inside =
          snapshot.getDisksList().stream()
              .filter(SnapshotDisk::hasInside)
              .collect(Collectors.toMap(SnapshotDisk::getTarget, SnapshotDisk::getInside));
      assertThat(inside)
          .as("images that keep %s", name)
          .isEqualTo(
              disks.stream()
                  .filter(disk -> disk.takesPart(name))
                  .collect(
                      Collectors.toMap(
                          InsideDisk::target, disk -> TreeCheck.image(disk.active()))));
    }
  }

  private static void definitions(Domain now, InsideDisk disk) {
    assertThat(source(now.getSpec(), disk))
        .as("stored definition")
        .contains(TreeCheck.image(disk.active()));
    if (now.getStatus().hasLiveSpec()) {
      assertThat(source(now.getStatus().getLiveSpec(), disk))
          .as("live definition")
          .contains(TreeCheck.image(disk.active()));
    }
  }

  private static Optional<Image> source(DomainSpec spec, InsideDisk disk) {
    return spec.getDisksList().stream()
        .filter(defined -> defined.getTarget().equals(disk.target()))
        .map(Disk::getSource)
        .findFirst();
  }

  private void chain(InsideDisk disk) {
    assertThat(domain.chain(disk.target()).getImagesList().stream().map(ChainImage::getPath))
        .as("chain of %s", disk.target())
        .containsExactlyElementsOf(disk.chain());
    assertThat(
            domain.disks().stream()
                .filter(listed -> listed.getTarget().equals(disk.target()))
                .map(DomainDisk::getJobId))
        .as("job that holds %s", disk.target())
        .containsExactly("");
  }

  private void images(InsideDisk disk) {
    for (String path : disk.chain()) {
      ImageView view = bench.world().look(TreeCheck.image(path));
      assertThat(view.exists()).as("%s exists", path).isTrue();
      assertThat(view.sha256()).as("contents of %s", path).isEqualTo(disk.view(path).sha256());
      assertThat(view.moments())
          .as("moments inside %s", path)
          .isEqualTo(disk.kept(path).stream().map(InsideCheck::tag).collect(Collectors.toSet()));
    }
  }

  /** QEMU would take digits for a number of its own. */
  private static String tag(String snapshot) {
    return Character.isDigit(snapshot.charAt(0)) ? "#" + snapshot : snapshot;
  }
}
