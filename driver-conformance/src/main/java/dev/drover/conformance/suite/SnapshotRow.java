package dev.drover.conformance.suite;

import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import java.util.Arrays;
import java.util.List;

/**
 * A row of the table of snapshots.
 *
 * @param kind where the snapshot is kept
 * @param operation what is done with it
 */
record SnapshotRow(Kind kind, Operation operation) {

  /** Every row, in the order of the table. */
  static List<SnapshotRow> all() {
    return Arrays.stream(Kind.values())
        .flatMap(
            kind ->
                Arrays.stream(Operation.values())
                    .map(operation -> new SnapshotRow(kind, operation)))
        .toList();
  }

  /** The row's id in reports. */
  String id() {
    return id(kind, operation);
  }

  /** The id of a row in reports. */
  static String id(Kind kind, Operation operation) {
    return kind.name() + "/" + operation.name();
  }
}
