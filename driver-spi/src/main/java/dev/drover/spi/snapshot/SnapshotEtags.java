package dev.drover.spi.snapshot;

import dev.drover.spi.domain.Etags;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Snapshot;
import java.util.Optional;

/**
 * Etags of snapshots: a snapshot is changed only by whoever knows its newest record. They follow
 * from the records, which are kept without.
 */
public final class SnapshotEtags {

  private SnapshotEtags() {}

  /** A record as clients see it. */
  public static Snapshot shown(Snapshot snapshot) {
    return snapshot.toBuilder().setEtag(of(snapshot)).build();
  }

  private static String of(Snapshot snapshot) {
    return Etags.of(snapshot.toBuilder().clearEtag().build());
  }

  /**
   * Refuses a change of another record than the one that was read.
   *
   * @param domain name of the domain
   * @param name name of the snapshot
   * @param etag etag of what was read; empty: whatever is stored may be changed
   * @param stored what is stored; empty: nothing
   * @throws DriverException ETAG_MISMATCH
   */
  static void requireSame(String domain, String name, String etag, Optional<Snapshot> stored) {
    String current = stored.map(SnapshotEtags::of).orElse("");
    if (!etag.isEmpty() && !etag.equals(current)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_ETAG_MISMATCH,
          "snapshot '%s' of domain '%s' was changed since it was read; read it again and repeat the change"
              .formatted(name, domain),
          "domain",
          domain,
          "snapshot",
          name,
          "etag",
          current);
    }
  }
}
