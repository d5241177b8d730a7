package dev.drover.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.drover.client.cli.XmlElement.Fault;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads the record of a snapshot that exists, to be entered again: what {@code snapshot-dumpxml}
 * prints, libvirt's or Drover's, or the API's message as JSON or YAML. Of libvirt's {@code
 * <domain>} only uuid, name and the disks' sources count, which say what holds the moment; whatever
 * else is in it is libvirt's. Everywhere else what is not known is refused by name.
 */
final class SnapshotRecordFile {
  private static final Set<String> OF_LIBVIRT = Set.of("cookie", "inactiveDomain", "active");

  private SnapshotRecordFile() {}

  /**
   * Reads a file.
   *
   * @param file its path; - is standard input
   * @return the record as the daemon takes it, not current
   * @throws CommandFailure naming what is wrong
   */
  static Snapshot.Builder read(String file, InputStream standardInput) {
    return parse(file, InputFile.bytes(file, standardInput));
  }

  /** Reads the content of a file whose name is used in messages. */
  static Snapshot.Builder parse(String file, byte[] content) {
    try {
      String text = InputFile.unmarked(new String(content, StandardCharsets.UTF_8));
      return text.stripLeading().startsWith("<")
          ? record(XmlElement.parse(content))
          : message(file, text);
    } catch (Fault | SpecDocument.Fault | InvalidProtocolBufferException e) {
      throw new CommandFailure("File '%s': %s".formatted(file, e.getMessage()));
    }
  }

  private static Snapshot.Builder message(String file, String text)
      throws SpecDocument.Fault, InvalidProtocolBufferException {
    Snapshot.Builder record = Snapshot.newBuilder();
    JsonFormat.parser()
        .merge(
            SpecDocument.normalize(DomainFile.tree(file, text), Snapshot.getDescriptor())
                .toString(),
            record);
    return record.clearDomainSpec().setCurrent(false);
  }

  private static Snapshot.Builder record(XmlElement root) throws Fault {
    if (!root.name().equals("domainsnapshot")) {
      throw new Fault(root.line(), "expected <domainsnapshot>, got <%s>".formatted(root.name()));
    }
    root.onlyAttributes(Set.of());
    root.noText();
    root.once();
    Snapshot.Builder record = Snapshot.newBuilder();
    Map<String, Image> moment = new HashMap<>();
    for (XmlElement child : root.children()) {
      switch (child.name()) {
        case "name" -> record.setName(child.text());
        case "description" -> record.setDescription(child.text());
        case "state" -> record.setDomainState(state(child));
        case "parent" -> record.setParent(child(child, "name").text());
        case "creationTime" -> record.setCreateTime(time(child));
        case "memory" -> memory(child, record);
        case "disks" -> disks(child, record);
        case "domain" -> domain(child, record, moment);
        default -> {
          if (!OF_LIBVIRT.contains(child.name())) {
            throw unsupported(root, child);
          }
        }
      }
    }
    for (SnapshotDisk.Builder disk : record.getDisksBuilderList()) {
      Image held = moment.get(disk.getTarget());
      if (held != null && disk.getMode() != SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED) {
        boolean inside = disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL;
        var _ = inside ? disk.setInside(held) : disk.setFrozen(held);
      }
    }
    return record;
  }

  private static DomainState state(XmlElement state) throws Fault {
    return switch (state.text()) {
      case "disk-snapshot", "running" -> DomainState.DOMAIN_STATE_RUNNING;
      case "paused" -> DomainState.DOMAIN_STATE_PAUSED;
      case "shutoff" -> DomainState.DOMAIN_STATE_SHUT_OFF;
      case "crashed" -> DomainState.DOMAIN_STATE_CRASHED;
      default -> throw new Fault(state.line(), "<state> '%s' is not known".formatted(state.text()));
    };
  }

  private static Timestamp time(XmlElement time) throws Fault {
    try {
      return Timestamp.newBuilder().setSeconds(Long.parseLong(time.text().strip())).build();
    } catch (NumberFormatException e) {
      throw new Fault(
          time.line(),
          "<creationTime> '%s' is no number of seconds since 1970".formatted(time.text()));
    }
  }

  private static void memory(XmlElement memory, Snapshot.Builder record) throws Fault {
    memory.onlyAttributes(Set.of("snapshot", "file"));
    String mode = memory.attributes().getOrDefault("snapshot", "");
    switch (mode) {
      case "no" -> {}
      case "internal" -> record.setMemory(SnapshotMemory.getDefaultInstance());
      // Whose memory it is, the daemon knows.
      case "external" ->
          record.setMemory(
              SnapshotMemory.newBuilder().setPath(DiskSpecs.path(required(memory, "file"))));
      default ->
          throw new Fault(
              memory.line(),
              "<memory snapshot='%s'> is not known: 'no', 'internal' or 'external'"
                  .formatted(mode));
    }
  }

