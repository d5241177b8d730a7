package dev.drover.client.cli;

import dev.drover.client.cli.XmlElement.Fault;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads libvirt's {@code <domainsnapshot>} as a request for a snapshot. What Drover does not do is
 * refused by name. Elements that libvirt itself only reports - state, parent, creation time, domain
 * - are allowed and listed, so that what {@code snapshot-dumpxml} printed can be used again and a
 * person is told what does not count.
 *
 * @param request name, description, memory and disks; the domain is not set
 * @param withoutMemory true where the document says that memory is left out
 * @param informational names of elements that do not count, in the order written
 */
record SnapshotDocument(
    CreateSnapshotRequest request, boolean withoutMemory, List<String> informational) {
  private static final String ROOT = "domainsnapshot";
  private static final String MIRROR = "mirror";

  /** What libvirt takes where no document is given. */
  static SnapshotDocument empty() {
    return new SnapshotDocument(CreateSnapshotRequest.getDefaultInstance(), false, List.of());
  }

  /**
   * Reads a file's content.
   *
   * @param file its name, for messages
   * @throws CommandFailure naming the line and what is wrong there
   */
  static SnapshotDocument parse(String file, byte[] content) {
    try {
      return new Reading().root(XmlElement.parse(content));
    } catch (Fault e) {
      throw new CommandFailure("File '%s': %s".formatted(file, e.getMessage()));
    }
  }

  private static final class Reading {
    private final CreateSnapshotRequest.Builder request = CreateSnapshotRequest.newBuilder();
    private final List<String> informational = new ArrayList<>();
    private boolean withoutMemory;

    SnapshotDocument root(XmlElement root) throws Fault {
      if (!root.name().equals(ROOT)) {
        throw new Fault(root.line(), "expected <%s>, got <%s>".formatted(ROOT, root.name()));
      }
      root.onlyAttributes(Set.of());
      root.noText();
      root.once();
      for (XmlElement child : root.children()) {
        switch (child.name()) {
          case "name" -> request.setName(text(child));
          case "description" -> request.setDescription(text(child));
          case "memory" -> memory(child);
          case "disks" -> disks(child);
          case "state", "parent", "creationTime", "domain" -> informational.add(child.name());
          default -> throw root.unsupported(child);
        }
      }
      return new SnapshotDocument(request.build(), withoutMemory, List.copyOf(informational));
    }

    private void memory(XmlElement memory) throws Fault {
      memory.onlyAttributes(Set.of("snapshot", "file"));
      empty(memory);
      memory
          .understood(
              () ->
                  MemorySpec.memory(
                      memory.attributes().getOrDefault("file", ""),
                      memory.attributes().getOrDefault("snapshot", ""),
                      "<memory>"))
          .ifPresentOrElse(request::setMemory, () -> withoutMemory = true);
    }

    private void disks(XmlElement disks) throws Fault {
      disks.onlyAttributes(Set.of());
      disks.noText();
      for (XmlElement disk : disks.children()) {
        if (!disk.name().equals("disk")) {
          throw disks.unsupported(disk);
        }
        SnapshotDisk read = disk(disk);
        request.addDisks(read);
        for (XmlElement child : disk.children()) {
          if (child.name().equals(MIRROR)) {
            request.addCopies(mirror(read.getTarget(), child));
          }
        }
      }
    }

    private static SnapshotDisk disk(XmlElement disk) throws Fault {
      disk.onlyAttributes(Set.of("name", "snapshot", "type"));
      disk.noText();
      disk.once();
      SnapshotDisk.Builder read = SnapshotDisk.newBuilder().setTarget(disk.required("name"));
      if (disk.attributes().containsKey("snapshot")) {
        String mode = disk.required("snapshot");
        read.setMode(disk.understood(() -> DiskSpecs.mode(mode)));
      }
      if (!disk.attributes().getOrDefault("type", "file").equals("file")) {
        throw new Fault(
            disk.line(),
            "<disk type='%s'> is not supported, only file"
                .formatted(disk.attributes().get("type")));
      }
      Image.Builder overlay = Image.newBuilder();
      boolean described = false;
      for (XmlElement child : disk.children()) {
        switch (child.name()) {
          case "source" -> {
            child.onlyAttributes(Set.of("file"));
            empty(child);
            overlay.setPath(DiskSpecs.path(child.required("file")));
            described = true;
          }
          case "driver" -> {
            child.onlyAttributes(Set.of("type"));
            empty(child);
            overlay.setFormat(ImageFormats.of(child, "type"));
            described = true;
          }
          case MIRROR -> empty(child);
          default -> throw disk.unsupported(child);
        }
      }
      if (!disk.children().isEmpty()) {
        String child = disk.children().getFirst().name();
        if (read.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED) {
          throw new Fault(
              disk.line(),
              "disk '%s' takes no part: <%s> means nothing there"
                  .formatted(read.getTarget(), child));
        }
        if (read.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL) {
          throw new Fault(
              disk.line(),
              "disk '%s' stays on its image: <%s> means nothing there"
                  .formatted(read.getTarget(), child));
        }
      }
      if (described) {
        read.setOverlay(overlay);
      }
      return read.build();
    }

    /** A copy that begins with the snapshot; a format that is not named is the overlay's. */
    private static BlockCopyRequest mirror(String target, XmlElement mirror) throws Fault {
      mirror.onlyAttributes(Set.of("file", "format", "shallow", "reuse", "then"));
      BlockCopyRequest.Builder copy =
          BlockCopyRequest.newBuilder()
              .setDisk(target)
              .setShallow(mirror.yes("shallow"))
              .setReuseExternal(mirror.yes("reuse"));
      copy.getDestinationBuilder()
          .setPath(DiskSpecs.path(mirror.required("file")))
          .setFormat(
              mirror.attributes().containsKey("format")
                  ? ImageFormats.of(mirror, "format")
                  : ImageFormat.IMAGE_FORMAT_QCOW2);
      if (mirror.attributes().containsKey("then")) {
        String then = mirror.required("then");
        copy.setAutoComplete(mirror.understood(() -> CopySpecs.completion(target, then)));
      }
      return copy.build();
    }

    private static String text(XmlElement element) throws Fault {
      element.onlyAttributes(Set.of());
      if (!element.children().isEmpty()) {
        throw element.unsupported(element.children().getFirst());
      }
      return element.text();
    }

    private static void empty(XmlElement element) throws Fault {
      element.noText();
      if (!element.children().isEmpty()) {
        throw element.unsupported(element.children().getFirst());
      }
    }
  }
}
