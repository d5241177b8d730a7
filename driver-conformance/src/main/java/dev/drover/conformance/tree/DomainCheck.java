package dev.drover.conformance.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import java.util.List;
import java.util.Optional;

/** Compares what every kind of walk has alike: power, snapshots, definitions and chains. */
record DomainCheck(Bench bench, TestDomain domain) {

  /** Defines a domain with the disks of a model. */
  static TestDomain define(Bench bench, String name, List<? extends ModelDisk> disks) {
    return bench.define(
        bench.spec(
            bench.name(name),
            disks.stream()
                .map(
                    disk ->
                        Disk.newBuilder()
                            .setTarget(disk.target())
                            .setSource(TreeCheck.image(disk.active()))
                            .setCache(DiskCache.DISK_CACHE_WRITEBACK)
                            .build())
                .toArray(Disk[]::new)));
  }

  static void power(Domain now, PowerState power) {
    assertThat(now.getStatus().getState()).as("power").isEqualTo(power.shown());
  }

  /** Compares the tree, and answers the snapshots that are listed. */
  List<Snapshot> snapshots(Domain now, NamedTree tree) {
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
    }
    return listed;
  }

  /** Compares a disk's definitions and its chain, which no job holds. */
  void disk(Domain now, ModelDisk disk) {
    assertThat(source(now.getSpec(), disk))
        .as("stored definition")
        .contains(TreeCheck.image(disk.active()));
    if (now.getStatus().hasLiveSpec()) {
      assertThat(source(now.getStatus().getLiveSpec(), disk))
          .as("live definition")
          .contains(TreeCheck.image(disk.active()));
    }
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

  private static Optional<Image> source(DomainSpec spec, ModelDisk disk) {
    return spec.getDisksList().stream()
        .filter(defined -> defined.getTarget().equals(disk.target()))
        .map(Disk::getSource)
        .findFirst();
  }
}
