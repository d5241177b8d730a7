package dev.drover.client.cli;

import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;

/**
 * Writes a snapshot as libvirt's {@code <domainsnapshot>}. In place of the domain's XML, which
 * Drover has none of, stands its UUID, as libvirt allows. A disk's source is its overlay, in which
 * it went on; a disk whose state is gone is left out.
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
    text.append("  <memory snapshot='no'/>\n");
    if (snapshot.getDisksCount() > 0) {
      text.append("  <disks>\n");
      snapshot.getDisksList().forEach(this::disk);
      text.append("  </disks>\n");
    }
    if (!snapshot.getDomainUuid().isEmpty()) {
      nested("domain", "uuid", snapshot.getDomainUuid());
    }
    text.append("</domainsnapshot>");
  }

  private void disk(SnapshotDisk disk) {
    switch (disk.getMode()) {
      case SNAPSHOT_DISK_MODE_EXTERNAL, SNAPSHOT_DISK_MODE_UNSPECIFIED, UNRECOGNIZED ->
          external(disk);
      case SNAPSHOT_DISK_MODE_EXCLUDED ->
          text.append("    <disk name='")
              .append(attribute(disk.getTarget()))
              .append("' snapshot='no'/>\n");
      case SNAPSHOT_DISK_MODE_MERGED -> {
        // It is not part of the snapshot any more.
      }
    }
  }

  private void external(SnapshotDisk disk) {
    String target = disk.getTarget();
    Image overlay = disk.getOverlay();
    if (disk.getStateLost()) {
      text.append("    <!-- the state of disk '")
          .append(comment(target))
          .append("' was lost by job ")
          .append(comment(disk.getLostByJob()))
          .append(" -->\n");
    }
    text.append("    <disk name='")
        .append(attribute(target))
        .append("' snapshot='external' type='file'>\n");
    if (overlay.getFormat() != ImageFormat.IMAGE_FORMAT_UNSPECIFIED) {
      text.append("      <driver type='").append(Texts.format(overlay.getFormat())).append("'/>\n");
    }
    text.append("      <source file='").append(attribute(overlay.getPath())).append("'/>\n");
    text.append("    </disk>\n");
  }

  private void element(String name, String value) {
    text.append("  <%s>%s</%s>\n".formatted(name, escape(value), name));
  }

  private void nested(String name, String inner, String value) {
    text.append("  <%s>\n  ".formatted(name));
    element(inner, value);
    text.append("  </%s>\n".formatted(name));
  }

  /** Two dashes in a row would end a comment. */
  private static String comment(String value) {
    return escape(value).replaceAll("-(?=-)", "- ");
  }

  /** Line breaks and tabs would be read as spaces. */
  private static String attribute(String value) {
    return escape(value).replace("\n", "&#10;").replace("\t", "&#9;");
  }

  /** What XML cannot hold at all becomes the replacement character. */
  private static String escape(String value) {
    StringBuilder escaped = new StringBuilder(value.length());
    value
        .codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '\'' -> escaped.append("&apos;");
                case '"' -> escaped.append("&quot;");
                case '\n', '\t' -> escaped.appendCodePoint(point);
                case '\r' -> escaped.append("&#13;");
                default -> escaped.appendCodePoint(allowed(point) ? point : 0xfffd);
              }
            });
    return escaped.toString();
  }

  private static boolean allowed(int point) {
    return point >= 0x20
        && !(point >= 0xd800 && point <= 0xdfff)
        && point != 0xfffe
        && point != 0xffff;
  }
}
