package dev.drover.server.guard;

import com.google.protobuf.Message;
import dev.drover.spi.error.DriverException;
import io.grpc.ServerCall;

/**
 * The receiving side of a call that would change something and is refused whatever its request
 * says. The request is read nevertheless, so that the audit record tells what it was about (R30).
 */
final class RefusedListener<Q, R> extends ServerCall.Listener<Q> {

  private final GuardedCall<Q, R> call;
  private final CallRecord told;
  private final DriverException refusal;

  RefusedListener(GuardedCall<Q, R> call, CallRecord told, DriverException refusal) {
    this.call = call;
    this.told = told;
    this.refusal = refusal;
    call.request(2);
  }

  @Override
  public void onMessage(Q received) {
    if (!call.ended() && received instanceof Message message) {
      told.subject(RequestSubject.of(message));
    }
    call.fail(refusal);
  }

  @Override
  public void onHalfClose() {
    call.fail(refusal);
  }

  @Override
  public void onCancel() {
    call.abandoned();
  }
}
