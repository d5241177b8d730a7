package dev.drover.spi.job;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;

/** The requests that jobs were asked for by, so that an id is not used again for another (R1). */
final class Fingerprints {

  private static final String COLLECTION = "job-fingerprints";

  private final Store store;

  Fingerprints(Store store) {
    this.store = store;
  }

  void write(StoreTransaction transaction, String jobId, JobOrigin origin) {
    transaction.put(COLLECTION, jobId, origin.fingerprint());
  }

  void forget(StoreTransaction transaction, String jobId) {
    transaction.delete(COLLECTION, jobId);
  }

  /**
   * Refuses where a job was asked for by another request.
   *
   * @throws DriverException of the reason given
   */
  void requireSame(Job job, JobOrigin origin, ErrorReason reason, String message) {
    boolean same =
        store.read(COLLECTION, job.getId()).filter(origin.fingerprint()::equals).isPresent();
    if (!same) {
      throw DriverException.of(
          reason, message, "job", job.getId(), "request_id", origin.requestId());
    }
  }
}
