package dev.drover.server.argument;

import com.google.protobuf.FieldMask;
import com.google.protobuf.util.FieldMaskUtil;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainState;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;

/** Rules of the requests of DomainService. */
final class DomainArguments {

  private static final DomainSpecRule SPEC = new DomainSpecRule();

  private DomainArguments() {}

  static void register(ArgumentRules.Table table) {
    table
        .add(DefineDomainRequest.class, DomainArguments::define)
        .add(CreateDomainRequest.class, DomainArguments::create)
        .add(GetDomainRequest.class, DomainArguments::get)
        .add(ListDomainsRequest.class, DomainArguments::list)
        .add(
            UndefineDomainRequest.class,
            one -> {
              change(one.getDomain(), one.getRequestId());
              Argument.that(
                  !(one.getKeepSnapshots() && one.getSnapshotsMetadata()),
                  "keep_snapshots",
                  "contradicts snapshots_metadata");
            })
        .add(StartDomainRequest.class, one -> change(one.getDomain(), one.getRequestId()))
        .add(ShutdownDomainRequest.class, one -> change(one.getDomain(), one.getRequestId()))
        .add(RebootDomainRequest.class, one -> change(one.getDomain(), one.getRequestId()))
        .add(ResetDomainRequest.class, one -> change(one.getDomain(), one.getRequestId()))
        .add(DestroyDomainRequest.class, one -> change(one.getDomain(), one.getRequestId()))
        .add(SuspendDomainRequest.class, one -> change(one.getDomain(), one.getRequestId()))
        .add(ResumeDomainRequest.class, one -> change(one.getDomain(), one.getRequestId()))
        .add(SetDomainAutostartRequest.class, one -> change(one.getDomain(), one.getRequestId()));
  }

  private static void change(DomainRef domain, String requestId) {
    Argument.domain(domain);
    Argument.requestId(requestId);
  }

  private static void define(DefineDomainRequest request) {
    Argument.required(request.hasSpec(), "spec");
    SPEC.check(request.getSpec());
    Argument.requestId(request.getRequestId());
  }

  private static void create(CreateDomainRequest request) {
    Argument.required(request.hasSpec(), "spec");
    SPEC.check(request.getSpec());
    Argument.requestId(request.getRequestId());
  }

  private static void get(GetDomainRequest request) {
    Argument.domain(request.getDomain());
    mask(request.getReadMask());
  }

  private static void list(ListDomainsRequest request) {
    Argument.pageSize(request.getPageSize());
    mask(request.getReadMask());
    Argument.that(
        !request.getFilter().getStatesList().contains(DomainState.DOMAIN_STATE_UNSPECIFIED),
        "filter.states",
        "must not hold DOMAIN_STATE_UNSPECIFIED");
    Argument.glob(request.getFilter().getNameGlob(), "filter.name_glob");
  }

  private static void mask(FieldMask mask) {
    for (String path : mask.getPathsList()) {
      Argument.that(
          FieldMaskUtil.isValid(Domain.class, path),
          "read_mask",
          "holds \"" + path + "\", which is no path of Domain");
    }
  }
}
