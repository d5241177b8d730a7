package dev.drover.conformance.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ImageView;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Domain;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.nio.file.Path;
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
  private final DomainCheck alike;

  TreeCheck(Bench bench, TestDomain domain, TreeModel model) {
    this.bench = bench;
    this.domain = domain;
    this.model = model;
    this.alike = new DomainCheck(bench, domain);
  }

  void everything(PowerState power) {
    model.disks().forEach(DiskModel::forgetStrangers);
    model.requireNothingLost();
    Domain now = domain.get();
    DomainCheck.power(now, power);
    alike.snapshots(now, model.tree()).forEach(this::moments);
    for (DiskModel disk : model.disks()) {
      alike.disk(now, disk);
      if (power != PowerState.OFF) {
        bench.world().flush(domain.name(), disk.target());
      }
      images(disk);
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

  private void images(DiskModel disk) {
    for (String path : disk.images()) {
      ImageView view = bench.world().look(image(path));
      assertThat(view.exists()).as("%s exists", path).isTrue();
      assertThat(bench.world().contents(image(path)))
          .as("contents of %s", path)
          .isEqualTo(disk.view(path));
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

  static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }
}
