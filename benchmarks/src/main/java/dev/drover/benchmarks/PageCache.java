package dev.drover.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The host's page cache, which would make the second of two jobs look fast. */
final class PageCache {

  private static final Path SWITCH = Path.of("/proc/sys/vm/drop_caches");

  private PageCache() {}

  /**
   * Lets everything reach the disk and, where that is allowed, forgets what was read.
   *
   * @return whether it was allowed
   */
  static boolean drop() {
    Programs.run(List.of("sync"));
    if (!Files.isWritable(SWITCH)) {
      return false;
    }
    try {
      Files.writeString(SWITCH, "1");
      return true;
    } catch (IOException _) {
      // Root of a container may see the file and yet not be allowed to write it.
      return false;
    }
  }
}
