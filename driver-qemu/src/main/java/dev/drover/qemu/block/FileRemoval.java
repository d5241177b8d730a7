package dev.drover.qemu.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Unlinks files that a job has made worthless, each only where no known domain needs it (R3). */
final class FileRemoval {

  private final ImageHolders holders;

  FileRemoval(ImageHolders holders) {
    this.holders = holders;
  }

  /**
   * What became of files that were to go.
   *
   * @param deleted files that are gone
   * @param warnings why the others are still there
   */
  record Removed(List<String> deleted, List<String> warnings) {}

  /** Unlinks files; what cannot be unlinked is told, and is no failure (C13). */
  Removed remove(List<String> paths) {
    List<String> deleted = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (String path : paths) {
      refusal(path)
          .ifPresentOrElse(
              why -> warnings.add("'%s' was not deleted: %s".formatted(path, why)),
              () -> deleted.add(path));
    }
    return new Removed(deleted, warnings);
  }

  private Optional<String> refusal(String text) {
    Path path = Path.of(text);
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path)) {
      return Optional.of("it is not a plain file");
    }
    Optional<String> holder = holders.holder(text);
    if (holder.isPresent()) {
      return holder;
    }
    try {
      Files.deleteIfExists(path);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }
}
