package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the disks of other domains, and other disks of the same one, that a commit overwrites: they
 * are read through its base and not through its top, as after C9 nothing but the committed disk is.
 * Told before it begins, since nothing can be had back afterwards. Disks that a hypervisor has open
 * are left to its locks, which refuse the commit.
 *
 * @param domains every domain
 * @param images their files, which are asked one after the other
 */
public record OverwrittenDisks(DomainBook domains, StoredImages images) {

  /**
   * What the owner of a commit is told.
   *
   * @param draft the job with its request and the chain before
   */
  public List<String> of(Job draft) {
    // A commit that goes through reaches all that one which stops does.
    CommittedChain commit = CommittedChain.of(draft, true);
    List<String> warnings = new ArrayList<>();
    for (Domain domain : domains.list()) {
      for (Disk disk : domain.getSpec().getDisksList()) {
        if (!disk.hasSource() || committed(draft, domain, disk) || open(domain, disk)) {
          continue;
        }
        String name = domain.getSpec().getName();
        try {
          Optional<Chain> chain = images.chain(name, disk.getTarget(), disk.getSource());
          if (chain.filter(read -> commit.spoils(read, images)).isPresent()) {
            warnings.add(
                "disk '%s' of domain '%s' is read through '%s', into which the commit writes: it shows something else from then on"
                    .formatted(disk.getTarget(), name, commit.base().getPath()));
          }
        } catch (DriverException e) {
          if (unknown(e.reason())) {
            warnings.add(
                "whether disk '%s' of domain '%s' shows something else after the commit cannot be told: %s"
                    .formatted(disk.getTarget(), name, e.getMessage()));
          }
          if (e.reason() == ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED) {
            // Storage that hangs holds up nobody else for longer than one question (R4).
            return warnings;
          }
        }
      }
    }
    return warnings;
  }

  private static boolean committed(Job draft, Domain domain, Disk disk) {
    return domain.getSpec().getUuid().equals(draft.getDomainUuid())
        && disk.getTarget().equals(draft.getDisk());
  }

  private static boolean open(Domain domain, Disk disk) {
    return DomainStates.active(domain)
        && domain.getStatus().getLiveSpec().getDisksList().stream()
            .anyMatch(live -> live.getSource().equals(disk.getSource()));
  }

  /** A chain that is broken shows nothing that could be lost; of others it is not known. */
  private static boolean unknown(ErrorReason reason) {
    return reason == ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED
        || reason == ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED;
  }
}
