package dev.drover.client;

import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateDomainResponse;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DefineDomainResponse;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.DestroyDomainResponse;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GetDomainResponse;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListDomainsResponse;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import dev.drover.v1.UndefineDomainRequest;
import dev.drover.v1.UndefineDomainResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Domains in a map; a start with a request id seen before starts nothing. */
public final class FakeDomains extends DomainServiceGrpc.DomainServiceImplBase {
  /** Domains on a page, whatever was asked for. */
  public static final int PAGE = 2;

  private final Map<String, Domain> domains = new TreeMap<>();
  private final Set<String> requestIds = ConcurrentHashMap.newKeySet();
  private final AtomicInteger starts = new AtomicInteger();

  /** Definitions that arrived. */
  public final List<DefineDomainRequest> defined = new CopyOnWriteArrayList<>();

  /** Removals of definitions that arrived. */
  public final List<UndefineDomainRequest> undefined = new CopyOnWriteArrayList<>();

  /** Makes a domain known. */
  public synchronized Domain add(String name, DomainState state, int id) {
    Domain domain =
        Domain.newBuilder()
            .setSpec(
                DomainSpec.newBuilder()
                    .setName(name)
                    .setUuid(uuid(name))
                    .setTitle("The " + name + " machine")
                    .setVcpus(2)
                    .setMemoryBytes(128L << 20))
            .setStatus(
                DomainStatus.newBuilder()
                    .setState(state)
                    .setReason(DomainStateReason.DOMAIN_STATE_REASON_BOOTED)
                    .setId(id)
                    .setPersistent(true)
                    .setCurrentMemoryBytes(id == 0 ? 0 : 64L << 20))
            .setEtag("etag-" + name)
            .build();
    domains.put(name, domain);
    return domain;
  }

  /** UUID given to a name. */
  public static String uuid(String name) {
    return java.util
        .UUID
        .nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .toString();
  }

  /** How often a domain was really started. */
  public int starts() {
    return starts.get();
  }

  private synchronized Domain find(DomainRef ref) {
    return domains.values().stream()
        .filter(
            domain ->
                switch (ref.getRefCase()) {
                  case NAME -> domain.getSpec().getName().equals(ref.getName());
                  case UUID -> domain.getSpec().getUuid().equals(ref.getUuid());
                  case ID -> domain.getStatus().getId() == ref.getId();
                  case REF_NOT_SET -> false;
                })
        .findFirst()
        .orElseThrow(() -> notFound(ref));
  }

  private static StatusRuntimeException notFound(DomainRef ref) {
    String words = ref.hasName() ? ref.getName() : ref.hasUuid() ? ref.getUuid() : "" + ref.getId();
    return FakeDaemon.error(
        ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND,
        Status.Code.NOT_FOUND,
        "Domain '%s' does not exist; 'list --all' shows those that do".formatted(words),
        Map.of("domain", words));
  }

  private synchronized Domain change(DomainRef ref, DomainState state, int id) {
    Domain domain = find(ref);
    Domain changed =
        domain.toBuilder()
            .setStatus(domain.getStatus().toBuilder().setState(state).setId(id))
            .build();
    domains.put(domain.getSpec().getName(), changed);
    return changed;
  }

  @Override
  public void getDomain(GetDomainRequest request, StreamObserver<GetDomainResponse> response) {
    answer(
        response,
        () -> GetDomainResponse.newBuilder().setDomain(find(request.getDomain())).build());
  }

  @Override
  public void listDomains(
      ListDomainsRequest request, StreamObserver<ListDomainsResponse> response) {
    answer(
        response,
        () -> {
          List<Domain> all;
          synchronized (this) {
            all = new ArrayList<>(domains.values());
          }
          if (request.getFilter().getStatesCount() > 0) {
            all.removeIf(
                domain ->
                    !request.getFilter().getStatesList().contains(domain.getStatus().getState()));
          }
          int from =
              request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
          int to = Math.min(all.size(), from + PAGE);
          return ListDomainsResponse.newBuilder()
              .addAllDomains(all.subList(from, to))
              .setNextPageToken(to < all.size() ? Integer.toString(to) : "")
              .build();
        });
  }

  @Override
  public void defineDomain(
      DefineDomainRequest request, StreamObserver<DefineDomainResponse> response) {
    defined.add(request);
    answer(
        response,
        () ->
            DefineDomainResponse.newBuilder()
                .setDomain(Domain.newBuilder().setSpec(request.getSpec()))
                .build());
  }

  @Override
  public void createDomain(
      CreateDomainRequest request, StreamObserver<CreateDomainResponse> response) {
    answer(
        response,
        () ->
            CreateDomainResponse.newBuilder()
                .setDomain(
                    add(
                        request.getSpec().getName(),
                        request.getPaused()
                            ? DomainState.DOMAIN_STATE_PAUSED
                            : DomainState.DOMAIN_STATE_RUNNING,
                        9))
                .build());
  }

  @Override
  public void startDomain(
      StartDomainRequest request, StreamObserver<StartDomainResponse> response) {
    answer(
        response,
        () -> {
          if (requestIds.add(request.getRequestId())) {
            starts.incrementAndGet();
          }
          return StartDomainResponse.newBuilder()
              .setDomain(change(request.getDomain(), DomainState.DOMAIN_STATE_RUNNING, 7))
              .build();
        });
  }

  @Override
  public void destroyDomain(
      DestroyDomainRequest request, StreamObserver<DestroyDomainResponse> response) {
    answer(
        response,
        () ->
            DestroyDomainResponse.newBuilder()
                .setDomain(change(request.getDomain(), DomainState.DOMAIN_STATE_SHUT_OFF, 0))
                .build());
  }

  @Override
  public void undefineDomain(
      UndefineDomainRequest request, StreamObserver<UndefineDomainResponse> response) {
    undefined.add(request);
    answer(
        response,
        () -> {
          Domain domain = find(request.getDomain());
          synchronized (this) {
            domains.remove(domain.getSpec().getName());
          }
          return UndefineDomainResponse.getDefaultInstance();
        });
  }

  /** Answers one message, or the failure that was thrown. */
  static <R> void answer(StreamObserver<R> response, java.util.function.Supplier<R> work) {
    R message;
    try {
      message = work.get();
    } catch (StatusRuntimeException e) {
      response.onError(e);
      return;
    }
    response.onNext(message);
    response.onCompleted();
  }
}
