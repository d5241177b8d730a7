package dev.drover.spi.job;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.drover.spi.CallContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The call that asks for a job, by which a repeated call is told from a new one (R1, R7).
 *
 * @param owner principal of the caller
 * @param jobId id the client chose; empty: none
 * @param requestId request id the client chose; empty: none
 * @param fingerprint SHA-256 of the request as it was sent
 */
public record JobOrigin(String owner, String jobId, String requestId, ByteString fingerprint) {

  /** The origin of a call with this request. */
  public static JobOrigin of(CallContext call, Message request, String jobId, String requestId) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(request.toByteArray());
      return new JobOrigin(
          call.caller().principal(), jobId, requestId, ByteString.copyFrom(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
