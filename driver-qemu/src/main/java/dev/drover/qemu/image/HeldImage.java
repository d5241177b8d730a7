package dev.drover.qemu.image;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * An image that the daemon has opened for a program which is to work on it (R11). The program finds
 * it as its standard input, and so works on the very file that was checked, wherever the path leads
 * by then.
 */
final class HeldImage implements AutoCloseable {

  /** What a program that has it as its standard input opens, for whatever it wants to do. */
  static final String NAME = "/proc/self/fd/0";

  private final Path path;
  private final FileInputStream file;
  private final Path link;

  private HeldImage(Path path, FileInputStream file, Path link) {
    this.path = path;
    this.file = file;
    this.link = link;
  }

  /**
   * Opens an image.
   *
   * @param paths where it may lie
   * @throws DriverException IMAGE_NOT_FOUND, IMAGE_ACCESS_DENIED, PATH_NOT_ALLOWED, and
   *     DEADLINE_EXCEEDED where its file system does not answer
   */
  static HeldImage open(Path path, ImagePaths paths) {
    String text = path.toString();
    return ImageFiles.asked(text, () -> opened(paths.requireAsked(text), paths));
  }

  private static HeldImage opened(Path path, ImagePaths paths) {
    try {
      FileInputStream file = new FileInputStream(path.toFile());
      int number = FileDescriptorCast.using(file.getFD()).as(Integer.class);
      String mine = Long.toString(ProcessHandle.current().pid());
      HeldImage held =
          new HeldImage(path, file, Path.of("/proc", mine, "fd", Integer.toString(number)));
      held.requireAllowed(paths);
      return held;
    } catch (FileNotFoundException e) {
      throw Files.exists(path)
          ? unusable(e, path, ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED, "cannot be opened")
          : unusable(e, path, ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND, "does not exist any more");
    } catch (IOException e) {
      throw unusable(e, path, ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED, "cannot be looked at");
    }
  }

  private void requireAllowed(ImagePaths paths) throws IOException {
    String target = Files.readSymbolicLink(link).toString();
    if (!paths.allows(target)) {
      close();
      throw DriverException.of(
          ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
          ("'%s' leads to '%s' by now, outside the allowed directories; find out who changes links"
                  + " there, then try again")
              .formatted(path, target),
          "path",
          path.toString());
    }
  }

  /**
   * Refuses a file that holds something, since what is made in it would take the place of that.
   *
   * @throws DriverException DESTINATION_EXISTS (E18)
   */
  void requireEmpty() {
    try {
      if (!ImageFiles.isEmptyFile(link)) {
        throw ImageFiles.cameUp(path);
      }
    } catch (IOException e) {
      throw unusable(e, path, ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED, "cannot be looked at");
    }
  }

  /** The path by which the image is known. */
  Path path() {
    return path;
  }

  /**
   * What a program opens that reads this image among others; it leads to the image as long as that
   * is held.
   */
  String nameAmongOthers() {
    return link.toString();
  }

  /** The image as the standard input of a program. */
  Redirect input() {
    try {
      return FileDescriptorCast.using(file.getFD()).as(Redirect.class);
    } catch (IOException e) {
      throw unusable(e, path, ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED, "cannot be passed on");
    }
  }

  private static DriverException unusable(
      IOException failure, Path path, ErrorReason reason, String what) {
    return DriverException.causedBy(
        failure,
        reason,
        "image '%s' %s: %s".formatted(path, what, failure.getMessage()),
        "path",
        path.toString());
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      // It was only read.
    }
  }
}
