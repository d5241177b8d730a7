package dev.drover.qemu.image;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What the file system says about an image file, and does for it. */
public final class ImageFiles {

  static final String MAKE_ROOM = "make room on its file system, then try again";

  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_BLOCK_DEVICE = 0060000;

  /** For questions about files of others, who must not hold up whoever asks. */
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(5);

  private ImageFiles() {}

  /**
   * Whether two paths lead to one file: by links, hard links or another spelling. A file whose file
   * system does not answer is not one whose file system does.
   *
   * @throws DriverException DEADLINE_EXCEEDED where neither file system answers
   */
  public static boolean same(String one, String other) {
    return one.equals(other) || KnownFiles.at(Set.of(one)).include(other);
  }

  /**
   * Asks about a file that may lie on a file system which does not answer.
   *
   * @param path the file, on which what is asked depends
   * @throws DriverException DEADLINE_EXCEEDED where it has not answered for five seconds, and what
   *     the question raises
   */
  public static <T> T asked(String path, Supplier<T> question) {
    return asked(FileQuestions.HOST, path, SHORT_PATIENCE, question);
  }

  /**
   * Refuses a path whose file system does not answer, before more is asked about it.
   *
   * @throws DriverException DEADLINE_EXCEEDED
   */
  public static void requireAnswer(String path) {
    var _ = asked(path, () -> true);
  }

  /**
   * Whether a path leads to anything.
   *
   * @throws DriverException DEADLINE_EXCEEDED
   */
  public static boolean exists(String path) {
    return asked(path, () -> Files.exists(Path.of(path)));
  }

  /**
   * Whether anything is at a path itself, be it a link that leads nowhere.
   *
   * @throws DriverException DEADLINE_EXCEEDED
   */
  public static boolean isThere(String path) {
    return asked(path, () -> Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS));
  }

  /** {@link #asked} with other questions, or another patience. */
  static <T> T asked(
      FileQuestions questions, String path, Duration patience, Supplier<T> question) {
    try {
      return questions.answer(path, patience, question::get);
    } catch (FileQuestions.Unanswered e) {
      throw unanswered(path, e);
    } catch (IOException e) {
      throw new IllegalStateException("failures of files are told as refusals", e);
    }
  }

  static Optional<FileIdentity> identity(String path) throws IOException {
    return FileQuestions.HOST.answer(path, SHORT_PATIENCE, () -> FileIdentity.of(Path.of(path)));
  }

  /** The refusal where a file system does not answer. */
  static DriverException unanswered(String path, FileQuestions.Unanswered silence) {
    return DriverException.causedBy(
        silence,
        ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
        "image '%s' cannot be looked at: %s".formatted(path, silence.getMessage()),
        "path",
        path);
  }

  /**
   * Makes sure that what was written to a file survives a crash of the host.
   *
   * @throws DriverException JOB_IO_ERROR
   */
  public static void sync(String path) {
    try {
      force(Path.of(path), StandardOpenOption.READ);
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_JOB_IO_ERROR,
          "what was written to '%s' cannot be made durable: %s".formatted(path, e.getMessage()),
          "operation",
          "fsync");
    }
  }

  /**
   * Makes an empty file where none is.
   *
   * @throws DriverException DESTINATION_EXISTS (E18), NO_SPACE, IMAGE_NOT_FOUND where its directory
   *     is not there, IMAGE_ACCESS_DENIED
   */
  public static void createNew(Path file) {
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException _) {
      throw cameUp(file);
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          unmade(e),
          "'%s' cannot be made: %s".formatted(file, why(e)),
          "path",
          file.toString(),
          "access",
          "write");
    }
  }

  /** The refusal where a file is in the place of one that was going to be made. */
  public static DriverException cameUp(Path file) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        "'%s' has come up meanwhile; choose another path".formatted(file),
        "path",
        file.toString());
  }

  private static ErrorReason unmade(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND;
    }
    return tellsNoSpace(String.valueOf(failure.getMessage()))
        ? ErrorReason.ERROR_REASON_NO_SPACE
        : ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED;
  }

  /** Java tells two of the causes by the kind of exception alone. */
  private static String why(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "its directory does not exist";
      case AccessDeniedException _ ->
          "user '%s' may not write to its directory".formatted(System.getProperty("user.name"));
      default -> told(failure);
    };
  }

  /** Why a file could not be read or written, and what to do about it, in words for people. */
  public static String told(IOException failure) {
    String text =
        switch (failure) {
          case NoSuchFileException _ -> "it does not exist";
          case AccessDeniedException _ ->
              "user '%s' may not do that".formatted(System.getProperty("user.name"));
          case FileAlreadyExistsException _ -> "something is there already";
          default ->
              Optional.ofNullable(failure.getMessage()).orElse(failure.getClass().getSimpleName());
        };
    return text + remedy(text);
  }

  /**
   * What to do about a failure's text that says there is no room; empty: it says something else.
   */
  public static String remedy(String text) {
    return tellsNoSpace(text) ? "; " + MAKE_ROOM : "";
  }

  /** Makes sure that a file which was made, and its name, survive a crash of the host. */
  public static void syncNew(Path file) throws IOException {
    force(file, StandardOpenOption.WRITE);
    force(file.resolveSibling(""), StandardOpenOption.READ);
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** Whether a failure's text says that a file system has no room. */
  public static boolean tellsNoSpace(String text) {
    return text.contains("No space left on device") || text.contains("Disk quota exceeded");
  }

  /**
   * Whether a file is a regular one in which nothing is. The kernel's own files claim to be, and
   * are told by what can be read of them.
   */
  public static boolean isEmptyFile(Path path) throws IOException {
    if (!Files.isRegularFile(path) || Files.size(path) > 0) {
      return false;
    }
    try (InputStream contents = Files.newInputStream(path)) {
      return contents.read() < 0;
    }
  }

  /** Whether the path leads to a block device; false for what does not exist. */
  public static boolean isBlockDevice(Path path) {
    try {
      Map<String, Object> attributes = Files.readAttributes(path, "unix:mode");
      return attributes.get("mode") instanceof Integer mode
          && (mode & TYPE_MASK) == TYPE_BLOCK_DEVICE;
    } catch (IOException e) {
      return false;
    }
  }
}
