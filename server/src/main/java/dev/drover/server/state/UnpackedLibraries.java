package dev.drover.server.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a daemon unpacks the native libraries that it loads, each process in a directory of its
 * own. A process that ends at once leaves its directory behind; the next one removes it.
 */
public final class UnpackedLibraries {

  private UnpackedLibraries() {}

  /**
   * Makes the directory of a process below the daemon's state, and removes those of processes that
   * are gone.
   *
   * @throws StateException where that cannot be done
   */
  public static Path prepare(Path stateDirectory, long process) {
    Path all = PrivateDirectory.prepare(stateDirectory.resolve("native"));
    try (Stream<Path> left = Files.list(all)) {
      for (Path directory : left.filter(one -> isLeft(one, process)).toList()) {
        remove(directory);
      }
    } catch (IOException e) {
      throw new StateException("what is left in " + all + " cannot be removed: " + e, e);
    }
    return PrivateDirectory.prepare(all.resolve(Long.toString(process)));
  }

  private static boolean isLeft(Path directory, long process) {
    try {
      long owner = Long.parseLong(directory.getFileName().toString());
      return owner == process || ProcessHandle.of(owner).isEmpty();
    } catch (NumberFormatException e) {
      // Nobody of us made it.
      return false;
    }
  }

  private static void remove(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(directory)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
