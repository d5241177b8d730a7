package dev.drover.client.direct;

import com.google.protobuf.MessageLite;
import dev.drover.client.direct.Exchange.Answer;
import dev.drover.client.direct.HeaderBlock.Header;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Unary calls to one unix socket, each on a connection of its own. Safe for use by many threads; a
 * call blocks its thread. Fails as gRPC's own stubs do.
 */
public final class DirectCalls implements AutoCloseable {
  private final Path socket;
  private final List<Header> metadata;
  private final Set<TimedSocket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Calls to a daemon; nothing is sent yet.
   *
   * @param metadata what every call carries, in ASCII, by names in small letters
   */
  public DirectCalls(Path socket, Map<String, String> metadata) {
    this.socket = socket;
    this.metadata =
        metadata.entrySet().stream()
            .map(entry -> new Header(entry.getKey(), entry.getValue()))
            .toList();
  }

  /** True for a call that can be made this way; others are for a channel of gRPC's. */
  public static boolean takes(MessageLite request) {
    return request.getSerializedSize() <= Exchange.LARGEST_REQUEST;
  }

  /**
   * Makes a call and waits for its answer.
   *
   * @param request the message, which {@link #takes} must be true for
   * @param deadline time for all of it
   * @throws StatusRuntimeException with the status of the daemon; UNAVAILABLE where it cannot be
   *     reached or goes away, DEADLINE_EXCEEDED, CANCELLED where the thread is interrupted or this
   *     is closed, INTERNAL where what answers speaks no gRPC
   */
  public <Q extends MessageLite, R> R call(
      MethodDescriptor<Q, R> method, Q request, Duration deadline) {
    long left = deadline.toNanos();
    if (left <= 0) {
      throw Status.DEADLINE_EXCEEDED
          .withDescription("the deadline had passed before the call")
          .asRuntimeException();
    }
    return method.parseResponse(answer(method, request, left).orThrow().newInput());
  }

  private Answer answer(MethodDescriptor<?, ?> method, MessageLite request, long left) {
    try (TimedSocket connection = new TimedSocket(System.nanoTime() + left)) {
      open.add(connection);
      try {
        if (closed) {
          throw new ClosedSelectorException();
        }
        connection.connect(socket);
        connection.write(Exchange.request(headers(method, left), request.toByteArray()));
        return new Exchange(new Frames(connection)).answer();
      } finally {
        open.remove(connection);
      }
    } catch (InterruptedByTimeoutException e) {
      throw failure(Status.DEADLINE_EXCEEDED, "no answer came within the deadline", e);
    } catch (ClosedByInterruptException e) {
      throw failure(Status.CANCELLED, "the thread was interrupted", e);
    } catch (ClosedSelectorException | CancelledKeyException | ClosedChannelException e) {
      throw failure(Status.CANCELLED, "the connection was closed", e);
    } catch (ProtocolFailure e) {
      throw failure(Status.INTERNAL, "what answers speaks no gRPC: " + e.getMessage(), e);
    } catch (IOException e) {
      throw failure(Status.UNAVAILABLE, "io exception", e);
    }
  }

  private static StatusRuntimeException failure(Status status, String text, Exception cause) {
    return status.withDescription(text).withCause(cause).asRuntimeException(new Metadata());
  }

  private List<Header> headers(MethodDescriptor<?, ?> method, long left) {
    List<Header> headers = new ArrayList<>();
    headers.add(new Header(":method", "POST"));
    headers.add(new Header(":scheme", "http"));
    headers.add(new Header(":path", "/" + method.getFullMethodName()));
    // The address of a unix socket is no valid authority.
    headers.add(new Header(":authority", "localhost"));
    headers.add(new Header("te", "trailers"));
    headers.add(new Header("content-type", "application/grpc"));
    headers.add(new Header("user-agent", "drover"));
    headers.add(new Header("grpc-timeout", timeout(left)));
    headers.addAll(metadata);
    return headers;
  }

  /** A time of at most eight digits with its unit, rounded down. */
  static String timeout(long nanoseconds) {
    long number = nanoseconds;
    for (String unit : List.of("n", "u", "m")) {
      if (number < 100_000_000) {
        return number + unit;
      }
      number /= 1000;
    }
    return Math.min(number, 99_999_999) + "S";
  }

  /** Ends the calls under way. */
  @Override
  public void close() {
    closed = true;
    for (TimedSocket connection : open) {
      try {
        connection.close();
      } catch (IOException e) {
        throw new UncheckedIOException("a connection to " + socket, e);
      }
    }
  }
}
