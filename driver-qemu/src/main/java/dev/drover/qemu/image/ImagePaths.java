package dev.drover.qemu.image;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Which paths of the host a client may name: absolute, without control characters, and inside the
 * allowed directories once every symbolic link is followed. The same rule holds for what image
 * headers name.
 */
public final class ImagePaths {

  private final List<Path> allowed;

  /**
   * Makes the rule.
   *
   * @param allowed directories below which images may lie; empty: anywhere
   */
  public ImagePaths(List<Path> allowed) {
    this.allowed = allowed.stream().map(ImagePaths::real).toList();
  }

  /**
   * The path, checked, without {@code .} and {@code ..}.
   *
   * @throws DriverException PATH_NOT_ALLOWED; DEADLINE_EXCEEDED where a rule of directories asks
   *     for its links and its file system does not answer
   */
  public Path require(String text) {
    Path path = requireWritten(text);
    return limited() ? ImageFiles.asked(text, () -> requireBelow(text, path)) : path;
  }

  /** The same, as part of a question to the file system. */
  Path requireAsked(String text) {
    return requireBelow(text, requireWritten(text));
  }

  /** What can be told of a path without looking at files. */
  private static Path requireWritten(String text) {
    Path path;
    try {
      path = Path.of(text);
    } catch (InvalidPathException e) {
      throw refused(text, "it is not a path of this host");
    }
    if (!path.isAbsolute()) {
      throw refused(text, "it is not absolute");
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw refused(text, "it has control characters");
    }
    Path normalized = path.normalize();
    if (normalized.getParent() == null) {
      throw refused(text, "it is the root directory");
    }
    return normalized;
  }

  private Path requireBelow(String text, Path path) {
    if (limited()) {
      Path real = real(path);
      if (allowed.stream().noneMatch(real::startsWith)) {
        throw refused(
            text, "it leads to %s, outside the allowed directories %s".formatted(real, allowed));
      }
    }
    return path;
  }

  /** Whether there is a rule of directories. */
  boolean limited() {
    return !allowed.isEmpty();
  }

  /**
   * The path, checked, with every link followed, as part of a question to the file system.
   *
   * @throws DriverException PATH_NOT_ALLOWED
   */
  Path requireReal(String text) {
    return real(requireAsked(text));
  }

  /**
   * Whether a file may lie here, by its path alone.
   *
   * @param real the path, links followed
   */
  boolean allows(String real) {
    return allowed.isEmpty() || allowed.stream().anyMatch(Path.of(real)::startsWith);
  }

  /** Follows links as far as the path exists; what does not exist yet cannot be a link. */
  private static Path real(Path path) {
    Path normalized = path.toAbsolutePath().normalize();
    Path existing = normalized;
    while (true) {
      try {
        return existing.toRealPath().resolve(existing.relativize(normalized)).normalize();
      } catch (IOException e) {
        Path parent = existing.getParent();
        if (parent == null) {
          return normalized;
        }
        existing = parent;
      }
    }
  }

  private static DriverException refused(String text, String why) {
    String shown = text.replaceAll("\\p{Cntrl}", "?");
    return DriverException.of(
        ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
        "path '%s' cannot be used: %s".formatted(shown, why),
        "path",
        shown);
  }
}
