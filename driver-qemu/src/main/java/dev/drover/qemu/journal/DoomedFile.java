package dev.drover.qemu.journal;

import dev.drover.qemu.image.FileIdentity;
import dev.drover.qemu.image.OpenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A file that is to be unlinked, after a job's success or where what it was made for did not come
 * about, as it was when that was planned, so that a file put in its place is never taken for it
 * (R3). A file system may give the number of a file that is gone to the next one; so where it knows
 * when a file was born, that must agree too.
 *
 * @param path absolute path
 * @param device number of its file system
 * @param inode number of the file; 0: what lay at the path was not the file that QEMU had open
 * @param bornNanos when the file was born, in nanoseconds since the epoch; 0: not known
 */
public record DoomedFile(String path, long device, long inode, long bornNanos) {

  /** A file of which it is not known when it was born. */
  public DoomedFile(String path, long device, long inode) {
    this(path, device, inode, 0);
  }

  /**
   * The file at a path.
   *
   * @param open files that the process has open which works on the chain, where that is known
   */
  public static DoomedFile of(String path, Optional<OpenFiles> open) {
    return FileIdentity.of(Path.of(path))
        .filter(found -> open.map(files -> files.files().contains(found)).orElse(true))
        .map(found -> new DoomedFile(path, found.device(), found.inode(), born(Path.of(path))))
        .orElseGet(() -> new DoomedFile(path, 0, 0));
  }

  /** The file of which {@link #identity} was kept. */
  public static DoomedFile known(String path, String identity) {
    List<Long> numbers = Stream.of(identity.split(":", -1)).map(Long::valueOf).toList();
    return new DoomedFile(path, numbers.get(0), numbers.get(1), numbers.get(2));
  }

  /** What tells it from another file that is put in its place, as one word. */
  public String identity() {
    return "%d:%d:%d".formatted(device, inode, bornNanos);
  }

  /** Whether it has the numbers of a file that was found, perhaps at another path. */
  public boolean isLike(FileIdentity found) {
    return new FileIdentity(device, inode).equals(found);
  }

  /**
   * A file that has just been made, and that nobody has written to. Where it is not known when a
   * file was born Java tells when it was changed last; so for a moment it was changed long ago.
   */
  public static DoomedFile made(String path) {
    try {
      Files.setLastModifiedTime(Path.of(path), FileTime.from(Instant.EPOCH));
    } catch (IOException _) {
      // Without that the file is told by its number alone.
    }
    return of(path, Optional.empty());
  }

  /** True where the path still leads to that file. */
  public boolean stillThere() {
    return inode != 0
        && FileIdentity.of(Path.of(path))
            .filter(this::isLike)
            .filter(_ -> bornNanos == 0 || bornNanos == creationNanos(Path.of(path)))
            .isPresent();
  }

  /** Where it is not known, Java tells the time of the last change instead. */
  private static long born(Path path) {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      return found.creationTime().equals(found.lastModifiedTime())
          ? 0
          : found.creationTime().to(TimeUnit.NANOSECONDS);
    } catch (IOException e) {
      return 0;
    }
  }

  private static long creationNanos(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class)
          .creationTime()
          .to(TimeUnit.NANOSECONDS);
    } catch (IOException e) {
      return 0;
    }
  }
}
