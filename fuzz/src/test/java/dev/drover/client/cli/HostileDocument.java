package dev.drover.client.cli;

/** Files of other tools: snapshot XML, and records of snapshots in either form. */
public final class HostileDocument {

  private HostileDocument() {}

  /** One file. */
  public static void fuzzerTestOneInput(byte[] input) {
    refusedOrRead(() -> SnapshotDocument.parse("file", input));
    refusedOrRead(() -> SnapshotRecordFile.parse("file", input));
  }

  private static void refusedOrRead(Runnable reading) {
    try {
      reading.run();
    } catch (CommandFailure e) {
      if (e.lines().isEmpty()) {
        throw new AssertionError("nobody is told why", e);
      }
    }
  }
}
