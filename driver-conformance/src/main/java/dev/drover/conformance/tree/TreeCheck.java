package dev.drover.conformance.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ImageView;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskContents;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compares a domain with its model: power, definitions, chains, the tree of snapshots, and every
 * image there is or was, with what it shows.
 */
final class TreeCheck {

  private final Bench bench;
  private final TestDomain domain;
  private final TreeModel model;
  private final Map<DiskContents, String> checksums = new HashMap<>();

  TreeCheck(Bench bench, TestDomain domain, TreeModel model) {
    this.bench = bench;
    this.domain = domain;
    this.model = model;
  }

  void everything(PowerState power) {
    model.disks().forEach(DiskModel::forgetStrangers);
    model.requireNothingLost();
    Domain now = domain.get();
    power(now, power);
    snapshots(now);
    for (DiskModel disk : model.disks()) {
      definitions(now, disk);
      chain(disk);
      if (power != PowerState.OFF) {
        bench.world().flush(domain.name(), disk.target());
      }
      images(disk);
    }
  }

  private static void power(Domain now, PowerState power) {
    assertThat(now.getStatus().getState())
        .isEqualTo(
            switch (power) {
              case OFF -> DomainState.DOMAIN_STATE_SHUT_OFF;
              case PAUSED -> DomainState.DOMAIN_STATE_PAUSED;
              case RUNNING -> DomainState.DOMAIN_STATE_RUNNING;
            });
  }

  private void snapshots(Domain now) {
    List<Snapshot> listed =
        bench
            .calls()
            .snapshots()
            .listSnapshots(ListSnapshotsRequest.newBuilder().setDomain(domain.ref()).build())
            .getSnapshotsList();
    assertThat(listed.stream().map(Snapshot::getName))
        .as("snapshots")
        .containsExactlyInAnyOrderElementsOf(model.tree().snapshots());
    assertThat(now.getStatus().getSnapshotCount()).isEqualTo(listed.size());
    for (Snapshot snapshot : listed) {
      String name = snapshot.getName();
      assertThat(snapshot.getParent())
          .as("parent of %s", name)
          .isEqualTo(model.tree().parent(name).orElse(""));
      assertThat(snapshot.getCurrent())
          .as("%s is current", name)
          .isEqualTo(model.tree().current().filter(name::equals).isPresent());
      assertThat(snapshot.getDeleting()).as("%s is being deleted", name).isFalse();
      moments(snapshot);
    }
  }

  private void moments(Snapshot snapshot) {
    Map<String, SnapshotDisk> held =
        snapshot.getDisksList().stream()
            .filter(SnapshotDisk::hasFrozen)
            .collect(Collectors.toMap(SnapshotDisk::getTarget, disk -> disk));
    for (DiskModel disk : model.disks()) {
      Optional<DiskModel.Moment> moment =
          Optional.ofNullable(disk.moments().get(snapshot.getName()));
      Optional<SnapshotDisk> shown = Optional.ofNullable(held.get(disk.target()));
      String what = "%s of %s".formatted(disk.target(), snapshot.getName());
      assertThat(shown.isPresent()).as("%s takes part", what).isEqualTo(moment.isPresent());
      if (moment.isPresent() && shown.isPresent()) {
        assertThat(shown.get().getStateLost())
            .as("the state of %s is lost", what)
            .isEqualTo(moment.get().lost());
        assertThat(shown.get().getLostByJob().isEmpty()).isNotEqualTo(moment.get().lost());
        if (!moment.get().lost()) {
          assertThat(shown.get().getFrozen())
              .as("image that holds %s", what)
              .isEqualTo(image(moment.get().frozen()));
        }
      }
    }
  }

  private void definitions(Domain now, DiskModel disk) {
    assertThat(source(now.getSpec(), disk)).as("stored definition").contains(image(disk.active()));
    if (now.getStatus().hasLiveSpec()) {
      assertThat(source(now.getStatus().getLiveSpec(), disk))
          .as("live definition")
          .contains(image(disk.active()));
    }
  }

  private static Optional<Image> source(DomainSpec spec, DiskModel disk) {
    return spec.getDisksList().stream()
        .filter(defined -> defined.getTarget().equals(disk.target()))
        .map(Disk::getSource)
        .findFirst();
  }

  private void chain(DiskModel disk) {
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

  private void images(DiskModel disk) {
    for (String path : disk.images()) {
      ImageView view = bench.world().look(image(path));
      assertThat(view.exists()).as("%s exists", path).isTrue();
      assertThat(view.sha256()).as("contents of %s", path).isEqualTo(checksum(disk.view(path)));
      Optional<String> below =
          Optional.of(view.backingReference())
              .filter(reference -> !reference.isEmpty())
              .map(reference -> Path.of(path).resolveSibling(reference).normalize().toString());
      assertThat(below).as("image below %s", path).isEqualTo(disk.parent(path));
    }
    for (String path : disk.removed()) {
      assertThat(bench.world().look(image(path)).exists()).as("%s is removed", path).isFalse();
    }
  }

  private String checksum(DiskContents contents) {
    return checksums.computeIfAbsent(contents, DiskContents::sha256);
  }

  static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }
}
