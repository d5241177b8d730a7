package dev.drover.client.cli;

import dev.drover.v1.Acceleration;
import dev.drover.v1.Boot;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.PowerAction;
import dev.drover.v1.SerialConsole;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes a domain as libvirt's {@code <domain>} (R24). {@link DomainDocument} reads back the very
 * spec: what libvirt has no words for stands in {@code <metadata>}, in elements of Drover's own.
 */
final class DomainXml {
  /** Namespace of what stands in the metadata. */
  static final String NAMESPACE = "https://drover.dev/xmlns/domain/1.0";

  /** Namespace of libvirt's arguments for QEMU. */
  static final String QEMU_NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0";

  /** Milliseconds for which a rate of {@code <rng>} counts. */
  static final int RATE_PERIOD_MILLIS = 1000;

  private static final long KIBIBYTE = 1024;

  private final StringBuilder text = new StringBuilder(2048);
  private final DomainSpec spec;

  private DomainXml(DomainSpec spec) {
    this.spec = spec;
  }

  /** The stored definition, without a line break at its end. */
  static String definition(Domain domain) {
    return new DomainXml(domain.getSpec()).write(Optional.empty());
  }

  /** What the domain runs as, or its definition where it is shut off. */
  static String live(Domain domain) {
    return domain.getStatus().hasLiveSpec()
        ? new DomainXml(domain.getStatus().getLiveSpec()).write(Optional.of(domain.getStatus()))
        : definition(domain);
  }

  private String write(Optional<DomainStatus> running) {
    text.append("<domain type='").append(kvm(running) ? "kvm" : "qemu").append('\'');
    running.ifPresent(status -> text.append(" id='").append(status.getId()).append('\''));
    if (spec.getQemuArgsCount() > 0) {
      text.append(" xmlns:qemu='").append(QEMU_NAMESPACE).append('\'');
    }
    text.append(">\n");
    element(1, "name", spec.getName());
    optional(1, "uuid", spec.getUuid());
    optional(1, "title", spec.getTitle());
    optional(1, "description", spec.getDescription());
    metadata();
    long kibibytes = spec.getMemoryBytes() / KIBIBYTE;
    line(1, "<memory unit='KiB'>%s</memory>".formatted(Long.toUnsignedString(kibibytes)));
    line(
        1,
        "<currentMemory unit='KiB'>%s</currentMemory>".formatted(Long.toUnsignedString(kibibytes)));
    if (spec.getVcpus() > 0) {
      line(1, "<vcpu placement='static'>%d</vcpu>".formatted(spec.getVcpus()));
    }
    operatingSystem();
    processor();
    line(1, "<clock offset='utc'/>");
    action("on_poweroff", spec.getPowerActions().getOnPoweroff());
    action("on_reboot", spec.getPowerActions().getOnReboot());
    devices();
    if (spec.getQemuArgsCount() > 0) {
      line(1, "<qemu:commandline>");
      spec.getQemuArgsList()
          .forEach(
              argument -> line(2, "<qemu:arg value='%s'/>".formatted(XmlText.attribute(argument))));
      line(1, "</qemu:commandline>");
    }
    return text.append("</domain>").toString();
  }

  private boolean kvm(Optional<DomainStatus> running) {
    return running.map(DomainStatus::getAcceleration).orElse(spec.getAcceleration())
        == Acceleration.ACCELERATION_KVM;
  }

  /** What libvirt has no words for. */
  private void metadata() {
    DomainXml inner = new DomainXml(spec);
    switch (spec.getAcceleration()) {
      case ACCELERATION_AUTO -> inner.line(3, "<drover:acceleration mode='auto'/>");
      case ACCELERATION_UNSPECIFIED -> inner.line(3, "<drover:acceleration mode='default'/>");
      case ACCELERATION_KVM, ACCELERATION_TCG, UNRECOGNIZED -> {}
    }
    for (Map.Entry<String, String> label : new TreeMap<>(spec.getLabelsMap()).entrySet()) {
      inner.line(
          3,
          "<drover:label key='%s' value='%s'/>"
              .formatted(XmlText.attribute(label.getKey()), XmlText.attribute(label.getValue())));
    }
    for (int index = 0; index < spec.getNetworkInterfacesCount(); index++) {
      if (spec.getNetworkInterfaces(index).getUser().getRestrict()) {
        inner.line(3, "<drover:interface index='%d' restrict='yes'/>".formatted(index));
      }
    }
    if (inner.text.isEmpty()) {
      return;
    }
    line(1, "<metadata>");
    line(2, "<drover:domain xmlns:drover='%s'>".formatted(NAMESPACE));
    text.append(inner.text);
    line(2, "</drover:domain>");
    line(1, "</metadata>");
  }

  private void operatingSystem() {
    line(1, "<os>");
    line(
        2,
        "<type%s>hvm</type>"
            .formatted(
                spec.getMachine().isEmpty()
                    ? ""
                    : " machine='%s'".formatted(XmlText.attribute(spec.getMachine()))));
    Boot boot = spec.getBoot();
    switch (boot.getMethodCase()) {
      case DIRECT_KERNEL -> {
        element(2, "kernel", boot.getDirectKernel().getKernelPath());
        optional(2, "initrd", boot.getDirectKernel().getInitrdPath());
        optional(2, "cmdline", boot.getDirectKernel().getCommandLine());
      }
      case FIRMWARE -> {
        optional(2, "loader", boot.getFirmware().getPath());
        if (boot.getFirmware().getBootOrderCount() == 0) {
          line(2, "<boot dev='hd'/>");
        }
      }
      case METHOD_NOT_SET -> {}
    }
    line(1, "</os>");
  }

