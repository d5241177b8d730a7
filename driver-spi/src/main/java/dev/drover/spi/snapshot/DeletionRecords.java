package dev.drover.spi.snapshot;

import com.google.protobuf.ByteString;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import java.util.Set;
import java.util.TreeSet;

/** Which snapshots go with each deletion that has not ended, by the id of its job. */
final class DeletionRecords {

  private static final String COLLECTION = "snapshot-deletions";

  private final Store store;

  DeletionRecords(Store store) {
    this.store = store;
  }

  /** Names of the snapshots that go; empty where the deletion has ended. */
  Set<String> names(String jobId) {
    Set<String> names = new TreeSet<>();
    store
        .read(COLLECTION, jobId)
        .ifPresent(content -> content.toStringUtf8().lines().forEach(names::add));
    return names;
  }

  /** Notes which ones go; a name has no line break. */
  void put(StoreTransaction transaction, String jobId, Set<String> names) {
    transaction.put(COLLECTION, jobId, ByteString.copyFromUtf8(String.join("\n", names)));
  }

  void delete(StoreTransaction transaction, String jobId) {
    transaction.delete(COLLECTION, jobId);
  }
}
