package dev.drover.spi.job;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The requests of jobs that wait for their turn, kept until the hypervisor has taken the job up, so
 * that a start which is undone can put the job back.
 */
final class QueuedRequests {

  private static final String COLLECTION = "job-queue";

  private final Map<String, Any> requests = new ConcurrentHashMap<>();

  QueuedRequests(Store store) {
    for (StoreRecord stored : store.list(COLLECTION)) {
      try {
        requests.put(stored.key(), Any.parseFrom(stored.content()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("queued job " + stored.key() + " is unreadable", e);
      }
    }
  }

  Optional<Any> find(String jobId) {
    return Optional.ofNullable(requests.get(jobId));
  }

  static void write(StoreTransaction transaction, String jobId, Any request) {
    transaction.put(COLLECTION, jobId, request.toByteString());
  }

  /** A request was stored with its job. */
  void keep(String jobId, Any request) {
    requests.put(jobId, request);
  }

  void forget(StoreTransaction transaction, String jobId) {
    if (requests.containsKey(jobId)) {
      transaction.delete(COLLECTION, jobId);
    }
  }

  /** A job's record is stored. */
  void settle(Job job) {
    if (job.getState() != JobState.JOB_STATE_PENDING) {
      requests.remove(job.getId());
    }
  }

  /** A job that waited, as it is recorded when it begins. */
  static Job begun(Job waiting, Job draft) {
    if (!JobRules.waits(waiting)) {
      throw new IllegalStateException("job " + waiting.getId() + " does not wait for its turn");
    }
    return draft.toBuilder()
        .setId(waiting.getId())
        .setOwner(waiting.getOwner())
        .setRequestId(waiting.getRequestId())
        .setParentJobId(waiting.getParentJobId())
        .setTraceparent(waiting.getTraceparent())
        .setState(waiting.getState())
        .setCreateTime(waiting.getCreateTime())
        .setRevision(waiting.getRevision() + 1)
        .build();
  }

  /** The same, waiting again. */
  static Job back(Job begun) {
    return begun.toBuilder()
        .setQueuePlace(QueuePlace.getDefaultInstance())
        .setRevision(begun.getRevision() + 1)
        .build();
  }
}
