package dev.drover.conformance.mutant;

import dev.drover.spi.CallContext;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** Mistakes in records of snapshots that are entered, and in names that are changed. */
final class Entered {

  private Entered() {}

  /** A snapshot that is to have another name has it beside the old one. */
  static Mutation besideTheOldName() {
    return entered(
        request ->
            request.getRenameFrom().isEmpty()
                ? request
                : request.toBuilder().clearRenameFrom().clearEtag().build());
  }

  /** Whoever has read a snapshot earlier than somebody has changed it renames it all the same. */
  static Mutation whateverWasRead() {
    return entered(
        request ->
            request.getRenameFrom().isEmpty() ? request : request.toBuilder().clearEtag().build());
  }

  private static Mutation entered(UnaryOperator<ImportSnapshotRequest> otherwise) {
    return Mutation.ofSnapshots(
        (real, _) ->
            new ForwardingSnapshots(real) {
              @Override
              public Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
                return super.importRecord(call, otherwise.apply(request));
              }
            });
  }

  /** What descends from a snapshot that got another name names its parent as it was called. */
  static Mutation childrenUnderTheOldName() {
    Map<String, String> called = new ConcurrentHashMap<>();
    UnaryOperator<Snapshot> shown =
        snapshot ->
            snapshot.toBuilder()
                .setParent(called.getOrDefault(snapshot.getParent(), snapshot.getParent()))
                .build();
    return Mutation.ofSnapshots(
        (real, _) ->
            new ForwardingSnapshots(real, UnaryOperator.identity(), shown) {
              @Override
              public Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
                Snapshot renamed = super.importRecord(call, request);
                if (!request.getRenameFrom().isEmpty()) {
                  called.put(renamed.getName(), request.getRenameFrom());
                }
                return renamed;
              }
            });
  }
}
