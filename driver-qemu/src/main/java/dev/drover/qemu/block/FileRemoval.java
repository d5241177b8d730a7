package dev.drover.qemu.block;

import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.journal.DoomedFile;
import dev.drover.spi.error.DriverException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
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
      unlink(jobId, file)
          .ifPresentOrElse(
              why -> warnings.add("'%s' was not deleted: %s".formatted(file.path(), why)),
              () -> deleted.add(file.path()));
    }
    return new Removed(deleted, warnings);
  }

  /**
   * Unlinks a file that was made for a job and holds nothing usable.
   *
   * @param made the file, where it is known; else whatever is at the path is taken for it
   */
  Removed removeCreated(String jobId, String path, Optional<DoomedFile> made) {
    try {
      return remove(
          jobId,
          List.of(
              made.orElseGet(
                  () -> ImageFiles.asked(path, () -> DoomedFile.of(path, Optional.empty())))));
    } catch (DriverException e) {
      return new Removed(
          List.of(), List.of("'%s' was not deleted: %s".formatted(path, e.getMessage())));
    }
  }

  private static boolean gone(Path path) {
    return Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Looks at the file before and after its holders, since reading their chains takes time. */
  private Optional<String> unlink(String jobId, DoomedFile file) {
    Path path = Path.of(file.path());
    Optional<String> why =
        unfit(file).or(() -> holders.holder(jobId, file.path())).or(() -> unfit(file));
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

  private static Optional<String> unfit(DoomedFile file) {
    try {
      return ImageFiles.asked(file.path(), () -> unfit(file, Path.of(file.path())));
    } catch (DriverException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private static Optional<String> unfit(DoomedFile file, Path path) {
    if (!file.stillThere() && !gone(path)) {
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
