package dev.drover.client.cli;

import dev.drover.client.cli.XmlElement.Fault;
import dev.drover.v1.Acceleration;
import dev.drover.v1.DirectKernelBoot;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.FirmwareBoot;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PowerAction;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads libvirt's {@code <domain>} as a spec (R24). What Drover has no field for is never passed
 * over: it is listed, and it is for the person to say that the domain shall do without it. What is
 * so on every domain of Drover's, such as ACPI or a clock in UTC, may be written.
 *
 * @param spec the domain
 * @param leftOut what the document says and the spec does not, with the lines, in order
 */
record DomainDocument(DomainSpec spec, List<String> leftOut) {
  private static final String ROOT = "domain";
  private static final String METADATA = "drover:domain";

  /**
   * Reads a file's text.
   *
   * @param file its name, for messages
   * @throws CommandFailure naming the line and what is wrong there
   */
  static DomainDocument parse(String file, byte[] content) {
    try {
      return new Reading().root(XmlElement.parse(content));
    } catch (Fault e) {
      throw new CommandFailure("File '%s': %s".formatted(file, e.getMessage()));
    }
  }

  private static final class Reading {
    private final DomainSpec.Builder spec = DomainSpec.newBuilder();
    private final LeftOut leftOut = new LeftOut();

    DomainDocument root(XmlElement root) throws Fault {
      if (!root.name().equals(ROOT)) {
        throw new Fault(root.line(), "expected <%s>, got <%s>".formatted(ROOT, root.name()));
      }
      root.noText();
      root.once();
      for (String attribute : root.attributes().keySet()) {
        if (!attribute.startsWith("xmlns:") && !Set.of("type", "id").contains(attribute)) {
          leftOut.attribute(root, attribute);
        }
      }
      switch (root.required("type")) {
        case "kvm" -> spec.setAcceleration(Acceleration.ACCELERATION_KVM);
        case "qemu" -> spec.setAcceleration(Acceleration.ACCELERATION_TCG);
        // The drivers for tests, libvirt's and Drover's, run nothing.
        case "test" -> {}
        default ->
            throw new Fault(
                root.line(),
                "<domain type='%s'> is not supported, only kvm and qemu"
                    .formatted(root.attributes().get("type")));
      }
      for (XmlElement child : root.children()) {
        switch (child.name()) {
          case "name" -> spec.setName(text(child));
          case "uuid" -> spec.setUuid(text(child));
          case "title" -> spec.setTitle(child.text());
          case "description" -> spec.setDescription(child.text());
          case "memory" -> spec.setMemoryBytes(bytes(child));
          case "currentMemory" -> currentMemory(root, child);
          case "vcpu" -> processors(child);
          case "os" -> operatingSystem(child);
          case "cpu" -> processor(child);
          case "features" -> alwaysSo(child, Set.of("acpi", "apic"));
          case "clock" -> {
            leftOut.otherThan(child, "offset", "utc");
            alwaysSo(child, Set.of());
          }
          case "on_poweroff" ->
              powerAction(child)
                  .ifPresent(action -> spec.getPowerActionsBuilder().setOnPoweroff(action));
          case "on_reboot" ->
              powerAction(child)
                  .ifPresent(action -> spec.getPowerActionsBuilder().setOnReboot(action));
          case "on_crash" -> {
            if (!text(child).equals("destroy")) {
              leftOut.value(child, text(child));
            }
          }
          case "qemu:commandline" -> arguments(child);
          case "devices", "metadata" -> {
            // They say more about what may stand after them.
          }
          default -> leftOut.element(root, child);
        }
      }
      for (XmlElement devices : root.children("devices")) {
        new DomainDevices(spec, leftOut).read(devices);
      }
      for (XmlElement metadata : root.children("metadata")) {
        metadata(metadata);
      }
      return new DomainDocument(spec.build(), leftOut.lines());
    }

    private void currentMemory(XmlElement root, XmlElement current) throws Fault {
      for (XmlElement memory : root.children("memory")) {
        if (bytes(memory) != bytes(current)) {
          leftOut.value(current, text(current));
        }
      }
    }

    private static long bytes(XmlElement size) throws Fault {
      String unit = size.attributes().getOrDefault("unit", "KiB");
      String number = size.text().strip();
      return Sizes.parse(number + (unit.equals("bytes") ? "" : unit))
          .orElseThrow(
              () ->
                  new Fault(
                      size.line(),
                      "<%s unit='%s'> is no size: '%s'".formatted(size.name(), unit, number)));
    }

    private void processors(XmlElement vcpu) throws Fault {
      leftOut.otherThan(vcpu, "placement", "static");
      String number = text(vcpu);
      leftOut.otherThan(vcpu, "current", number);
      leftOut.attributes(vcpu, Set.of("placement", "current"));
      spec.setVcpus(vcpu.number(number));
    }

