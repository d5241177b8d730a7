package dev.drover.server.fake;

import dev.drover.spi.CallContext;
import dev.drover.spi.Domains;
import dev.drover.spi.error.NotFound;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.util.List;

/** Domains of a {@link FakeDriver}. */
record FakeDomains(FakeDriver driver) implements Domains {

  @Override
  public List<Domain> list() {
    driver.listed();
    return List.copyOf(driver.domainModel().values());
  }

  @Override
  public Domain get(DomainRef domain) {
    driver.looked();
    return driver.domainModel().values().stream()
        .filter(
            one ->
                one.getSpec().getName().equals(domain.getName())
                    || one.getSpec().getUuid().equals(domain.getUuid())
                    || (domain.getId() != 0 && one.getStatus().getId() == domain.getId()))
        .findFirst()
        .orElseThrow(() -> NotFound.domain(domain));
  }

  @Override
  public Domain define(CallContext call, DefineDomainRequest request) {
    driver.called("define", call, request);
    return Domain.newBuilder().setSpec(request.getSpec()).build();
  }

  @Override
  public void undefine(CallContext call, UndefineDomainRequest request) {
    driver.called("undefine", call, request);
  }

  @Override
  public Domain create(CallContext call, CreateDomainRequest request) {
    driver.called("create", call, request);
    return Domain.newBuilder().setSpec(request.getSpec()).build();
  }

  @Override
  public Domain start(CallContext call, StartDomainRequest request) {
    driver.called("start", call, request);
    return get(request.getDomain());
  }

  @Override
  public Domain shutdown(CallContext call, ShutdownDomainRequest request) {
    driver.called("shutdown", call, request);
    return get(request.getDomain());
  }

  @Override
  public Domain reboot(CallContext call, RebootDomainRequest request) {
    driver.called("reboot", call, request);
    return get(request.getDomain());
  }

  @Override
  public Domain reset(CallContext call, ResetDomainRequest request) {
    driver.called("reset", call, request);
    return get(request.getDomain());
  }

  @Override
  public Domain destroy(CallContext call, DestroyDomainRequest request) {
    driver.called("destroy", call, request);
    return get(request.getDomain());
  }

  @Override
  public Domain suspend(CallContext call, SuspendDomainRequest request) {
    driver.called("suspend", call, request);
    return get(request.getDomain());
  }

  @Override
  public Domain resume(CallContext call, ResumeDomainRequest request) {
    driver.called("resume", call, request);
    return get(request.getDomain());
  }

  @Override
  public Domain setAutostart(CallContext call, SetDomainAutostartRequest request) {
    driver.called("setAutostart", call, request);
    return get(request.getDomain());
  }
}
