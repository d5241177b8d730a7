package dev.drover.client.cli;

import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobCompletion;
import java.util.List;
import java.util.Optional;

/**
 * Reads what a {@code --diskspec} says of a copy that begins with the snapshot (G12): {@code
 * copy=PATH[,copy-format=FORMAT][,copy-shallow=yes|no][,copy-reuse=yes|no][,copy-then=pivot|finish]}.
 * What is not said is as with {@code blockcopy}: the format is that of the overlay that the disk
 * goes on in.
 */
final class CopySpecs {
  private static final String PREFIX = "copy";

  private CopySpecs() {}

  /** Whether a part of a {@code --diskspec} is about the copy. */
  static boolean concerns(String key) {
    return key.equals(PREFIX) || key.startsWith(PREFIX + "-");
  }

  /**
   * The copy; empty where the text speaks of none.
   *
   * @throws CommandFailure naming the part that cannot be read
   */
  static Optional<BlockCopyRequest> parse(String diskSpec) {
    List<String> parts = DiskSpecs.split(diskSpec);
    String disk = parts.getFirst();
    BlockCopyRequest.Builder copy = BlockCopyRequest.newBuilder().setDisk(disk);
    Image.Builder destination =
        copy.getDestinationBuilder().setFormat(ImageFormat.IMAGE_FORMAT_QCOW2);
    boolean asked = false;
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals);
      if (!concerns(key)) {
        continue;
      }
      asked = true;
      String value = part.substring(equals + 1);
      switch (equals < 0 ? "" : key) {
        case "copy" -> destination.setPath(DiskSpecs.path(value));
        case "copy-format" -> destination.setFormat(ImageFormats.parse(value));
        case "copy-shallow" -> copy.setShallow(yes(disk, key, value));
        case "copy-reuse" -> copy.setReuseExternal(yes(disk, key, value));
        case "copy-then" -> copy.setAutoComplete(completion(disk, value));
        default ->
            throw new CommandFailure(
                "Disk '%s': '%s' is not one of copy=, copy-format=, copy-shallow=, copy-reuse=, copy-then="
                    .formatted(disk, part));
      }
    }
    if (asked && destination.getPath().isEmpty()) {
      throw new CommandFailure("Disk '%s': a copy needs copy=PATH".formatted(disk));
    }
    return asked ? Optional.of(copy.build()) : Optional.empty();
  }

  private static boolean yes(String disk, String key, String value) {
    return switch (value) {
      case "yes" -> true;
      case "no" -> false;
      default ->
          throw new CommandFailure(
              "Disk '%s': %s='%s' is neither yes nor no".formatted(disk, key, value));
    };
  }

  /** Reads "pivot" or "finish", as blockcopy calls them. */
  static JobCompletion completion(String disk, String value) {
    return switch (value) {
      case "pivot" -> JobCompletion.JOB_COMPLETION_PIVOT;
      case "finish" -> JobCompletion.JOB_COMPLETION_KEEP;
      default ->
          throw new CommandFailure(
              "Disk '%s': '%s' is neither pivot nor finish, after which the copy could end"
                  .formatted(disk, value));
    };
  }
}
