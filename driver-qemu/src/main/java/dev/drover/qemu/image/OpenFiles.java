package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The files that a process has open at one moment, whatever has become of their names since.
 *
 * @param files the files
 */
public record OpenFiles(Set<FileIdentity> files) {

  /** Copies the set. */
  public OpenFiles {
    files = Set.copyOf(files);
  }

  /** Those of a process; empty where the daemon may not look. */
  public static Optional<OpenFiles> of(long pid) {
    Set<FileIdentity> found = new HashSet<>();
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path descriptor : descriptors) {
        FileIdentity.of(descriptor).ifPresent(found::add);
      }
      return Optional.of(new OpenFiles(found));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** True where the path leads to one of them. */
  public boolean has(String path) {
    return FileIdentity.of(Path.of(path)).filter(files::contains).isPresent();
  }
}
