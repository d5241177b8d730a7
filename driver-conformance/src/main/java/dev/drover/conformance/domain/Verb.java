package dev.drover.conformance.domain;

import dev.drover.conformance.bench.Calls;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import java.util.Optional;
import java.util.Set;

/** What can be done to the power of a domain. */
public enum Verb {
  /** StartDomain. */
  START,
  /** ShutdownDomain. */
  SHUTDOWN,
  /** RebootDomain. */
  REBOOT,
  /** ResetDomain. */
  RESET,
  /** DestroyDomain. */
  DESTROY,
  /** SuspendDomain. */
  SUSPEND,
  /** ResumeDomain. */
  RESUME;

  /** Does it. */
  Domain call(Calls calls, DomainRef domain) {
    return switch (this) {
      case START ->
          calls
              .domains()
              .startDomain(StartDomainRequest.newBuilder().setDomain(domain).build())
              .getDomain();
      case SHUTDOWN ->
          calls
              .domains()
              .shutdownDomain(ShutdownDomainRequest.newBuilder().setDomain(domain).build())
              .getDomain();
      case REBOOT ->
          calls
              .domains()
              .rebootDomain(RebootDomainRequest.newBuilder().setDomain(domain).build())
              .getDomain();
      case RESET ->
          calls
              .domains()
              .resetDomain(ResetDomainRequest.newBuilder().setDomain(domain).build())
              .getDomain();
      case DESTROY ->
          calls
              .domains()
              .destroyDomain(DestroyDomainRequest.newBuilder().setDomain(domain).build())
              .getDomain();
      case SUSPEND ->
          calls
              .domains()
              .suspendDomain(SuspendDomainRequest.newBuilder().setDomain(domain).build())
              .getDomain();
      case RESUME ->
          calls
              .domains()
              .resumeDomain(ResumeDomainRequest.newBuilder().setDomain(domain).build())
              .getDomain();
    };
  }

  /** Why it is refused in a state; empty where it is not. */
  Optional<ErrorReason> refusal(DomainState state) {
    boolean active = state != DomainState.DOMAIN_STATE_SHUT_OFF;
    return switch (this) {
      case START ->
          active ? Optional.of(ErrorReason.ERROR_REASON_DOMAIN_ALREADY_RUNNING) : Optional.empty();
      case SHUTDOWN, REBOOT, RESET, DESTROY, SUSPEND, RESUME ->
          active ? Optional.empty() : Optional.of(ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING);
    };
  }

  /**
   * States the domain may be in afterwards. A guest takes its time to follow a request, or does not
   * follow it; what it does in the end is not this call's.
   */
  Set<DomainState> after(DomainState state) {
    return switch (this) {
      case START, RESUME -> Set.of(DomainState.DOMAIN_STATE_RUNNING);
      case DESTROY -> Set.of(DomainState.DOMAIN_STATE_SHUT_OFF);
      case SUSPEND -> Set.of(DomainState.DOMAIN_STATE_PAUSED);
      case RESET -> Set.of(state);
      case REBOOT -> Set.of(state, DomainState.DOMAIN_STATE_IN_SHUTDOWN);
      case SHUTDOWN ->
          Set.of(state, DomainState.DOMAIN_STATE_IN_SHUTDOWN, DomainState.DOMAIN_STATE_SHUT_OFF);
    };
  }
}
