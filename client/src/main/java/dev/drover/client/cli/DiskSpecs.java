package dev.drover.client.cli;

import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads virsh's {@code --diskspec DISK[,snapshot=TYPE][,driver=FORMAT][,file=PATH]}; two commas
 * stand for one. Parts about a copy are for {@link CopySpecs}.
 */
final class DiskSpecs {
  private DiskSpecs() {}

  static SnapshotDisk parse(String text) {
    List<String> parts = split(text);
    SnapshotDisk.Builder disk = SnapshotDisk.newBuilder().setTarget(parts.getFirst());
    Image.Builder overlay = Image.newBuilder();
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      if (CopySpecs.concerns(equals < 0 ? part : part.substring(0, equals))) {
        continue;
      }
      String value = part.substring(equals + 1);
      switch (equals < 0 ? "" : part.substring(0, equals)) {
        case "snapshot" -> disk.setMode(mode(value));
        case "driver" -> overlay.setFormat(ImageFormats.parse(value));
        case "file" -> overlay.setPath(path(value));
        case "stype" -> {
          if (!value.equals("file")) {
            throw new CommandFailure(
                "Disk '%s': stype '%s' is not supported, only file".formatted(text, value));
          }
        }
        default ->
            throw new CommandFailure(
                "Disk '%s': '%s' is not one of snapshot=, driver=, file=, copy="
                    .formatted(parts.getFirst(), part));
      }
    }
    if (!overlay.getPath().isEmpty()
        || overlay.getFormat() != ImageFormat.IMAGE_FORMAT_UNSPECIFIED) {
      disk.setOverlay(overlay);
    }
    return disk.build();
  }

  /** A path relative to this process means nothing to the daemon. */
  static String path(String text) {
    if (text.isEmpty()) {
      throw new CommandFailure("A path is empty");
    }
    return Path.of(text).toAbsolutePath().normalize().toString();
  }

  /** Reads "external", "internal" or "no". */
  static SnapshotDiskMode mode(String text) {
    return switch (text) {
      case "external" -> SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL;
      case "internal" -> SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL;
      case "no" -> SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED;
      default ->
          throw new CommandFailure(
              "Snapshot mode '%s' is not supported: use external, internal or no".formatted(text));
    };
  }

  /** The parts between single commas. */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != ',') {
        part.append(text.charAt(i));
      } else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
        part.append(',');
        i++;
      } else {
        parts.add(part.toString());
        part.setLength(0);
      }
    }
    parts.add(part.toString());
    return parts;
  }
}
