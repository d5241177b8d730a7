package dev.drover.qemu.config;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Boot;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.PowerAction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * QEMU's command line for a domain. QEMU always starts with its processors held; the driver lets
 * them run once it has the monitor. Every PCI device has an explicit address, eight to a slot, so
 * that the guest finds its devices in the same places whatever a later version adds.
 */
public final class CommandLine {

  private static final long MEBIBYTE = 1L << 20;

  /** Slots 0 and 1 belong to the machine, on q35 and on pc. */
  private static final int FIRST_SLOT = 2;

  private static final int FUNCTIONS_OF_A_SLOT = 8;

  private final LaunchPlan plan;
  private final DomainSpec spec;
  private final List<String> arguments = new ArrayList<>();
  private int devices;

  private CommandLine(LaunchPlan plan) {
    this.plan = plan;
    this.spec = plan.spec();
  }

  /** The program and its arguments. */
  public static List<String> of(LaunchPlan plan) {
    CommandLine line = new CommandLine(plan);
    line.identity();
    line.machine();
    line.monitors();
    line.boot();
    line.disks();
    line.networks();
    line.serialConsoles();
    line.smallDevices();
    line.arguments.addAll(plan.spec().getQemuArgsList());
    return List.copyOf(line.arguments);
  }

  /** Id of a disk's device. */
  public static String diskId(String target) {
    return "disk-" + target;
  }

  /** Path of a disk's device in QEMU's object tree, as {@code query-block} tells it. */
  public static String diskPath(String target) {
    return "/machine/peripheral/" + diskId(target) + "/virtio-backend";
  }

  private void identity() {
    add(plan.binary().toString());
    add("-name", "guest=" + escaped(spec.getName()) + ",debug-threads=on");
    add("-uuid", spec.getUuid());
    add("-S");
    add("-no-user-config");
    add("-nodefaults");
    add("-display", "none");
    add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    add("-msg", "timestamp=on");
    add("-pidfile", plan.files().pidFile().toString());
    if (plan.restored()) {
      add("-incoming", "unix:" + plan.files().memorySink());
    }
  }

  private void machine() {
    String machine = spec.getMachine().isEmpty() ? "q35" : spec.getMachine();
    add("-machine", "type=" + escaped(machine));
    add("-accel", plan.acceleration() == Acceleration.ACCELERATION_KVM ? "kvm" : "tcg");
    if (!spec.getCpuModel().isEmpty()) {
      add("-cpu", escaped(spec.getCpuModel()));
    }
    add("-m", "size=" + spec.getMemoryBytes() / MEBIBYTE + "M");
    add("-smp", "cpus=" + Math.max(1, spec.getVcpus()));
    add("-rtc", "base=utc");
    add(
        "-action",
        "reboot=%s,shutdown=%s"
            .formatted(
                spec.getPowerActions().getOnReboot() == PowerAction.POWER_ACTION_DESTROY
                    ? "shutdown"
                    : "reset",
                restartsAfterPowerOff(spec) ? "pause" : "poweroff"));
  }

  /** Whether the guest is started again when it powers off, which the driver does. */
  public static boolean restartsAfterPowerOff(DomainSpec spec) {
    return spec.getPowerActions().getOnPoweroff() == PowerAction.POWER_ACTION_RESTART;
  }

  private void monitors() {
    monitor("monitor", plan.files().monitor());
    monitor("diagnostics", plan.files().diagnostics());
  }

  private void monitor(String id, Path socket) {
    add("-chardev", "socket,id=" + id + ",server=on,wait=off,path=" + escaped(socket.toString()));
    add("-mon", "chardev=" + id + ",mode=control");
  }

  private void boot() {
    Boot boot = spec.getBoot();
    switch (boot.getMethodCase()) {
      case DIRECT_KERNEL -> {
        add("-kernel", boot.getDirectKernel().getKernelPath());
        if (!boot.getDirectKernel().getInitrdPath().isEmpty()) {
          add("-initrd", boot.getDirectKernel().getInitrdPath());
        }
        if (!boot.getDirectKernel().getCommandLine().isEmpty()) {
          add("-append", boot.getDirectKernel().getCommandLine());
        }
      }
      case FIRMWARE -> {
        if (!boot.getFirmware().getPath().isEmpty()) {
          add("-bios", boot.getFirmware().getPath());
        }
        add("-boot", "strict=on");
      }
      case METHOD_NOT_SET -> add("-boot", "strict=on");
    }
  }

