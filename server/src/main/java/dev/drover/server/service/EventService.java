package dev.drover.server.service;

import dev.drover.server.access.Glob;
import dev.drover.server.access.Permission;
import dev.drover.server.driver.DriverConnection;
import dev.drover.server.guard.ActiveCall;
import dev.drover.server.watch.DomainChoice;
import dev.drover.server.watch.WatchFilter;
import dev.drover.server.watch.WatchStreams;
import dev.drover.server.watch.WatchStreams.Start;
import dev.drover.spi.Jobs;
import dev.drover.spi.Snapshots;
import dev.drover.spi.snapshot.SnapshotEtags;
import dev.drover.v1.DomainRef;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchType;
import dev.drover.v1.WatchedObject;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code drover.v1.EventService} on the events of the connection. */
public final class EventService extends EventServiceGrpc.EventServiceImplBase {

  private final WatchStreams streams;

  /** Makes the service. */
  @Inject
  public EventService(WatchStreams streams) {
    this.streams = streams;
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> client) {
    ActiveCall call = ActiveCall.current();
    DriverConnection connection = call.connection();
    WatchFilter filter =
        new WatchFilter(
            new HashSet<>(request.getTypesList()),
            new DomainChoice(
                request.hasDomain()
                    ? Optional.of(named(call, request.getDomain()))
                    : Optional.empty(),
                Glob.filter(request.getNameGlob()),
                request.getLabelsMap(),
                (name, uuid) -> call.visibility().traits(name, uuid).labels()),
            call.visibility().viewer());
    streams.open(
        connection.events(),
        chosen -> existing(connection, chosen),
        filter,
        start(request),
        (ServerCallStreamObserver<WatchResponse>) client);
  }

  private static Start start(WatchRequest request) {
    if (request.getLiveOnly()) {
      return new Start.Live();
    }
    return request.getResumeRevision() == 0
        ? new Start.State()
        : new Start.After(request.getResumeRevision());
  }

  /** A number means the domain that has it now; names and uuids may come into being later. */
  private static DomainChoice.Named named(ActiveCall call, DomainRef domain) {
    return switch (domain.getRefCase()) {
      case NAME -> new DomainChoice.Named(domain.getName(), "");
      case UUID -> new DomainChoice.Named("", domain.getUuid());
      case ID, REF_NOT_SET ->
          new DomainChoice.Named(
              "", call.visibility().require(Permission.EVENT_READ, domain).getSpec().getUuid());
    };
  }

  private static Iterator<WatchedObject> existing(DriverConnection connection, WatchFilter filter) {
    Stream<WatchedObject> domains =
        filter.shows(WatchType.WATCH_TYPE_DOMAIN)
            ? connection.driver().domains().list().stream()
                .filter(filter::shows)
                .map(domain -> WatchedObject.newBuilder().setDomain(domain).build())
            : Stream.empty();
    Stream<WatchedObject> jobs =
        filter.shows(WatchType.WATCH_TYPE_JOB)
            ? connection.jobs().map(Jobs::list).orElse(List.of()).stream()
                .filter(filter::shows)
                .map(job -> WatchedObject.newBuilder().setJob(job).build())
            : Stream.empty();
    Stream<WatchedObject> snapshots =
        filter.shows(WatchType.WATCH_TYPE_SNAPSHOT)
            ? connection.snapshots().map(Snapshots::listAll).orElse(List.of()).stream()
                .filter(filter::shows)
                .map(SnapshotEtags::shown)
                .map(snapshot -> WatchedObject.newBuilder().setSnapshot(snapshot).build())
            : Stream.empty();
    return Stream.of(domains, jobs, snapshots).flatMap(part -> part).iterator();
  }
}
