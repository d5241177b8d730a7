package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds out whether a file is part of any known domain's chain at this moment (R3): of a running
 * domain as its QEMU has it open, of a shut-off one as a job has it open, and of every domain as
 * its definition and the headers say.
 */
final class ImageHolders {

  private final DomainBook domains;
  private final LiveDomains live;
  private final OfflineHosts offline;
  private final ChainReader reader;

  ImageHolders(DomainBook domains, LiveDomains live, OfflineHosts offline, ChainReader reader) {
    this.domains = domains;
    this.live = live;
    this.offline = offline;
    this.reader = reader;
  }

  /**
   * Why a file must stay; empty where nobody needs it. A chain that cannot be read is a reason too,
   * since what it holds is not known.
   */
  Optional<String> holder(String path) {
    for (LiveDomain domain : live.list()) {
      boolean held =
          domain.disks().stream()
              .flatMap(disk -> disk.images().stream())
              .anyMatch(image -> same(image.image().getPath(), path));
      if (held) {
        return Optional.of("domain '%s' has it open".formatted(domain.name()));
      }
    }
    for (OfflineHosts.OpenDisk disk : offline.open()) {
      if (disk.graph().images().stream().anyMatch(image -> same(image.image().getPath(), path))) {
        return Optional.of(
            "job %s of domain '%s' has it open".formatted(disk.jobId(), disk.domainName()));
      }
    }
    for (Domain domain : domains.list()) {
      for (Disk disk : domain.getSpec().getDisksList()) {
        Optional<String> reason =
            disk.hasSource() ? definedHolder(domain, disk, path) : Optional.empty();
        if (reason.isPresent()) {
          return reason;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Refuses a job of a shut-off domain where somebody else has an image open that the job writes
   * to, or writes to one that the job reads (C18). QEMU's own locks say the same a moment later,
   * but less well.
   *
   * @throws DriverException IMAGE_IN_USE
   */
  void requireUnused(JournalEntry entry) {
    Set<String> written = entry.written();
    Set<String> used =
        Stream.concat(entry.before().stream(), entry.added().stream())
            .map(JournalImage::path)
            .collect(Collectors.toSet());
    for (LiveDomain domain : live.list()) {
      for (DiskGraph disk : domain.disks()) {
        requireApart(
            disk, "domain '%s'".formatted(domain.name()), writes(domain, disk), written, used);
      }
    }
    for (OfflineHosts.OpenDisk disk : offline.open()) {
      requireApart(
          disk.graph(),
          "job %s of domain '%s'".formatted(disk.jobId(), disk.domainName()),
          true,
          written,
          used);
    }
  }

  private static boolean writes(LiveDomain domain, DiskGraph disk) {
    return domain.record().domain().getStatus().getLiveSpec().getDisksList().stream()
        .noneMatch(spec -> spec.getTarget().equals(disk.target()) && spec.getReadOnly());
  }

  private static void requireApart(
      DiskGraph open, String holder, boolean writes, Set<String> written, Set<String> used) {
    for (ImageNode image : open.images()) {
      String path = image.image().getPath();
      boolean active = image.image().getIndex() == 0;
      Set<String> mustNotBe = active && writes ? used : written;
      if (mustNotBe.stream().anyMatch(wanted -> same(wanted, path))) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_IMAGE_IN_USE,
            "image '%s' is in use by disk '%s' of %s; stop that first"
                .formatted(path, open.target(), holder),
            "path",
            path);
      }
    }
  }

  private Optional<String> definedHolder(Domain domain, Disk disk, String path) {
    String name = domain.getSpec().getName();
    if (same(disk.getSource().getPath(), path)) {
      return Optional.of("disk '%s' of domain '%s' uses it".formatted(disk.getTarget(), name));
    }
    try {
      for (ChainImage image : reader.read(name, disk.getTarget(), disk.getSource()).images()) {
        if (same(image.getPath(), path)) {
          return Optional.of("disk '%s' of domain '%s' needs it".formatted(disk.getTarget(), name));
        }
      }
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.of(
          "whether disk '%s' of domain '%s' needs it cannot be told: %s"
              .formatted(disk.getTarget(), name, e.getMessage()));
    }
  }

  private static boolean same(String one, String other) {
    if (one.equals(other)) {
      return true;
    }
    try {
      return Files.isSameFile(Path.of(one), Path.of(other));
    } catch (IOException e) {
      return false;
    }
  }
}
