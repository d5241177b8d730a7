package dev.drover.conformance.bench;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;

/**
 * Bare stubs on a channel, each with a deadline that begins when the stub is asked for.
 *
 * @param channel where calls go
 * @param patience deadline of each call
 */
public record Calls(Channel channel, Duration patience) {

  /** Deadline of a call where nobody says otherwise. */
  public static final Duration PATIENCE = ConformanceTarget.PATIENCE;

  private static final Metadata.Key<String> URI =
      Metadata.Key.of("drover-uri", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> READ_ONLY =
      Metadata.Key.of("drover-read-only", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  /** Calls on a connection. */
  public static Calls on(Channel channel, String connectionUri) {
    return new Calls(with(channel, URI, connectionUri), PATIENCE);
  }

  /** The same calls on a read-only connection (A4). */
  public Calls readOnly() {
    return new Calls(with(channel, READ_ONLY, "true"), patience);
  }

  /**
   * The same calls as parts of a client's work that is traced.
   *
   * @param traceparent the work, in the form of W3C's trace context
   */
  public Calls traced(String traceparent) {
    return new Calls(with(channel, TRACEPARENT, traceparent), patience);
  }

  /** The same calls with another deadline. */
  public Calls within(Duration deadline) {
    return new Calls(channel, deadline);
  }

  /** Calls of HostService. */
  public HostServiceGrpc.HostServiceBlockingStub host() {
    return deadline(HostServiceGrpc.newBlockingStub(channel));
  }

  /** Calls of DomainService. */
  public DomainServiceGrpc.DomainServiceBlockingStub domains() {
    return deadline(DomainServiceGrpc.newBlockingStub(channel));
  }

  /** Calls of BlockService. */
  public BlockServiceGrpc.BlockServiceBlockingStub blocks() {
    return deadline(BlockServiceGrpc.newBlockingStub(channel));
  }

  /** Calls of JobService. */
  public JobServiceGrpc.JobServiceBlockingStub jobs() {
    return deadline(JobServiceGrpc.newBlockingStub(channel));
  }

  /** Calls of SnapshotService. */
  public SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshots() {
    return deadline(SnapshotServiceGrpc.newBlockingStub(channel));
  }

  /** Calls of EventService that deliver to an observer. */
  public EventServiceGrpc.EventServiceStub events() {
    return EventServiceGrpc.newStub(channel);
  }

  private <S extends AbstractStub<S>> S deadline(S stub) {
    return stub.withDeadlineAfter(patience);
  }

  private static Channel with(Channel channel, Metadata.Key<String> key, String value) {
    Metadata headers = new Metadata();
    headers.put(key, value);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}
