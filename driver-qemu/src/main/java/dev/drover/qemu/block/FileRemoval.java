package dev.drover.qemu.block;

import dev.drover.qemu.image.FileIdentity;
import dev.drover.qemu.journal.DoomedFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

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
          unlink(jobId, file.path(), () -> file.stillThere() || gone(Path.of(file.path())));
      note(file.path(), why, deleted, warnings);
    }
    return new Removed(deleted, warnings);
  }

  /**
   * Unlinks a file that was made for a job and holds nothing usable.
   *
   * @param made the file, where it is known; else whatever is at the path is taken for it
   */
  Removed removeCreated(String jobId, String path, Optional<DoomedFile> made) {
    if (made.isPresent()) {
      return remove(jobId, List.of(made.get()));
    }
    List<String> deleted = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Optional<FileIdentity> found = FileIdentity.of(Path.of(path));
    note(
        path,
        unlink(jobId, path, () -> FileIdentity.of(Path.of(path)).equals(found)),
        deleted,
        warnings);
    return new Removed(deleted, warnings);
  }

  private static void note(
      String path, Optional<String> why, List<String> deleted, List<String> warnings) {
    why.ifPresentOrElse(
        reason -> warnings.add("'%s' was not deleted: %s".formatted(path, reason)),
        () -> deleted.add(path));
  }

  private static boolean gone(Path path) {
    return Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Looks at the file before and after its holders, since reading their chains takes time. */
  private Optional<String> unlink(String jobId, String text, BooleanSupplier sameFile) {
    Path path = Path.of(text);
    Optional<String> why =
        unfit(path, sameFile).or(() -> holders.holder(jobId, text)).or(() -> unfit(path, sameFile));
    if (why.isPresent()) {
      return why;
    }
    try {
      Files.deleteIfExists(path);
      return Optional.empty();
    } catch (AccessDeniedException e) {
      return Optional.of(
          "user '%s' may not remove files from its directory"
              .formatted(System.getProperty("user.name")));
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> unfit(Path path, BooleanSupplier sameFile) {
    if (!sameFile.getAsBoolean()) {
      return Optional.of("it is not the file that the job worked on; it was put there since");
    }
    if (Files.isSymbolicLink(path)) {
      return Optional.of("it is a symbolic link; what it leads to would be left behind");
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path)) {
      return Optional.of("it is not a plain file");
    }
    return Optional.empty();
  }
}
