package dev.drover.conformance.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ImageView;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Domain;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import java.util.Map;
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
    DomainCheck alike = new DomainCheck(bench, domain);
    DomainCheck.power(now, power);
    snapshots(now, alike);
    for (InsideDisk disk : disks) {
      alike.disk(now, disk);
      if (power != PowerState.OFF) {
        bench.world().flush(domain.name(), disk.target());
      }
      images(disk);
    }
  }

  private void snapshots(Domain now, DomainCheck alike) {
    for (Snapshot snapshot : alike.snapshots(now, tree)) {
      String name = snapshot.getName();
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

  private void images(InsideDisk disk) {
    for (String path : disk.chain()) {
      ImageView view = bench.world().look(TreeCheck.image(path));
      assertThat(view.exists()).as("%s exists", path).isTrue();
      assertThat(bench.world().contents(TreeCheck.image(path)))
          .as("contents of %s", path)
          .isEqualTo(disk.view(path));
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
