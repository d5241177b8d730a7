package dev.drover.test.hypervisor;

import dev.drover.spi.domain.DomainStates;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Which images the chains of known domains hold, checked at the moment of asking (R3). */
public final class KnownChains {

  private final World world;

  /** Looks at the domains of a world. */
  public KnownChains(World world) {
    this.world = world;
  }

  /**
   * Who holds the image: a domain, open or by its definition, a moment that is not lost, of a
   * snapshot that is not being deleted, or a branch that a revert has left; empty: nobody.
   */
  public Optional<String> holder(BlockImage image) {
    return holder(image, _ -> true);
  }

  /** The same of everybody but one domain and its snapshots. */
  public Optional<String> elsewhere(String domainUuid, BlockImage image) {
    return holder(image, uuid -> !uuid.equals(domainUuid));
  }

  private Optional<String> holder(BlockImage image, Predicate<String> counts) {
    return domain(image, counts)
        .map(name -> "it is in the backing chain of domain '%s'".formatted(name))
        .or(
            () ->
                snapshot(image, counts)
                    .map(
                        held ->
                            "snapshot '%s' of domain '%s' needs it"
                                .formatted(held.getName(), held.getDomainName())))
        .or(() -> branch(image, counts));
  }

  /** Branches that a revert has left are there for whoever wants them, and so is what they read. */
  private Optional<String> branch(BlockImage image, Predicate<String> counts) {
    Stream<String> made =
        world.snapshots().owned().listAll().stream()
            .filter(owned -> counts.test(owned.domainUuid()))
            .map(owned -> owned.image().getPath());
    Stream<String> given =
        world.snapshots().listAll().stream()
            .filter(snapshot -> !snapshot.getDeleting() && counts.test(snapshot.getDomainUuid()))
            .flatMap(snapshot -> snapshot.getDisksList().stream())
            .filter(SnapshotDisk::hasOverlay)
            .map(disk -> disk.getOverlay().getPath());
    return Stream.concat(made, given)
        .distinct()
        .filter(path -> !path.equals(image.path()))
        .filter(path -> world.images().follow(path).contains(image))
        .findFirst()
        .map("'%s', a branch above a snapshot, reads it"::formatted);
  }

  private Optional<Snapshot> snapshot(BlockImage image, Predicate<String> counts) {
    return world.snapshots().listAll().stream()
        .filter(snapshot -> !snapshot.getDeleting() && counts.test(snapshot.getDomainUuid()))
        .filter(
            snapshot ->
                snapshot.getDisksList().stream()
                    .filter(disk -> disk.hasFrozen() || disk.hasInside())
                    .filter(disk -> !disk.getStateLost())
                    .anyMatch(
                        disk -> world.images().follow(holding(disk).getPath()).contains(image)))
        .findFirst();
  }

  private static Image holding(SnapshotDisk disk) {
    return disk.hasFrozen() ? disk.getFrozen() : disk.getInside();
  }

  private Optional<String> domain(BlockImage image, Predicate<String> counts) {
    return world.domains().list().stream()
        .filter(domain -> counts.test(domain.getSpec().getUuid()))
        .filter(
            domain ->
                specs(domain)
                    .flatMap(spec -> spec.getDisksList().stream())
                    .filter(Disk::hasSource)
                    .anyMatch(
                        disk -> world.images().follow(disk.getSource().getPath()).contains(image)))
        .map(domain -> domain.getSpec().getName())
        .findFirst();
  }

  /** What a domain runs as, or is defined as where it does not run. */
  public static DomainSpec current(Domain domain) {
    return DomainStates.active(domain) ? domain.getStatus().getLiveSpec() : domain.getSpec();
  }

  private static Stream<DomainSpec> specs(Domain domain) {
    return Stream.of(domain.getSpec(), domain.getStatus().getLiveSpec());
  }
}
