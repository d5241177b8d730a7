package dev.drover.qemu.domain;

import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.probe.QemuCapabilities;
import dev.drover.qemu.qmp.MachineType;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.SerialConsole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Refuses specs that this QEMU or this host cannot provide: before anything is stored, and again
 * before a start, with the files that must be there by then.
 */
final class StartChecks {

  private final ImagePaths paths;

  StartChecks(ImagePaths paths) {
    this.paths = paths;
  }

  /**
   * Checks a spec.
   *
   * @param capabilities what the QEMU can do, where one is installed
   * @throws DriverException DOMAIN_SPEC_UNSUPPORTED, DOMAIN_SPEC_INVALID or PATH_NOT_ALLOWED
   */
  void check(DomainSpec spec, Optional<QemuCapabilities> capabilities) {
    capabilities.ifPresent(known -> checkMachine(spec, known));
    for (Disk disk : spec.getDisksList()) {
      if (!disk.hasSource()) {
        throw refused(
            ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
            spec,
            "disks",
            "disk '%s' has no source, and this driver has no removable media"
                .formatted(disk.getTarget()));
      }
      paths.require(disk.getSource().getPath());
    }
    for (SerialConsole console : spec.getSerialConsolesList()) {
      requireAllowed(console.getLogPath());
    }
    switch (spec.getBoot().getMethodCase()) {
      case DIRECT_KERNEL -> {
        requireAllowed(spec.getBoot().getDirectKernel().getKernelPath());
        requireAllowed(spec.getBoot().getDirectKernel().getInitrdPath());
      }
      case FIRMWARE -> {
        requireAllowed(spec.getBoot().getFirmware().getPath());
        checkBootOrder(spec);
      }
      case METHOD_NOT_SET -> {}
    }
  }

  /**
   * Checks a spec that is about to be started; images are read by their own reader.
   *
   * @throws DriverException as {@link #check}, IMAGE_NOT_FOUND, IMAGE_ACCESS_DENIED, or
   *     DEADLINE_EXCEEDED where the file system of a boot file does not answer
   */
  void beforeStart(DomainSpec spec, QemuCapabilities capabilities) {
    check(spec, Optional.of(capabilities));
    requireReadable(spec.getBoot().getDirectKernel().getKernelPath());
    requireReadable(spec.getBoot().getDirectKernel().getInitrdPath());
    requireReadable(spec.getBoot().getFirmware().getPath());
  }

  private static void requireReadable(String text) {
    Path file = Path.of(text);
    if (text.isEmpty() || ImageFiles.asked(text, () -> Files.isReadable(file))) {
      return;
    }
    boolean exists = ImageFiles.asked(text, () -> Files.exists(file));
    throw DriverException.of(
        exists
            ? ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED
            : ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
        exists
            ? "user '%s' may not read '%s'".formatted(System.getProperty("user.name"), text)
            : "boot file '%s' does not exist".formatted(text),
        "path",
        text,
        "access",
        "read");
  }

  private void requireAllowed(String path) {
    if (!path.isEmpty()) {
      paths.require(path);
    }
  }

  private static void checkBootOrder(DomainSpec spec) {
    for (String target : spec.getBoot().getFirmware().getBootOrderList()) {
      if (spec.getDisksList().stream().noneMatch(disk -> disk.getTarget().equals(target))) {
        throw refused(
            ErrorReason.ERROR_REASON_DOMAIN_SPEC_INVALID,
            spec,
            "boot.firmware.boot_order",
            "'%s' is not the target of one of its disks".formatted(target));
      }
    }
  }

  private static void checkMachine(DomainSpec spec, QemuCapabilities known) {
    if (!spec.getMachine().isEmpty() && !known.hasMachine(spec.getMachine())) {
      throw refused(
          ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
          spec,
          "machine",
          "QEMU %s has no machine type '%s'".formatted(known.binary(), spec.getMachine()));
    }
    if (!spec.getCpuModel().isEmpty()
        && !spec.getCpuModel().equals("host")
        && !known.hasCpuModel(spec.getCpuModel())) {
      throw refused(
          ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
          spec,
          "cpu_model",
          "QEMU %s has no processor model '%s'".formatted(known.binary(), spec.getCpuModel()));
    }
    String machine = spec.getMachine().isEmpty() ? "q35" : spec.getMachine();
    known.machines().stream()
        .filter(
            type -> type.name().equals(machine) || type.alias().filter(machine::equals).isPresent())
        .map(MachineType::maximumCpus)
        .findFirst()
        .filter(most -> spec.getVcpus() > most)
        .ifPresent(
            most -> {
              throw refused(
                  ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
                  spec,
                  "vcpus",
                  "machine type '%s' takes at most %d processors".formatted(machine, most));
            });
  }

  private static DriverException refused(
      ErrorReason reason, DomainSpec spec, String field, String why) {
    return DriverException.of(
        reason,
        "domain '%s', %s: %s".formatted(spec.getName(), field, why),
        "domain",
        spec.getName(),
        "field",
        field);
  }
}