  private static void disks(XmlElement disks, Snapshot.Builder record) throws Fault {
    disks.onlyAttributes(Set.of());
    disks.noText();
    for (XmlElement disk : disks.children()) {
      if (!disk.name().equals("disk")) {
        throw unsupported(disks, disk);
      }
      disk.onlyAttributes(Set.of("name", "snapshot", "type"));
      disk.noText();
      disk.once();
      if (!disk.attributes().getOrDefault("type", "file").equals("file")) {
        throw new Fault(
            disk.line(),
            "<disk type='%s'> is not supported, only file"
                .formatted(disk.attributes().get("type")));
      }
      SnapshotDisk.Builder read = record.addDisksBuilder().setTarget(required(disk, "name"));
      try {
        read.setMode(DiskSpecs.mode(disk.attributes().getOrDefault("snapshot", "external")));
      } catch (CommandFailure e) {
        throw new Fault(disk.line(), String.join(": ", e.lines()));
      }
      if (read.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL) {
        image(disk, ImageFormat.IMAGE_FORMAT_QCOW2, read);
      }
    }
  }

  private static void image(XmlElement disk, ImageFormat otherwise, SnapshotDisk.Builder read)
      throws Fault {
    Image.Builder overlay = Image.newBuilder().setFormat(otherwise);
    for (XmlElement child : disk.children()) {
      switch (child.name()) {
        case "source" -> {
          child.onlyAttributes(Set.of("file"));
          overlay.setPath(DiskSpecs.path(required(child, "file")));
        }
        case "driver" -> {
          child.onlyAttributes(Set.of("type"));
          overlay.setFormat(format(child));
        }
        default -> throw unsupported(disk, child);
      }
    }
    if (!overlay.getPath().isEmpty()) {
      read.setOverlay(overlay);
    }
  }

  private static void domain(XmlElement domain, Snapshot.Builder record, Map<String, Image> moment)
      throws Fault {
    for (XmlElement child : domain.children()) {
      switch (child.name()) {
        case "uuid" -> record.setDomainUuid(child.text().strip());
        case "name" -> record.setDomainName(child.text());
        case "devices" -> {
          for (XmlElement device : child.children()) {
            if (device.name().equals("disk")) {
              source(device, moment);
            }
          }
        }
        default -> {
          // The rest of the definition is not what a record of disks is made of.
        }
      }
    }
  }

  /** A source without its format says nothing, since formats are never guessed (E12). */
  private static void source(XmlElement disk, Map<String, Image> moment) throws Fault {
    String target = "";
    String format = "";
    String path = "";
    for (XmlElement child : disk.children()) {
      switch (child.name()) {
        case "target" -> target = required(child, "dev");
        case "driver" -> format = child.attributes().getOrDefault("type", "");
        case "source" -> path = child.attributes().getOrDefault("file", "");
        default -> {
          // How the guest sees the disk is not what holds its moment.
        }
      }
    }
    if (!target.isEmpty() && !path.isEmpty() && (format.equals("raw") || format.equals("qcow2"))) {
      moment.put(
          target,
          Image.newBuilder()
              .setPath(DiskSpecs.path(path))
              .setFormat(ImageFormats.parse(format))
              .build());
    }
  }

  private static ImageFormat format(XmlElement driver) throws Fault {
    try {
      return ImageFormats.parse(required(driver, "type"));
    } catch (CommandFailure e) {
      throw new Fault(driver.line(), String.join(": ", e.lines()));
    }
  }

  private static XmlElement child(XmlElement parent, String name) throws Fault {
    return parent.children().stream()
        .filter(child -> child.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new Fault(parent.line(), "<%s> needs <%s>".formatted(parent.name(), name)));
  }

  private static String required(XmlElement element, String attribute) throws Fault {
    String value = element.attributes().getOrDefault(attribute, "");
    if (value.isEmpty()) {
      throw new Fault(
          element.line(), "<%s> needs attribute '%s'".formatted(element.name(), attribute));
    }
    return value;
  }

  private static Fault unsupported(XmlElement parent, XmlElement child) {
    return new Fault(
        child.line(), "<%s> in <%s> is not supported".formatted(child.name(), parent.name()));
  }
}
