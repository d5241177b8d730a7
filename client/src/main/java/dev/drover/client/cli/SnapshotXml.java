package dev.drover.client.cli;

import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotMemory;
import java.util.List;
import java.util.Optional;

/**
 * Writes a snapshot as libvirt's {@code <domainsnapshot>}. Of the domain, which a snapshot has no
 * definition of, stand its UUID and its disks on the images that hold the moment. A disk's own
 * source is its overlay, in which it went on; a disk whose state is gone is left out.
 */
final class SnapshotXml {
  private final StringBuilder text = new StringBuilder(512);

  private SnapshotXml() {}

  /** The document, without a line break at its end. */
  static String write(Snapshot snapshot) {
    SnapshotXml xml = new SnapshotXml();
    xml.append(snapshot);
    return xml.text.toString();
  }

  /** What virsh makes of the arguments of {@code snapshot-create-as}, which has no record yet. */
  static String write(CreateSnapshotRequest request) {
    SnapshotXml xml = new SnapshotXml();
    xml.append(request);
    return xml.text.toString();
  }

  private void append(CreateSnapshotRequest request) {
    text.append("<domainsnapshot>\n");
    if (!request.getName().isEmpty()) {
      element("name", request.getName());
    }
    if (!request.getDescription().isEmpty()) {
      element("description", request.getDescription());
    }
    if (request.hasMemory()) {
      memory(request.getMemory());
    }
    if (request.getDisksCount() > 0) {
      text.append("  <disks>\n");
      for (SnapshotDisk disk : request.getDisksList()) {
        Optional<BlockCopyRequest> copy =
            request.getCopiesList().stream()
                .filter(each -> each.getDisk().equals(disk.getTarget()))
                .findFirst();
        if (disk.hasOverlay() || copy.isPresent()) {
          external(disk, copy);
        } else {
          text.append("    <disk name='").append(XmlText.attribute(disk.getTarget())).append('\'');
          switch (disk.getMode()) {
            case SNAPSHOT_DISK_MODE_EXTERNAL -> text.append(" snapshot='external'");
            case SNAPSHOT_DISK_MODE_INTERNAL -> text.append(" snapshot='internal'");
            case SNAPSHOT_DISK_MODE_EXCLUDED -> text.append(" snapshot='no'");
            case SNAPSHOT_DISK_MODE_UNSPECIFIED, SNAPSHOT_DISK_MODE_MERGED, UNRECOGNIZED -> {}
          }
          text.append("/>\n");
        }
      }
      text.append("  </disks>\n");
    }
    text.append("</domainsnapshot>");
  }

  private void append(Snapshot snapshot) {
    text.append("<domainsnapshot>\n");
    element("name", snapshot.getName());
    if (!snapshot.getDescription().isEmpty()) {
      element("description", snapshot.getDescription());
    }
    element("state", Texts.snapshotState(snapshot));
    if (!snapshot.getParent().isEmpty()) {
      nested("parent", "name", snapshot.getParent());
    }
    if (snapshot.hasCreateTime()) {
      element("creationTime", Long.toString(snapshot.getCreateTime().getSeconds()));
    }
    if (snapshot.hasMemory()) {
      memory(snapshot.getMemory());
    } else {
      text.append("  <memory snapshot='no'/>\n");
    }
    if (snapshot.getDisksCount() > 0) {
      text.append("  <disks>\n");
      snapshot.getDisksList().forEach(this::disk);
      text.append("  </disks>\n");
    }
    if (!snapshot.getDomainUuid().isEmpty()) {
      text.append("  <domain>\n  ");
      element("uuid", snapshot.getDomainUuid());
      moment(snapshot.getDisksList());
      text.append("  </domain>\n");
    }
    text.append("</domainsnapshot>");
  }

  private void memory(SnapshotMemory memory) {
    if (memory.getPath().isEmpty()) {
      text.append("  <memory snapshot='internal'/>\n");
      return;
    }
    text.append("  <memory snapshot='external' file='")
        .append(XmlText.attribute(memory.getPath()))
        .append("'/>\n");
  }

