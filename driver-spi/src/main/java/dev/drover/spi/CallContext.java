package dev.drover.spi;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * What a driver knows about the call it serves.
 *
 * @param caller who calls
 * @param callId the daemon's id of this call, for logs
 * @param deadline when the caller stops waiting; every wait inside the driver ends by then (R10)
 * @param cancelled answers true once the caller has gone; a job that was recorded is not touched by
 *     that (R2)
 * @param traceparent the call in the form of W3C's trace context, for jobs that it begins; empty
 *     where calls are not traced
 */
public record CallContext(
    Caller caller, String callId, Instant deadline, BooleanSupplier cancelled, String traceparent) {

  /** A call that is not traced. */
  public CallContext(Caller caller, String callId, Instant deadline, BooleanSupplier cancelled) {
    this(caller, callId, deadline, cancelled, "");
  }

  /** Time left until the deadline; zero where it has passed. */
  public Duration remaining(Instant now) {
    Duration left = Duration.between(now, deadline);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /**
   * Ends the call where its deadline has passed or its caller has gone.
   *
   * @throws DriverException DEADLINE_EXCEEDED or CALL_CANCELLED
   */
  public void check(Instant now) {
    if (cancelled.getAsBoolean()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_CALL_CANCELLED, "the caller has given up the call");
    }
    if (!now.isBefore(deadline)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          "the deadline of the call has passed; ask for the object to see what was done");
    }
  }
}
