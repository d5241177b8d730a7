package dev.drover.qemu.block;

import dev.drover.qemu.journal.DoomedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Unlinks files that a job has made worthless: each only where it is still the file that the job
 * worked on, and no known domain needs it at that moment (R3).
 */
public final class FileRemoval {

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
  public record Removed(List<String> deleted, List<String> warnings) {}

  /**
   * Unlinks files; what cannot be unlinked is told, and is no failure (C13).
   *
   * @param jobId job that made them worthless
   */
  public Removed remove(String jobId, List<DoomedFile> files) {
    List<String> deleted = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (DoomedFile file : files) {
      Optional<String> why =
          file.stillThere() || !Files.exists(Path.of(file.path()), LinkOption.NOFOLLOW_LINKS)
              ? unlink(jobId, file.path())
              : Optional.of("it is not the file that the job worked on; it was put there since");
      note(file.path(), why, deleted, warnings);
    }
    return new Removed(deleted, warnings);
  }

  /** Unlinks a file that was made for a job and holds nothing usable. */
  Removed removeCreated(String jobId, String path) {
    List<String> deleted = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    note(path, unlink(jobId, path), deleted, warnings);
    return new Removed(deleted, warnings);
  }

  private static void note(
      String path, Optional<String> why, List<String> deleted, List<String> warnings) {
    why.ifPresentOrElse(
        reason -> warnings.add("'%s' was not deleted: %s".formatted(path, reason)),
        () -> deleted.add(path));
  }

  private Optional<String> unlink(String jobId, String text) {
    Path path = Path.of(text);
    if (Files.isSymbolicLink(path)) {
      return Optional.of("it is a symbolic link; what it leads to would be left behind");
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path)) {
      return Optional.of("it is not a plain file");
    }
    Optional<String> holder = holders.holder(jobId, text);
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