    private void operatingSystem(XmlElement os) throws Fault {
      os.noText();
      leftOut.attributes(os, Set.of());
      DirectKernelBoot.Builder kernel = DirectKernelBoot.newBuilder();
      FirmwareBoot.Builder firmware = FirmwareBoot.newBuilder();
      boolean firmwareNamed = false;
      for (XmlElement child : os.children()) {
        switch (child.name()) {
          case "type" -> machine(child);
          case "kernel" -> kernel.setKernelPath(text(child));
          case "initrd" -> kernel.setInitrdPath(text(child));
          case "cmdline" -> kernel.setCommandLine(child.text());
          case "loader" -> {
            if (!child.attributes().getOrDefault("type", "rom").equals("rom")) {
              throw new Fault(
                  child.line(),
                  "<loader type='%s'> is not supported, only rom"
                      .formatted(child.attributes().get("type")));
            }
            leftOut.attributes(child, Set.of("type", "readonly"));
            firmware.setPath(text(child));
            firmwareNamed = true;
          }
          case "boot" -> {
            leftOut.otherThan(child, "dev", "hd");
            firmwareNamed |= child.attributes().getOrDefault("dev", "").equals("hd");
          }
          default -> leftOut.element(os, child);
        }
      }
      if (!kernel.getKernelPath().isEmpty()) {
        spec.getBootBuilder().setDirectKernel(kernel);
      } else if (firmwareNamed) {
        spec.getBootBuilder().setFirmware(firmware);
      }
    }

    private void machine(XmlElement type) throws Fault {
      if (!text(type).equals("hvm")) {
        throw new Fault(
            type.line(), "<type>%s</type> is not supported, only hvm".formatted(text(type)));
      }
      leftOut.attributes(type, Set.of("arch", "machine"));
      leftOut.otherThan(type, "arch", "x86_64");
      spec.setMachine(type.attributes().getOrDefault("machine", ""));
    }

    private void processor(XmlElement cpu) throws Fault {
      cpu.noText();
      leftOut.attributes(cpu, Set.of("mode", "match", "check", "migratable"));
      String mode = cpu.attributes().getOrDefault("mode", "custom");
      for (XmlElement child : cpu.children()) {
        if (child.name().equals("model") && mode.equals("custom")) {
          leftOut.attributes(child, Set.of("fallback"));
          spec.setCpuModel(text(child));
        } else {
          leftOut.element(cpu, child);
        }
      }
      switch (mode) {
        case "custom" -> {}
        case "host-passthrough" -> spec.setCpuModel("host");
        case "maximum" -> spec.setCpuModel("max");
        default -> leftOut.otherThan(cpu, "mode", "custom");
      }
    }

    private Optional<PowerAction> powerAction(XmlElement action) {
      return switch (action.text().strip()) {
        case "destroy" -> Optional.of(PowerAction.POWER_ACTION_DESTROY);
        case "restart" -> Optional.of(PowerAction.POWER_ACTION_RESTART);
        default -> {
          leftOut.value(action, action.text().strip());
          yield Optional.empty();
        }
      };
    }

    /** What may be written, since it is so, and nothing else. */
    private void alwaysSo(XmlElement parent, Set<String> names) {
      for (XmlElement child : parent.children()) {
        if (!names.contains(child.name())) {
          leftOut.element(parent, child);
        }
      }
    }

    private void arguments(XmlElement commandLine) throws Fault {
      for (XmlElement child : commandLine.children()) {
        if (child.name().equals("qemu:arg")) {
          spec.addQemuArgs(child.attributes().getOrDefault("value", ""));
        } else {
          leftOut.element(commandLine, child);
        }
      }
    }

    private void metadata(XmlElement metadata) throws Fault {
      for (XmlElement child : metadata.children()) {
        if (child.name().equals(METADATA)) {
          ours(child);
        } else {
          leftOut.element(metadata, child);
        }
      }
    }

    private void ours(XmlElement ours) throws Fault {
      for (XmlElement child : ours.children()) {
        switch (child.name()) {
          case "drover:acceleration" -> {
            switch (child.required("mode")) {
              case "auto" -> spec.setAcceleration(Acceleration.ACCELERATION_AUTO);
              case "default" -> spec.clearAcceleration();
              default ->
                  throw new Fault(
                      child.line(),
                      "<%s mode='%s'> is neither auto nor default"
                          .formatted(child.name(), child.attributes().get("mode")));
            }
          }
          case "drover:label" ->
              spec.putLabels(child.required("key"), child.attributes().getOrDefault("value", ""));
          case "drover:interface" -> {
            int index = child.number(child.required("index"));
            if (index >= spec.getNetworkInterfacesCount()) {
              throw new Fault(child.line(), "there is no <interface> %d".formatted(index));
            }
            NetworkInterface.Builder network = spec.getNetworkInterfacesBuilder(index);
            network.getUserBuilder().setRestrict(child.yes("restrict"));
          }
          default ->
              throw new Fault(
                  child.line(), "<%s> in <%s> is not known".formatted(child.name(), ours.name()));
        }
      }
    }

    private static String text(XmlElement element) {
      return element.text().strip();
    }
  }
}
