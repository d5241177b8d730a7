package dev.drover.client;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.drover.v1.ErrorReason;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A daemon inside the test, with hand-written services over plain memory. It can refuse the next
 * call, run it and lose the answer, and go away and come back with its memory kept, as a daemon
 * with a store does.
 */
public final class FakeDaemon {
  /**
   * A call as it arrived.
   *
   * @param method name of the method without its service
   * @param uri the connection URI sent with it
   * @param readOnly true where the connection is read-only
   */
  public record Call(String method, Optional<String> uri, boolean readOnly) {}

  public final FakeDomains domains = new FakeDomains();
  public final FakeJobs jobs = new FakeJobs();
  public final FakeBlocks blocks = new FakeBlocks(jobs);
  public final FakeSnapshots snapshots = new FakeSnapshots(jobs);
  public final FakeEvents events = new FakeEvents();

  /** The connection URI that a call carries. */
  static final Metadata.Key<String> URI =
      Metadata.Key.of(Drover.URI_HEADER, Metadata.ASCII_STRING_MARSHALLER);

  /** That a call changes nothing. */
  static final Metadata.Key<String> READ_ONLY =
      Metadata.Key.of(Drover.READ_ONLY_HEADER, Metadata.ASCII_STRING_MARSHALLER);

  private final String name = UUID.randomUUID().toString();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Queue<StatusRuntimeException> refusals = new ConcurrentLinkedQueue<>();
  private final Queue<Boolean> lostAnswers = new ConcurrentLinkedQueue<>();
  private final ManagedChannel channel =
      InProcessChannelBuilder.forName(name)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();
  private Optional<Server> server = Optional.empty();

  public FakeDaemon() {
    start();
  }

  /** Begins to listen. */
  public void start() {
    InProcessServerBuilder builder =
        InProcessServerBuilder.forName(name).executor(Executors.newVirtualThreadPerTaskExecutor());
    List.of(new FakeHost(), domains, blocks, jobs, snapshots, events)
        .forEach(
            service -> builder.addService(ServerInterceptors.intercept(service, new Observer())));
    try {
      server = Optional.of(builder.build().start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends every call and stops listening; what it knows is kept. */
  public void stop() throws InterruptedException {
    Server running = server.orElseThrow();
    running.shutdownNow();
    assertEnded(running.awaitTermination(10, TimeUnit.SECONDS));
    events.forgetWatchers();
    jobs.forgetWatchers();
    server = Optional.empty();
  }

  private static void assertEnded(boolean ended) {
    if (!ended) {
      throw new AssertionError("The fake daemon did not end");
    }
  }

  /** The way to it. */
  public ManagedChannel channel() {
    return channel;
  }

  /** A connection to it. */
  public Drover connect() {
    return Drover.builder().channel(channel).build();
  }

  /** The calls that arrived, in order. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The number of calls of a method. */
  public long calls(String method) {
    return calls.stream().filter(call -> call.method().equals(method)).count();
  }

  /** Answers the next call with this failure. */
  public void refuseNext(StatusRuntimeException failure) {
    refusals.add(failure);
  }

  /** Runs the next call and breaks the connection instead of answering. */
  public void loseNextAnswer() {
    lostAnswers.add(true);
  }

  /** A failure as the daemon sends it. */
  public static StatusRuntimeException error(
      ErrorReason reason, Status.Code code, String message, Map<String, String> metadata) {
    return StatusProto.toStatusRuntimeException(status(reason, code, message, metadata));
  }

  /** A failure as the daemon stores it. */
  public static com.google.rpc.Status status(
      ErrorReason reason, Status.Code code, String message, Map<String, String> metadata) {
    return com.google.rpc.Status.newBuilder()
        .setCode(code.value())
        .setMessage(message)
        .addDetails(
            Any.pack(
                ErrorInfo.newBuilder()
                    .setDomain("drover.dev")
                    .setReason(reason.name().replaceFirst("^ERROR_REASON_", ""))
                    .putAllMetadata(metadata)
                    .build()))
        .build();
  }

  /** Ends it for good. */
  public void close() throws InterruptedException {
    channel.shutdownNow();
    if (server.isPresent()) {
      stop();
    }
  }

  private final class Observer implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      calls.add(
          new Call(
              call.getMethodDescriptor().getBareMethodName(),
              Optional.ofNullable(headers.get(URI)),
              "true".equals(headers.get(READ_ONLY))));
      StatusRuntimeException refusal = refusals.poll();
      if (refusal != null) {
        call.close(
            refusal.getStatus(),
            refusal.getTrailers() == null ? new Metadata() : refusal.getTrailers());
        return new ServerCall.Listener<>() {};
      }
      if (lostAnswers.poll() == null) {
        return next.startCall(call, headers);
      }
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata unsent) {}

            @Override
            public void sendMessage(R unsent) {}

            @Override
            public void close(Status status, Metadata trailers) {
              super.close(Status.UNAVAILABLE.withDescription("connection broke"), new Metadata());
            }
          },
          headers);
    }
  }
}
