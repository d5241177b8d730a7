package dev.drover.client.cli;

import dev.drover.v1.Snapshot;
import picocli.CommandLine.Option;

/**
 * virsh's filters of {@code snapshot-list} by what a snapshot is. Of each group the options that
 * are given widen what is shown, and a group without any shows all; so do virsh's. Every snapshot
 * of Drover has a record.
 */
final class SnapshotFilterOptions {
  @Option(names = "--inactive", description = "Those taken while the domain was shut off.")
  private boolean inactive;

  @Option(names = "--active", description = "Those with the memory of a domain that ran.")
  private boolean active;

  @Option(names = "--disk-only", description = "Those of a domain that ran, without its memory.")
  private boolean diskOnly;

  @Option(names = "--external", description = "Those whose state is in files of their own.")
  private boolean external;

  @Option(names = "--internal", description = "Those whose state is within the images.")
  private boolean internal;

  @Option(names = "--metadata", description = "Those that have a record: all.")
  private boolean metadata;

  @Option(names = "--no-metadata", description = "Those that have no record: none.")
  private boolean noMetadata;

  /** Whether a snapshot is shown. */
  boolean shows(Snapshot snapshot) {
    return showsState(snapshot) && showsPlace(snapshot) && (metadata || !noMetadata);
  }

  private boolean showsPlace(Snapshot snapshot) {
    return external == internal || Texts.internal(snapshot) == internal;
  }

  private boolean showsState(Snapshot snapshot) {
    if (!inactive && !active && !diskOnly) {
      return true;
    }
    return switch (Texts.snapshotState(snapshot)) {
      case "shutoff" -> inactive;
      case "disk-snapshot" -> diskOnly;
      default -> active;
    };
  }
}
