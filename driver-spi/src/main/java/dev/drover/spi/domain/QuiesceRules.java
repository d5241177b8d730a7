package dev.drover.spi.domain;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Quiesce;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import java.time.Duration;

/** What holds wherever a guest's file systems are frozen for a moment, on any driver (D14, R22). */
public final class QuiesceRules {

  /** Where the client names none. */
  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

  private QuiesceRules() {}

  /** How long the file systems may be frozen. */
  public static Duration limit(Quiesce quiesce) {
    return quiesce.hasTimeout() ? ProtoTimes.duration(quiesce.getTimeout()) : DEFAULT_LIMIT;
  }

  /** How long they may be frozen for a snapshot; zero: they are left alone. */
  public static Duration limit(CreateSnapshotRequest request) {
    return request.hasQuiesce() ? limit(request.getQuiesce()) : Duration.ZERO;
  }

  /** A snapshot for which the file systems were frozen throughout. */
  public static Snapshot frozen(Snapshot snapshot) {
    return snapshot.toBuilder()
        .setConsistency(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM)
        .build();
  }

  /** The refusal of a domain that is shut off: nothing in it can be frozen. */
  public static DriverException shutOff(String domain) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE,
        "domain '%s' is shut off, and nothing writes to its file systems; go on without quiesce"
            .formatted(domain),
        "domain",
        domain);
  }
}
