package dev.drover.test.control;

import dev.drover.test.model.DiskContents;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Checksums of contents that were asked for before. A test looks at the same contents again and
 * again, and a disk is as large as its virtual size to whoever digests it.
 */
final class KnownChecksums {
  private static final int MOST = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<DiskContents, String> known =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<DiskContents, String> eldest) {
          return size() > MOST;
        }
      };

  /**
   * SHA-256 of the contents; two callers at once may both digest them.
   *
   * @param goOn as {@link DiskContents#sha256} has it
   */
  String of(DiskContents contents, Runnable goOn) {
    lock.lock();
    try {
      String before = known.get(contents);
      if (before != null) {
        return before;
      }
    } finally {
      lock.unlock();
    }
    String digested = contents.sha256(goOn);
    lock.lock();
    try {
      known.put(contents, digested);
    } finally {
      lock.unlock();
    }
    return digested;
  }
}
