package dev.drover.conformance.mutant;

import dev.drover.spi.CallContext;
import dev.drover.spi.Domains;
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

/** Serves domains as the real facet does, except where a mistake says otherwise. */
class ForwardingDomains implements Domains {

  private final Domains real;

  ForwardingDomains(Domains real) {
    this.real = real;
  }

  /** What is said of a domain, in every answer. */
  protected Domain told(Domain answer) {
    return answer;
  }

  @Override
  public List<Domain> list() {
    return real.list().stream().map(this::told).toList();
  }

  @Override
  public Domain get(DomainRef domain) {
    return told(real.get(domain));
  }

  @Override
  public Domain define(CallContext call, DefineDomainRequest request) {
    return told(real.define(call, request));
  }

  @Override
  public void undefine(CallContext call, UndefineDomainRequest request) {
    real.undefine(call, request);
  }

  @Override
  public Domain create(CallContext call, CreateDomainRequest request) {
    return told(real.create(call, request));
  }

  @Override
  public Domain start(CallContext call, StartDomainRequest request) {
    return told(real.start(call, request));
  }

  @Override
  public Domain shutdown(CallContext call, ShutdownDomainRequest request) {
    return told(real.shutdown(call, request));
  }

  @Override
  public Domain reboot(CallContext call, RebootDomainRequest request) {
    return told(real.reboot(call, request));
  }

  @Override
  public Domain reset(CallContext call, ResetDomainRequest request) {
    return told(real.reset(call, request));
  }

  @Override
  public Domain destroy(CallContext call, DestroyDomainRequest request) {
    return told(real.destroy(call, request));
  }

  @Override
  public Domain suspend(CallContext call, SuspendDomainRequest request) {
    return told(real.suspend(call, request));
  }

  @Override
  public Domain resume(CallContext call, ResumeDomainRequest request) {
    return told(real.resume(call, request));
  }

  @Override
  public Domain setAutostart(CallContext call, SetDomainAutostartRequest request) {
    return told(real.setAutostart(call, request));
  }
}