  private void moment(List<SnapshotDisk> disks) {
    List<SnapshotDisk> held =
        disks.stream().filter(disk -> disk.hasFrozen() || disk.hasInside()).toList();
    if (held.isEmpty()) {
      return;
    }
    text.append("    <devices>\n");
    for (SnapshotDisk disk : held) {
      Image image = disk.hasFrozen() ? disk.getFrozen() : disk.getInside();
      text.append("      <disk type='file' device='disk'>\n        <driver type='")
          .append(Texts.format(image.getFormat()))
          .append("'/>\n        <source file='")
          .append(XmlText.attribute(image.getPath()))
          .append("'/>\n        <target dev='")
          .append(XmlText.attribute(disk.getTarget()))
          .append("'/>\n      </disk>\n");
    }
    text.append("    </devices>\n");
  }

  private void disk(SnapshotDisk disk) {
    switch (disk.getMode()) {
      case SNAPSHOT_DISK_MODE_EXTERNAL, SNAPSHOT_DISK_MODE_UNSPECIFIED, UNRECOGNIZED ->
          external(disk);
      case SNAPSHOT_DISK_MODE_INTERNAL ->
          text.append("    <disk name='")
              .append(XmlText.attribute(disk.getTarget()))
              .append("' snapshot='internal'/>\n");
      case SNAPSHOT_DISK_MODE_EXCLUDED ->
          text.append("    <disk name='")
              .append(XmlText.attribute(disk.getTarget()))
              .append("' snapshot='no'/>\n");
      case SNAPSHOT_DISK_MODE_MERGED -> {
        // It is not part of the snapshot any more.
      }
    }
  }

  private void external(SnapshotDisk disk) {
    external(disk, Optional.empty());
  }

  private void external(SnapshotDisk disk, Optional<BlockCopyRequest> copy) {
    String target = disk.getTarget();
    Image overlay = disk.getOverlay();
    if (disk.getStateLost()) {
      text.append("    <!-- the state of disk '")
          .append(XmlText.comment(target))
          .append("' was lost by job ")
          .append(XmlText.comment(disk.getLostByJob()))
          .append(" -->\n");
    }
    text.append("    <disk name='")
        .append(XmlText.attribute(target))
        .append("' snapshot='external' type='file'>\n");
    if (overlay.getFormat() != ImageFormat.IMAGE_FORMAT_UNSPECIFIED) {
      text.append("      <driver type='").append(Texts.format(overlay.getFormat())).append("'/>\n");
    }
    if (!overlay.getPath().isEmpty()) {
      text.append("      <source file='")
          .append(XmlText.attribute(overlay.getPath()))
          .append("'/>\n");
    }
    copy.ifPresent(this::mirror);
    text.append("    </disk>\n");
  }

  private void mirror(BlockCopyRequest copy) {
    text.append("      <mirror file='")
        .append(XmlText.attribute(copy.getDestination().getPath()))
        .append("' format='")
        .append(Texts.format(copy.getDestination().getFormat()))
        .append('\'');
    if (copy.getShallow()) {
      text.append(" shallow='yes'");
    }
    if (copy.getReuseExternal()) {
      text.append(" reuse='yes'");
    }
    switch (copy.getAutoComplete()) {
      case JOB_COMPLETION_PIVOT -> text.append(" then='pivot'");
      case JOB_COMPLETION_KEEP -> text.append(" then='finish'");
      case JOB_COMPLETION_UNSPECIFIED, UNRECOGNIZED -> {}
    }
    text.append("/>\n");
  }

  private void element(String name, String value) {
    text.append("  <%s>%s</%s>\n".formatted(name, XmlText.escape(value), name));
  }

  private void nested(String name, String inner, String value) {
    text.append("  <%s>\n  ".formatted(name));
    element(inner, value);
    text.append("  </%s>\n".formatted(name));
  }
}
