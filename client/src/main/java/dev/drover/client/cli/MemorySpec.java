package dev.drover.client.cli;

import dev.drover.v1.SnapshotMemory;
import java.util.List;
import java.util.Optional;

/**
 * Reads virsh's {@code --memspec [file=]PATH[,snapshot=external|internal|no]}; two commas stand for
 * one.
 */
final class MemorySpec {
  private static final SnapshotMemory INSIDE = SnapshotMemory.getDefaultInstance();

  private MemorySpec() {}

  /** The memory that is to be taken; empty: none. */
  static Optional<SnapshotMemory> parse(String text) {
    String file = "";
    String mode = "external";
    List<String> parts = DiskSpecs.split(text);
    for (int place = 0; place < parts.size(); place++) {
      String part = parts.get(place);
      int equals = part.indexOf('=');
      String value = part.substring(equals + 1);
      switch (equals < 0 ? "" : part.substring(0, equals)) {
        case "file" -> file = value;
        case "snapshot" -> mode = value;
        default -> {
          if (place > 0) {
            throw new CommandFailure(
                "Memory '%s': '%s' is not one of file=, snapshot=".formatted(text, part));
          }
          file = part;
        }
      }
    }
    return memory(file, mode, "Memory '%s'".formatted(text));
  }

  /**
   * The memory of a mode as libvirt calls it; that of an internal snapshot has no path.
   *
   * @param what what is read, for messages
   */
  static Optional<SnapshotMemory> memory(String file, String mode, String what) {
    return switch (mode) {
      case "no", "internal" -> {
        if (!file.isEmpty()) {
          throw new CommandFailure(
              "%s: a file means nothing with snapshot=%s".formatted(what, mode));
        }
        yield mode.equals("no") ? Optional.empty() : Optional.of(INSIDE);
      }
      case "external" -> {
        if (file.isEmpty()) {
          throw new CommandFailure(
              "%s: an external snapshot of memory needs a file".formatted(what));
        }
        yield Optional.of(SnapshotMemory.newBuilder().setPath(DiskSpecs.path(file)).build());
      }
      default ->
          throw new CommandFailure(
              "%s: snapshot '%s' is not supported: use external, internal or no"
                  .formatted(what, mode));
    };
  }
}
