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
   * @throws DriverException PATH_NOT_ALLOWED
   */
  public Path require(String text) {
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
    if (!allowed.isEmpty()) {
      Path real = real(normalized);
      if (allowed.stream().noneMatch(real::startsWith)) {
        throw refused(
            text, "it leads to %s, outside the allowed directories %s".formatted(real, allowed));
      }
    }
    return normalized;
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