  private void disks() {
    List<String> order = bootOrder();
    for (DiskGraph graph : plan.disks()) {
      Disk disk =
          spec.getDisksList().stream()
              .filter(candidate -> candidate.getTarget().equals(graph.target()))
              .findFirst()
              .orElseThrow(
                  () -> new IllegalArgumentException("no disk " + graph.target() + " in the spec"));
      for (ObjectNode node : BlockdevOptions.chain(graph, IoPolicy.of(disk), disk.getReadOnly())) {
        add("-blockdev", node.toString());
      }
      ObjectNode device = pciDevice("virtio-blk-pci", diskId(graph.target()));
      device.put("drive", graph.active().formatNode());
      if (!disk.getSerial().isEmpty()) {
        device.put("serial", disk.getSerial());
      }
      int place = order.indexOf(graph.target());
      if (place >= 0) {
        device.put("bootindex", place + 1);
      }
      add("-device", device.toString());
    }
  }

  /** Targets in the order in which the firmware tries them; none where a kernel is given. */
  private List<String> bootOrder() {
    Boot boot = spec.getBoot();
    return switch (boot.getMethodCase()) {
      case DIRECT_KERNEL -> List.of();
      case FIRMWARE ->
          boot.getFirmware().getBootOrderCount() > 0
              ? boot.getFirmware().getBootOrderList()
              : spec.getDisksList().stream().map(Disk::getTarget).toList();
      case METHOD_NOT_SET -> spec.getDisksList().stream().map(Disk::getTarget).toList();
    };
  }

  private void networks() {
    for (int index = 0; index < spec.getNetworkInterfacesCount(); index++) {
      NetworkInterface network = spec.getNetworkInterfaces(index);
      StringBuilder backend = new StringBuilder("user,id=net" + index);
      if (network.getUser().getRestrict()) {
        backend.append(",restrict=on");
      }
      for (PortForward forward : network.getUser().getPortForwardsList()) {
        backend
            .append(",hostfwd=tcp:127.0.0.1:")
            .append(forward.getHostPort())
            .append("-:")
            .append(forward.getGuestPort());
      }
      add("-netdev", backend.toString());
      ObjectNode device = pciDevice("virtio-net-pci", "nic-" + index);
      device.put("netdev", "net" + index);
      device.put("mac", network.getMacAddress());
      // The firmware must not try to boot from a network that offers nothing.
      device.put("romfile", "");
      add("-device", device.toString());
    }
  }

  private void serialConsoles() {
    List<Path> logs = plan.files().serialLogs(spec);
    for (int index = 0; index < logs.size(); index++) {
      add("-chardev", "file,id=serial" + index + ",path=" + escaped(logs.get(index).toString()));
      ObjectNode device = JsonNodeFactory.instance.objectNode();
      device.put("driver", "isa-serial");
      device.put("id", "console-" + index);
      device.put("chardev", "serial" + index);
      device.put("index", index);
      add("-device", device.toString());
    }
  }

  private void smallDevices() {
    if (spec.hasRandomSource()) {
      ObjectNode source = JsonNodeFactory.instance.objectNode();
      source.put("qom-type", "rng-random");
      source.put("id", "random-source");
      source.put("filename", "/dev/urandom");
      add("-object", source.toString());
      ObjectNode device = pciDevice("virtio-rng-pci", "random");
      device.put("rng", "random-source");
      if (spec.getRandomSource().getBytesPerSecond() > 0) {
        device.put("max-bytes", spec.getRandomSource().getBytesPerSecond());
        device.put("period", 1000);
      }
      add("-device", device.toString());
    }
    if (spec.hasBalloon()) {
      add("-device", pciDevice("virtio-balloon-pci", "balloon").toString());
    }
    if (spec.hasGuestAgent()) {
      agent();
    }
  }

  /** A port by the name that qemu-guest-agent opens by default. */
  private void agent() {
    add(
        "-chardev",
        "socket,id=%s,server=on,wait=off,path=%s"
            .formatted(RunFiles.AGENT, escaped(plan.files().agent().toString())));
    add("-device", pciDevice("virtio-serial-pci", "ports").toString());
    ObjectNode port = JsonNodeFactory.instance.objectNode();
    port.put("driver", "virtserialport");
    port.put("id", "agent-port");
    port.put("bus", "ports.0");
    port.put("nr", 1);
    port.put("chardev", RunFiles.AGENT);
    port.put("name", "org.qemu.guest_agent.0");
    add("-device", port.toString());
  }

  private ObjectNode pciDevice(String driver, String id) {
    int slot = FIRST_SLOT + devices / FUNCTIONS_OF_A_SLOT;
    int function = devices % FUNCTIONS_OF_A_SLOT;
    devices++;
    ObjectNode device = JsonNodeFactory.instance.objectNode();
    device.put("driver", driver);
    device.put("id", id);
    device.put("addr", "%x.%x".formatted(slot, function));
    if (function == 0) {
      device.put("multifunction", true);
    }
    return device;
  }

  /** In an option list a comma inside a value is written twice. */
  public static String escaped(String value) {
    return value.replace(",", ",,");
  }

  private void add(String... more) {
    arguments.addAll(List.of(more));
  }
}
