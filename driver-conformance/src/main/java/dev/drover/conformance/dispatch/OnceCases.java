package dev.drover.conformance.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DefineDomainResponse;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import dev.drover.v1.UndefineDomainRequest;
import java.util.UUID;

/** Calls with a request id run once (R7). */
public final class OnceCases {

  private final Bench bench;

  /** Works on a bench. */
  public OnceCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a repeated definition answers what the first one answered")
  @Requirement({"R7"})
  public void define() {
    DefineDomainRequest request =
        DefineDomainRequest.newBuilder()
            .setSpec(bench.spec(bench.name("vm")))
            .setRequestId(id())
            .build();

    DefineDomainResponse first = bench.calls().domains().defineDomain(request);
    DefineDomainResponse second = bench.calls().domains().defineDomain(request);

    assertThat(second).isEqualTo(first);
    assertThat(bench.domains()).hasSize(1);
  }

  @Case("a repeated start does not find the domain already running")
  @Requirement({"R7"})
  public void start() {
    TestDomain domain = bench.define();
    StartDomainRequest request =
        StartDomainRequest.newBuilder()
            .setDomain(domain.ref())
            .setPaused(true)
            .setRequestId(id())
            .build();

    StartDomainResponse first = bench.calls().domains().startDomain(request);
    StartDomainResponse second = bench.calls().domains().startDomain(request);

    assertThat(second).isEqualTo(first);
  }

  @Case("a repeated call answers the same also after its object is gone")
  @Requirement({"R7"})
  public void undefine() {
    TestDomain domain = bench.define();
    UndefineDomainRequest request =
        UndefineDomainRequest.newBuilder().setDomain(domain.ref()).setRequestId(id()).build();

    assertThat(bench.calls().domains().undefineDomain(request))
        .isEqualTo(bench.calls().domains().undefineDomain(request));
  }

  @Case("a request id cannot be used for another request")
  @Requirement({"R7"})
  public void reused() {
    String id = id();
    DefineDomainRequest request =
        DefineDomainRequest.newBuilder()
            .setSpec(bench.spec(bench.name("vm")))
            .setRequestId(id)
            .build();
    var _ = bench.calls().domains().defineDomain(request);

    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .defineDomain(
                        request.toBuilder().setSpec(bench.spec(bench.name("other"))).build()))
        .is(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED)
        .tells("request_id", id);
    assertThat(bench.domains()).hasSize(1);
  }

  @Case("a refused call may be repeated with its request id once the cause is gone")
  @Requirement({"R7"})
  public void afterRefusal() {
    String name = bench.name("vm");
    String id = id();
    StartDomainRequest request =
        StartDomainRequest.newBuilder()
            .setDomain(dev.drover.v1.DomainRef.newBuilder().setName(name))
            .setPaused(true)
            .setRequestId(id)
            .build();
    Refusal.of(() -> bench.calls().domains().startDomain(request))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);

    TestDomain domain = bench.define(bench.spec(name));
    var _ = bench.calls().domains().startDomain(request);

    assertThat(domain.get().getStatus().getId()).isPositive();
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }
}
