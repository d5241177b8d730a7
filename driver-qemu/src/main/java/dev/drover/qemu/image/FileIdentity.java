package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a file is, whatever path leads to it; a file put in the place of another has another
 * identity.
 *
 * @param device number of the file system
 * @param inode number of the file in it
 */
public record FileIdentity(long device, long inode) {

  /** The file that a path leads to, links followed; empty where there is none. */
  public static Optional<FileIdentity> of(Path path) {
    try {
      Map<String, Object> attributes = Files.readAttributes(path, "unix:dev,ino");
      return attributes.get("dev") instanceof Long device
              && attributes.get("ino") instanceof Long inode
          ? Optional.of(new FileIdentity(device, inode))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
