package dev.drover.server.argument;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Boot;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.SerialConsole;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The limits that {@code domain_spec.proto} documents. A spec beyond them is DOMAIN_SPEC_INVALID
 * with the field; whether a sound spec can be provided is the driver's to say.
 */
public final class DomainSpecRule implements ArgumentRule<DomainSpec> {

  private static final long MEBIBYTE = 1L << 20;
  private static final long MOST_MEMORY = 16L << 40;
  private static final int MOST_VCPUS = 512;
  private static final int MOST_PORT = 65_535;
  private static final Pattern LABEL_KEY = Pattern.compile("[a-z0-9][a-z0-9._/-]{0,62}");
  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9._+-]{0,64}");
  private static final Pattern TARGET = Pattern.compile("[a-z]{2,3}[a-z0-9]{1,5}");
  private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9._-]{0,20}");
  private static final Pattern MAC = Pattern.compile("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}");

  @Override
  public void check(DomainSpec spec) {
    if (!Argument.NAME.matcher(spec.getName()).matches()) {
      throw invalid(
          "name",
          "must be 1 to 64 characters of A-Z a-z 0-9 . _ + - that do not start with a dot or a"
              + " dash, not \""
              + spec.getName()
              + "\"");
    }
    if (!spec.getUuid().isEmpty() && !Argument.isUuid(spec.getUuid())) {
      throw invalid("uuid", "must be a UUID in its 36-character form or empty");
    }
    texts(spec);
    labels(spec);
    resources(spec);
    boot(spec.getBoot());
    Set<String> targets = new HashSet<>();
    atMost("disks", spec.getDisksCount(), 64);
    for (int i = 0; i < spec.getDisksCount(); i++) {
      disk(spec.getDisks(i), "disks[" + i + "]", targets);
    }
    for (String target : spec.getBoot().getFirmware().getBootOrderList()) {
      if (!targets.contains(target)) {
        throw invalid("boot.firmware.boot_order", "names \"" + target + "\", which is no disk");
      }
    }
    Set<Integer> ports = new HashSet<>();
    atMost("network_interfaces", spec.getNetworkInterfacesCount(), 32);
    for (int i = 0; i < spec.getNetworkInterfacesCount(); i++) {
      network(spec.getNetworkInterfaces(i), "network_interfaces[" + i + "]", ports);
    }
    atMost("serial_consoles", spec.getSerialConsolesCount(), 4);
    for (int i = 0; i < spec.getSerialConsolesCount(); i++) {
      console(spec.getSerialConsoles(i), "serial_consoles[" + i + "]");
    }
    if (spec.getRandomSource().getBytesPerSecond() < 0) {
      throw invalid("random_source.bytes_per_second", "is too large");
    }
    atMost("qemu_args", spec.getQemuArgsCount(), 64);
    for (int i = 0; i < spec.getQemuArgsCount(); i++) {
      text("qemu_args[" + i + "]", spec.getQemuArgs(i), 4096);
    }
  }

  private static void texts(DomainSpec spec) {
    text("title", spec.getTitle(), 256);
    if (spec.getTitle().chars().anyMatch(Character::isISOControl)) {
      throw invalid("title", "must be one line without control characters");
    }
    text("description", spec.getDescription(), 4096);
    if (!MODEL.matcher(spec.getMachine()).matches()) {
      throw invalid("machine", "must be at most 64 characters of A-Z a-z 0-9 . _ + -");
    }
    if (!MODEL.matcher(spec.getCpuModel()).matches()) {
      throw invalid("cpu_model", "must be at most 64 characters of A-Z a-z 0-9 . _ + -");
    }
  }

  private static void labels(DomainSpec spec) {
    atMost("labels", spec.getLabelsCount(), 64);
    spec.getLabelsMap()
        .forEach(
            (key, value) -> {
              if (!LABEL_KEY.matcher(key).matches()) {
                throw invalid(
                    "labels", "has the key \"" + key + "\", which does not match " + LABEL_KEY);
              }
              text("labels[" + key + "]", value, 256);
            });
  }

  private static void resources(DomainSpec spec) {
    long memory = spec.getMemoryBytes();
    if (memory <= 0 || memory > MOST_MEMORY || memory % MEBIBYTE != 0) {
      throw invalid(
          "memory_bytes",
          "must be a multiple of 1 MiB from 1 MiB to 16 TiB, not "
              + Long.toUnsignedString(memory)
              + " bytes");
    }
    if (Integer.compareUnsigned(spec.getVcpus(), MOST_VCPUS) > 0) {
      throw invalid(
          "vcpus",
          "must be 1 to " + MOST_VCPUS + ", not " + Integer.toUnsignedString(spec.getVcpus()));
    }
  }

  private static void boot(Boot boot) {
    switch (boot.getMethodCase()) {
      case DIRECT_KERNEL -> {
        DirectKernelBoot direct = boot.getDirectKernel();
        path("boot.direct_kernel.kernel_path", direct.getKernelPath());
        if (!direct.getInitrdPath().isEmpty()) {
          path("boot.direct_kernel.initrd_path", direct.getInitrdPath());
        }
        text("boot.direct_kernel.command_line", direct.getCommandLine(), 2048);
      }
      case FIRMWARE -> {
        if (!boot.getFirmware().getPath().isEmpty()) {
          path("boot.firmware.path", boot.getFirmware().getPath());
        }
      }
      case METHOD_NOT_SET -> {}
    }
  }

  private static void disk(Disk disk, String field, Set<String> targets) {
    if (!TARGET.matcher(disk.getTarget()).matches()) {
      throw invalid(
          field + ".target", "must match " + TARGET + ", not \"" + disk.getTarget() + "\"");
    }
    if (!targets.add(disk.getTarget())) {
      throw invalid(field + ".target", "\"" + disk.getTarget() + "\" is there twice");
    }
    if (disk.hasSource()) {
      path(field + ".source.path", disk.getSource().getPath());
      if (disk.getSource().getFormat() == ImageFormat.IMAGE_FORMAT_UNSPECIFIED) {
        throw invalid(
            field + ".source.format", "is required: formats are never guessed from contents");
      }
    }
    if (!SERIAL.matcher(disk.getSerial()).matches()) {
      throw invalid(field + ".serial", "must be at most 20 characters of A-Z a-z 0-9 . _ -");
    }
  }

  private static void network(NetworkInterface card, String field, Set<Integer> ports) {
    String mac = card.getMacAddress();
    if (!mac.isEmpty()) {
      if (!MAC.matcher(mac).matches()) {
        throw invalid(field + ".mac_address", "must be six hexadecimal pairs with colons");
      }
      int first = Integer.parseInt(mac.substring(0, 2).toLowerCase(Locale.ROOT), 16);
      if ((first & 1) != 0) {
        throw invalid(field + ".mac_address", "must be a unicast address: its first pair is odd");
      }
    }
    switch (card.getBackendCase()) {
      case USER -> {
        for (PortForward forward : card.getUser().getPortForwardsList()) {
          port(field + ".user.port_forwards.host_port", forward.getHostPort());
          port(field + ".user.port_forwards.guest_port", forward.getGuestPort());
          if (!ports.add(forward.getHostPort())) {
            throw invalid(
                field + ".user.port_forwards.host_port",
                forward.getHostPort() + " is forwarded twice");
          }
        }
      }
      case BACKEND_NOT_SET ->
          throw invalid(field + ".backend", "is required: say what the card is connected to");
    }
  }

  private static void console(SerialConsole console, String field) {
    if (!console.getLogPath().isEmpty()) {
      path(field + ".log_path", console.getLogPath());
    }
  }

  private static void port(String field, int value) {
    if (value < 1 || value > MOST_PORT) {
      throw invalid(
          field, "must be 1 to " + MOST_PORT + ", not " + Integer.toUnsignedString(value));
    }
  }

  private static void path(String field, String value) {
    if (value.isEmpty()) {
      throw invalid(field, "is required");
    }
    Argument.path(value, "spec." + field);
  }

  private static void text(String field, String value, int most) {
    if (value.codePointCount(0, value.length()) > most) {
      throw invalid(field, "must be at most " + most + " characters");
    }
    if (value.indexOf('\0') >= 0) {
      throw invalid(field, "must not hold a NUL character");
    }
  }

  private static void atMost(String field, int count, int most) {
    if (count > most) {
      throw invalid(field, "must be at most " + most + ", not " + count);
    }
  }

  private static DriverException invalid(String field, String problem) {
    String path = "spec." + field;
    return DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_SPEC_INVALID, path + " " + problem, "field", path);
  }
}
