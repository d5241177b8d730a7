package dev.drover.conformance.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Checksums of contents that were asked for before. Most cases begin with the same few disks, and
 * to digest each of them again would be most of what a run against a driver in memory does.
 */
final class KnownChecksums {
  /** A few hundred bytes each. */
  private static final int MOST = 256;

  private static final Map<DiskContents, String> KNOWN =
      Collections.synchronizedMap(
          new LinkedHashMap<>(MOST, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<DiskContents, String> eldest) {
              return size() > MOST;
            }
          });

  private KnownChecksums() {}

  static String of(DiskContents contents) {
    return KNOWN.computeIfAbsent(contents, DiskContents::digest);
  }
}
