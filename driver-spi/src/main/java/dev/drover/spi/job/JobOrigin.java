package dev.drover.spi.job;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.drover.spi.CallContext;
import dev.drover.v1.Job;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The call that asks for a job, by which a repeated call is told from a new one (R1, R7).
 *
 * @param owner principal of the caller
 * @param jobId id the client chose; empty: none
 * @param requestId request id the client chose; empty: none
 * @param fingerprint SHA-256 of the request as it was sent
 * @param parentJobId id of the job of which the new one is a step; empty: of none
 * @param traceparent the call in the form of W3C's trace context; empty where it is not traced
 * @param turn true where the job is on record, in the queue, and its turn has come
 */
public record JobOrigin(
    String owner,
    String jobId,
    String requestId,
    ByteString fingerprint,
    String parentJobId,
    String traceparent,
    boolean turn) {

  /** The origin of a job that is not on record yet, by a call that is not traced. */
  public JobOrigin(
      String owner, String jobId, String requestId, ByteString fingerprint, String parentJobId) {
    this(owner, jobId, requestId, fingerprint, parentJobId, "", false);
  }

  /** The origin of a call with this request. */
  public static JobOrigin of(CallContext call, Message request, String jobId, String requestId) {
    return new JobOrigin(
        call.caller().principal(),
        jobId,
        requestId,
        digest(request),
        "",
        call.traceparent(),
        false);
  }

  /**
   * The origin of a step of another job, which belongs to the same owner.
   *
   * @param stepId id of the step's job; the same step of the same job always has the same
   */
  public static JobOrigin step(Job parent, String stepId, Message request) {
    return new JobOrigin(
        parent.getOwner(),
        stepId,
        "",
        digest(request),
        parent.getId(),
        parent.getTraceparent(),
        false);
  }

  /** The origin of a job whose turn has come. */
  public static JobOrigin turn(Job queued) {
    return new JobOrigin(
        queued.getOwner(),
        queued.getId(),
        queued.getRequestId(),
        ByteString.EMPTY,
        queued.getParentJobId(),
        queued.getTraceparent(),
        true);
  }

  /** Whether the call that asks for the job is there, and not just the record of what it asked. */
  public boolean called() {
    return !turn && parentJobId.isEmpty();
  }

  /** The same with the id that the job gets where the client chose none. */
  public JobOrigin withJobId(String id) {
    return new JobOrigin(owner, id, requestId, fingerprint, parentJobId, traceparent, turn);
  }

  private static ByteString digest(Message request) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(request.toByteArray());
      return ByteString.copyFrom(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
