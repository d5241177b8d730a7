package dev.drover.client;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import dev.drover.client.direct.DirectCalls;
import dev.drover.v1.Effect;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.OptionsProto;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes calls: deadline, request id, repetition over a broken connection, and one error type.
 *
 * <p>A call is repeated only if it failed for want of a connection, if doing it twice is harmless
 * (it reads, or carries a request id), and if this connection has worked before: a daemon that was
 * never there is reported at once.
 */
final class Connection {
  private final Channel channel;
  private final ManagedChannel managed;
  private final Optional<DirectCalls> direct;
  private final String endpoint;
  private final CallSettings settings;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<ResumingStream<?, ?>> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean worked;

  /**
   * @param channel where calls go, with the connection's metadata attached
   * @param managed the same without interceptors, told to reconnect at once
   * @param direct the way of unary calls, where they have one of their own
   * @param endpoint what is called, for messages
   */
  Connection(
      Channel channel,
      ManagedChannel managed,
      Optional<DirectCalls> direct,
      String endpoint,
      CallSettings settings) {
    this.channel = channel;
    this.managed = managed;
    this.direct = direct;
    this.endpoint = endpoint;
    this.settings = settings;
  }

  Channel channel() {
    return channel;
  }

  Channel bareChannel() {
    return managed;
  }

  String endpoint() {
    return endpoint;
  }

  CallSettings settings() {
    return settings;
  }

  /** Ends every stream, and every pause between attempts. */
  void close() {
    closed.countDown();
    direct.ifPresent(DirectCalls::close);
    streams.forEach(ResumingStream::close);
  }

  /** Lets a stream end with the connection. */
  void opened(ResumingStream<?, ?> stream) {
    streams.add(stream);
    if (isClosed()) {
      stream.close();
    }
  }

  /** Forgets a stream that has ended. */
  void ended(ResumingStream<?, ?> stream) {
    streams.remove(stream);
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  <Q extends Message, R> R call(
      io.grpc.MethodDescriptor<Q, R> method, Q request, Duration deadline) {
    Q identified = RequestIds.ensure(request);
    return repeated(method, identified, RequestIds.present(identified), deadline);
  }

  /**
   * Makes a call that only reads, which needs no request id. To find out whether a message has room
   * for one takes longer than all the rest of the first call.
   */
  <Q extends Message, R> R read(
      io.grpc.MethodDescriptor<Q, R> method, Q request, Duration deadline) {
    return repeated(method, request, false, deadline);
  }

  private <Q extends Message, R> R repeated(
      io.grpc.MethodDescriptor<Q, R> method, Q request, boolean identified, Duration deadline) {
    long end = System.nanoTime() + Spans.nanos(deadline);
    Outage outage = new Outage();
    while (true) {
      try {
        long remaining = Math.max(0, end - System.nanoTime());
        R response = once(method, request, Duration.ofNanos(remaining));
        worked = true;
        return response;
      } catch (StatusRuntimeException e) {
        DroverException failure = failure(e);
        Duration left = Duration.ofNanos(end - System.nanoTime());
        boolean repeatable = identified || reads(method);
        if (!repeatable || !outage.pauseAfter(failure, left)) {
          throw failure;
        }
      }
    }
  }

  private <Q extends Message, R> R once(
      io.grpc.MethodDescriptor<Q, R> method, Q request, Duration deadline) {
    if (direct.isPresent() && DirectCalls.takes(request)) {
      return direct.get().call(method, request, deadline);
    }
    return ClientCalls.blockingUnaryCall(
        channel,
        method,
        CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS),
        request);
  }

  <Q extends Message, R> BlockingClientCall<Q, R> open(
      io.grpc.MethodDescriptor<Q, R> method, Q request) {
    return ClientCalls.blockingV2ServerStreamingCall(channel, method, CallOptions.DEFAULT, request);
  }

  /** Reads a failure and remembers whether the daemon was there. */
  DroverException failure(Exception thrown) {
    DroverException failure = DroverException.from(thrown, endpoint);
    if (failure.answeredByDaemon()) {
      worked = true;
    }
    boolean endedHere =
        isClosed()
            && (failure.connectionLost()
                || (failure.code() == ErrorCode.CANCELLED && !failure.answeredByDaemon()));
    return endedHere
        ? new DroverException(
            ErrorReason.ERROR_REASON_CALL_CANCELLED,
            "The connection to %s was closed by this program; make a new one, which tells what became of a call that was under way"
                .formatted(endpoint))
        : failure;
  }

  private static boolean reads(io.grpc.MethodDescriptor<?, ?> method) {
    if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier supplier) {
      MethodDescriptor described = supplier.getMethodDescriptor();
      return described.getOptions().getExtension(OptionsProto.rule).getEffect()
          == Effect.EFFECT_READS;
    }
    return false;
  }

  /**
   * One stretch of time without a daemon, as a call or a stream lives through it. Used by one
   * thread.
   */
  final class Outage {
    private final Backoff backoff = new Backoff(closed);
    private boolean out;
    private long began;

    /** The daemon answered: the next failure begins a new outage. */
    void over() {
      worked = true;
      out = false;
      backoff.reset();
    }

    /**
     * Pauses before another attempt.
     *
     * @param limit longest pause
     * @return false where no other attempt is to be made
     */
    boolean pauseAfter(DroverException failure, Duration limit) {
      long now = System.nanoTime();
      if (!out) {
        out = true;
        began = now;
      }
      Duration lasted = Duration.ofNanos(now - began);
      if (!failure.connectionLost()
          || !worked
          || !limit.isPositive()
          || lasted.compareTo(settings.reconnectFor()) >= 0) {
        return false;
      }
      try {
        if (!backoff.await(limit)) {
          return false;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failure(Status.CANCELLED.withDescription("interrupted").asRuntimeException());
      }
      managed.resetConnectBackoff();
      return true;
    }
  }
}
