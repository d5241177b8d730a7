package dev.drover.server.service;

import com.google.protobuf.FieldMask;
import com.google.protobuf.util.FieldMaskUtil;
import dev.drover.server.service.Paging.Page;
import dev.drover.server.service.Paging.Place;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateDomainResponse;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DefineDomainResponse;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.DestroyDomainResponse;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GetDomainResponse;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListDomainsResponse;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.RebootDomainResponse;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResetDomainResponse;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.ResumeDomainResponse;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.SetDomainAutostartResponse;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.ShutdownDomainResponse;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.SuspendDomainResponse;
import dev.drover.v1.UndefineDomainRequest;
import dev.drover.v1.UndefineDomainResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** {@code drover.v1.DomainService} on the driver's {@link dev.drover.spi.Domains}. */
public final class DomainService extends DomainServiceGrpc.DomainServiceImplBase {

  @Override
  public void defineDomain(
      DefineDomainRequest request, StreamObserver<DefineDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            DefineDomainResponse.newBuilder()
                .setDomain(call.domains().define(call.context(), request))
                .build());
  }

  @Override
  public void undefineDomain(
      UndefineDomainRequest request, StreamObserver<UndefineDomainResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.domains().undefine(call.context(), request);
          return UndefineDomainResponse.getDefaultInstance();
        });
  }

  @Override
  public void createDomain(
      CreateDomainRequest request, StreamObserver<CreateDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            CreateDomainResponse.newBuilder()
                .setDomain(call.domains().create(call.context(), request))
                .build());
  }

  @Override
  public void getDomain(GetDomainRequest request, StreamObserver<GetDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            GetDomainResponse.newBuilder()
                .setDomain(masked(call.domains().get(request.getDomain()), request.getReadMask()))
                .build());
  }

  @Override
  public void listDomains(ListDomainsRequest request, StreamObserver<ListDomainsResponse> client) {
    Calls.answer(
        client,
        call -> {
          DomainMatcher matcher = new DomainMatcher(request.getFilter());
          List<Domain> chosen =
              call.domains().list().stream()
                  .filter(call.visibility()::sees)
                  .filter(matcher)
                  .toList();
          Page<Domain> page =
              Paging.page(
                  chosen,
                  domain -> new Place(0, domain.getSpec().getName()),
                  request.getFilter(),
                  request.getPageSize(),
                  request.getPageToken());
          return ListDomainsResponse.newBuilder()
              .addAllDomains(
                  page.items().stream()
                      .map(domain -> masked(domain, request.getReadMask()))
                      .toList())
              .setNextPageToken(page.next())
              .build();
        });
  }

  @Override
  public void startDomain(StartDomainRequest request, StreamObserver<StartDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            StartDomainResponse.newBuilder()
                .setDomain(call.domains().start(call.context(), request))
                .build());
  }

  @Override
  public void shutdownDomain(
      ShutdownDomainRequest request, StreamObserver<ShutdownDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            ShutdownDomainResponse.newBuilder()
                .setDomain(call.domains().shutdown(call.context(), request))
                .build());
  }

  @Override
  public void rebootDomain(
      RebootDomainRequest request, StreamObserver<RebootDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            RebootDomainResponse.newBuilder()
                .setDomain(call.domains().reboot(call.context(), request))
                .build());
  }

  @Override
  public void resetDomain(ResetDomainRequest request, StreamObserver<ResetDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            ResetDomainResponse.newBuilder()
                .setDomain(call.domains().reset(call.context(), request))
                .build());
  }

  @Override
  public void destroyDomain(
      DestroyDomainRequest request, StreamObserver<DestroyDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            DestroyDomainResponse.newBuilder()
                .setDomain(call.domains().destroy(call.context(), request))
                .build());
  }

  @Override
  public void suspendDomain(
      SuspendDomainRequest request, StreamObserver<SuspendDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            SuspendDomainResponse.newBuilder()
                .setDomain(call.domains().suspend(call.context(), request))
                .build());
  }

  @Override
  public void resumeDomain(
      ResumeDomainRequest request, StreamObserver<ResumeDomainResponse> client) {
    Calls.answer(
        client,
        call ->
            ResumeDomainResponse.newBuilder()
                .setDomain(call.domains().resume(call.context(), request))
                .build());
  }

  @Override
  public void setDomainAutostart(
      SetDomainAutostartRequest request, StreamObserver<SetDomainAutostartResponse> client) {
    Calls.answer(
        client,
        call ->
            SetDomainAutostartResponse.newBuilder()
                .setDomain(call.domains().setAutostart(call.context(), request))
                .build());
  }

  private static Domain masked(Domain domain, FieldMask mask) {
    if (mask.getPathsCount() == 0) {
      return domain;
    }
    Domain.Builder chosen = Domain.newBuilder();
    FieldMaskUtil.merge(mask, domain, chosen);
    return chosen.build();
  }
}
