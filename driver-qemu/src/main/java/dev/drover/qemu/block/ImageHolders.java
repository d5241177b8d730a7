package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds out whether a file is part of any known domain's chain at this moment (R3): of a running
 * domain as its QEMU has it open, and of every domain as its definition and the headers say.
 */
final class ImageHolders {

  private final DomainBook domains;
  private final LiveDomains live;
  private final ChainReader reader;

  ImageHolders(DomainBook domains, LiveDomains live, ChainReader reader) {
    this.domains = domains;
    this.live = live;
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
