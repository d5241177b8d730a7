package dev.drover.server.guard;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.drover.server.failure.FailureMapper;
import dev.drover.server.failure.FailureMapper.Failure;
import dev.drover.server.ledger.RequestLedger;
import dev.drover.spi.error.DriverException;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answering side of a call. It may be ended from more than one thread, by the service, a
 * deadline or the end of the daemon: the first one counts. Every failure goes out through the one
 * mapper.
 */
final class GuardedCall<Q, R> extends ForwardingServerCall.SimpleForwardingServerCall<Q, R> {

  private static final Logger log = LoggerFactory.getLogger(GuardedCall.class);

  private final FailureMapper failures;
  private final Consumer<CallResult> onEnd;
  private final ReentrantLock lock = new ReentrantLock();
  private Optional<RequestLedger.Entry.Permit> permit = Optional.empty();
  private volatile boolean ended;

  /**
   * Wraps a call.
   *
   * @param onEnd is told once the result
   */
  GuardedCall(ServerCall<Q, R> call, FailureMapper failures, Consumer<CallResult> onEnd) {
    super(call);
    this.failures = failures;
    this.onEnd = onEnd;
  }

  /** Lets the answer settle a permit of the ledger; on the thread that runs the call. */
  void settles(RequestLedger.Entry.Permit toSettle) {
    permit = Optional.of(toSettle);
  }

  /** Whether the call has been ended, by whomever. */
  boolean ended() {
    return ended || isCancelled();
  }

  /** Ends the call with a failure. */
  void fail(Throwable thrown) {
    end(Optional.of(failures.map(thrown, getMethodDescriptor().getFullMethodName())));
  }

  /** The client has gone: there is nobody to answer. */
  void abandoned() {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
    } finally {
      lock.unlock();
    }
    onEnd.accept(CallResult.ABANDONED);
  }

  /** Answers a request from a record. */
  void answer(R response) {
    sendHeaders(new Metadata());
    sendMessage(response);
    close(Status.OK, new Metadata());
  }

  @Override
  public void sendHeaders(Metadata headers) {
    lock.lock();
    try {
      if (!ended) {
        super.sendHeaders(headers);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void sendMessage(R message) {
    record(message);
    lock.lock();
    try {
      if (!ended) {
        super.sendMessage(message);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (status.isOk()) {
      end(Optional.empty());
    } else {
      end(Optional.of(failures.map(status, getMethodDescriptor().getFullMethodName())));
    }
  }

  private void end(Optional<Failure> failure) {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
      failure.ifPresentOrElse(
          told -> super.close(told.status(), told.trailers()),
          () -> super.close(Status.OK, new Metadata()));
    } finally {
      lock.unlock();
    }
    onEnd.accept(
        failure
            .map(told -> new CallResult(told.status().getCode().name(), told.reason()))
            .orElse(CallResult.SUCCEEDED));
  }

  /** The answer is recorded before it is sent, and also where nobody waits for it any more. */
  private void record(R response) {
    if (permit.isPresent() && response instanceof Message message) {
      RequestLedger.Entry.Permit mine = permit.get();
      permit = Optional.empty();
      try {
        mine.succeeded(ByteString.copyFrom(message.toByteArray()));
      } catch (DriverException e) {
        log.warn(
            "the call ran, but its answer could not be recorded for its request_id: {}",
            e.getMessage());
      }
    }
  }

  /** The service has returned: a permit that no answer has settled is given back. */
  void returned() {
    permit.ifPresent(RequestLedger.Entry.Permit::failed);
    permit = Optional.empty();
  }
}