  private void processor() {
    switch (spec.getCpuModel()) {
      case "" -> {}
      case "host" -> line(1, "<cpu mode='host-passthrough'/>");
      case "max" -> line(1, "<cpu mode='maximum'/>");
      default -> {
        line(1, "<cpu mode='custom' match='exact'>");
        line(
            2, "<model fallback='forbid'>%s</model>".formatted(XmlText.escape(spec.getCpuModel())));
        line(1, "</cpu>");
      }
    }
  }

  private void action(String name, PowerAction action) {
    switch (action) {
      case POWER_ACTION_DESTROY -> element(1, name, "destroy");
      case POWER_ACTION_RESTART -> element(1, name, "restart");
      case POWER_ACTION_UNSPECIFIED, UNRECOGNIZED -> {}
    }
  }

  private void devices() {
    line(1, "<devices>");
    spec.getDisksList().forEach(this::disk);
    spec.getNetworkInterfacesList().forEach(this::networkInterface);
    List<SerialConsole> consoles = spec.getSerialConsolesList();
    for (int port = 0; port < consoles.size(); port++) {
      serial(consoles.get(port), port);
    }
    if (spec.hasGuestAgent()) {
      line(2, "<channel type='unix'>");
      line(3, "<target type='virtio' name='org.qemu.guest_agent.0'/>");
      line(2, "</channel>");
    }
    line(2, "<memballoon model='%s'/>".formatted(spec.hasBalloon() ? "virtio" : "none"));
    if (spec.hasRandomSource()) {
      line(2, "<rng model='virtio'>");
      if (spec.getRandomSource().getBytesPerSecond() != 0) {
        line(
            3,
            "<rate bytes='%s' period='%d'/>"
                .formatted(
                    Long.toUnsignedString(spec.getRandomSource().getBytesPerSecond()),
                    RATE_PERIOD_MILLIS));
      }
      line(3, "<backend model='random'>/dev/urandom</backend>");
      line(2, "</rng>");
    }
    line(1, "</devices>");
  }

  private void disk(Disk disk) {
    String path = disk.getSource().getPath();
    boolean device = path.startsWith("/dev/");
    line(2, "<disk type='%s' device='disk'>".formatted(device ? "block" : "file"));
    text.append("      <driver name='qemu'");
    if (disk.hasSource()) {
      text.append(" type='").append(Texts.format(disk.getSource().getFormat())).append('\'');
    }
    if (disk.getCache() != DiskCache.DISK_CACHE_UNSPECIFIED) {
      text.append(
          disk.getCache() == DiskCache.DISK_CACHE_NONE ? " cache='none'" : " cache='writeback'");
    }
    if (disk.getDiscard() != DiskDiscard.DISK_DISCARD_UNSPECIFIED) {
      text.append(
          disk.getDiscard() == DiskDiscard.DISK_DISCARD_IGNORE
              ? " discard='ignore'"
              : " discard='unmap'");
    }
    text.append("/>\n");
    if (disk.hasSource()) {
      line(3, "<source %s='%s'/>".formatted(device ? "dev" : "file", XmlText.attribute(path)));
    }
    line(3, "<target dev='%s' bus='virtio'/>".formatted(XmlText.attribute(disk.getTarget())));
    if (disk.getReadOnly()) {
      line(3, "<readonly/>");
    }
    optional(3, "serial", disk.getSerial());
    int place = spec.getBoot().getFirmware().getBootOrderList().indexOf(disk.getTarget());
    if (place >= 0) {
      line(3, "<boot order='%d'/>".formatted(place + 1));
    }
    line(2, "</disk>");
  }

  private void networkInterface(NetworkInterface network) {
    line(2, "<interface type='user'>");
    if (!network.getMacAddress().isEmpty()) {
      line(3, "<mac address='%s'/>".formatted(XmlText.attribute(network.getMacAddress())));
    }
    line(3, "<model type='virtio'/>");
    for (PortForward forward : network.getUser().getPortForwardsList()) {
      line(3, "<portForward proto='tcp' address='127.0.0.1'>");
      line(
          4,
          "<range start='%d' to='%d'/>".formatted(forward.getHostPort(), forward.getGuestPort()));
      line(3, "</portForward>");
    }
    line(2, "</interface>");
  }

  /** libvirt's file console needs a path; one whose path the daemon chooses is a pty there. */
  private void serial(SerialConsole console, int port) {
    if (console.getLogPath().isEmpty()) {
      line(2, "<serial type='pty'>");
    } else {
      line(2, "<serial type='file'>");
      line(3, "<source path='%s'/>".formatted(XmlText.attribute(console.getLogPath())));
    }
    line(3, "<target type='isa-serial' port='%d'/>".formatted(port));
    line(2, "</serial>");
  }

  private void element(int depth, String name, String value) {
    line(depth, "<%s>%s</%s>".formatted(name, XmlText.escape(value), name));
  }

  private void optional(int depth, String name, String value) {
    if (!value.isEmpty()) {
      element(depth, name, value);
    }
  }

  private void line(int depth, String written) {
    text.append("  ".repeat(depth)).append(written).append('\n');
  }
}
