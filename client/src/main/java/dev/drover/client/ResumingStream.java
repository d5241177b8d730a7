package dev.drover.client;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server stream that opens itself again after a broken connection. One thread reads; any thread
 * may close.
 *
 * @param <Q> request
 * @param <R> message of the stream
 */
final class ResumingStream<Q extends Message, R> implements AutoCloseable {
  private final Connection connection;
  private final MethodDescriptor<Q, R> method;
  private final Supplier<Q> request;
  private final Consumer<DroverException> onLost;
  private final Connection.Outage outage;
  private boolean reported;
  private volatile boolean closed;
  private volatile @Nullable BlockingClientCall<Q, R> call;

  /**
   * @param request asked for at each opening, so that it can say where to go on
   * @param onLost told once about each outage, before the stream is opened again
   */
  ResumingStream(
      Connection connection,
      MethodDescriptor<Q, R> method,
      Supplier<Q> request,
      Consumer<DroverException> onLost) {
    this.connection = connection;
    this.method = method;
    this.request = request;
    this.onLost = onLost;
    this.outage = connection.new Outage();
  }

  /**
   * The next message, waited for as long as it takes; empty where the stream has ended or was
   * closed.
   */
  Optional<R> next() {
    try {
      return next(Spans.UNBOUNDED);
    } catch (TimeoutException e) {
      throw new IllegalStateException("An unbounded wait ended", e);
    }
  }

  /**
   * The next message; empty where the stream has ended or was closed.
   *
   * @throws TimeoutException where none came in time; the stream goes on
   * @throws DroverException where the stream failed, or the daemon did not come back in time
   */
  Optional<R> next(Duration timeout) throws TimeoutException {
    long end = System.nanoTime() + Spans.nanos(timeout);
    while (!closed) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      try {
        @Nullable R message = opened().read(Math.max(1, left.toNanos()), TimeUnit.NANOSECONDS);
        if (message != null) {
          outage.over();
          reported = false;
        }
        return Optional.ofNullable(message);
      } catch (StatusException e) {
        call = null;
        if (closed) {
          break;
        }
        DroverException failure = connection.failure(e);
        if (left.isNegative() && failure.connectionLost()) {
          throw new TimeoutException();
        }
        if (!outage.pauseAfter(failure, max(left, Duration.ofMillis(1)))) {
          if (connection.isClosed()) {
            break;
          }
          throw failure;
        }
        report(failure);
      } catch (RejectedExecutionException e) {
        // What carries the stream has ended, with the connection, between two messages.
        if (closed || connection.isClosed()) {
          break;
        }
        throw e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        close();
      }
    }
    return Optional.empty();
  }

  private void report(DroverException failure) {
    if (!reported) {
      reported = true;
      onLost.accept(failure);
    }
  }

  private static Duration max(Duration left, Duration right) {
    return left.compareTo(right) < 0 ? right : left;
  }

  private BlockingClientCall<Q, R> opened() {
    BlockingClientCall<Q, R> current = call;
    if (current == null) {
      connection.opened(this);
      current = connection.open(method, request.get());
      call = current;
      if (closed) {
        current.cancel("closed", null);
      }
    }
    return current;
  }

  @Override
  public void close() {
    closed = true;
    connection.ended(this);
    BlockingClientCall<Q, R> current = call;
    if (current != null) {
      current.cancel("closed by the client", null);
    }
  }
}
