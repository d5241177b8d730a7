package dev.drover.minimal;

import dev.drover.spi.CallContext;
import dev.drover.spi.Domains;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Acceleration;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

// tag::fields[]
/** Definition and life of domains. */
final class MinimalDomains implements Domains {

  private final DomainBook book;
  private final DomainLanes lanes;
  private final Guests guests;
  private final RandomGenerator random = new SecureRandom();

  MinimalDomains(DriverContext context, Guests guests) {
    this.book = new DomainBook(context.store(), context.clock(), context.events());
    this.lanes = new DomainLanes(context.clock(), context.activities());
    this.guests = guests;
  }

  // end::fields[]
  // tag::reads[]
  @Override
  public List<Domain> list() {
    return book.list();
  }

  @Override
  public Domain get(DomainRef domain) {
    return book.require(domain);
  }

  // end::reads[]
  // tag::define[]
  @Override
  public Domain define(CallContext call, DefineDomainRequest request) {
    DomainSpec spec = book.complete(request.getSpec(), random);
    requireSupported(spec);
    try (DomainLanes.Pass _ = lanes.enter(call, spec.getUuid(), spec.getName(), "define")) {
      return request.getValidateOnly()
          ? book.preview(spec, request.getEtag())
          : book.define(spec, request.getEtag());
    }
  }

  /** What this driver cannot give a domain is refused by name, never left out (R24). */
  private static void requireSupported(DomainSpec spec) {
    if (spec.getDisksCount() > 0) {
      throw unsupported("disks", "this driver has no disks");
    }
    if (!spec.getMachine().isEmpty()) {
      throw unsupported("machine", "this driver has no machine types to choose from");
    }
  }

  private static DriverException unsupported(String field, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED,
        "%s; leave out %s".formatted(why, field),
        "field",
        "spec." + field);
  }

  // end::define[]
  // tag::undefine[]
  @Override
  public void undefine(CallContext call, UndefineDomainRequest request) {
    lanes.change(
        call,
        book,
        request.getDomain(),
        "undefine",
        domain -> {
          DomainStates.requirePersistent(domain);
          book.undefine(uuid(domain), _ -> {});
          return domain;
        });
  }

  // end::undefine[]
  // tag::start[]
  @Override
  public Domain start(CallContext call, StartDomainRequest request) {
    return lanes.change(
        call,
        book,
        request.getDomain(),
        "start",
        domain -> {
          DomainStates.requireInactive(domain);
          requireAcceleration(domain.getSpec());
          guests.start(uuid(domain), request.getPaused());
          return book.started(
              domain.getSpec(),
              request.getPaused(),
              Acceleration.ACCELERATION_TCG,
              "no guest code is executed");
        });
  }

  /** A choice that cannot be kept is refused when it would count: another host may have KVM. */
  private static void requireAcceleration(DomainSpec spec) {
    if (spec.getAcceleration() == Acceleration.ACCELERATION_KVM) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_ACCELERATION_UNAVAILABLE,
          "there is no KVM; leave the acceleration of domain '%s' out".formatted(spec.getName()),
          "acceleration",
          "kvm",
          "detail",
          "no guest code is executed");
    }
  }

  // end::start[]
  // tag::end[]
  @Override
  public Domain destroy(CallContext call, DestroyDomainRequest request) {
    return running(
        call,
        request.getDomain(),
        "destroy",
        domain -> ended(domain, DomainStateReason.DOMAIN_STATE_REASON_DESTROYED));
  }

  @Override
  public Domain shutdown(CallContext call, ShutdownDomainRequest request) {
    return running(
        call,
        request.getDomain(),
        "shut down",
        domain ->
            guests.obeysPowerButton(uuid(domain))
                ? ended(domain, DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN)
                : domain);
  }

  private Domain ended(Domain domain, DomainStateReason reason) {
    guests.end(uuid(domain));
    Domain ended =
        book.ended(
            uuid(domain),
            EventKind.EVENT_KIND_DOMAIN_STOPPED,
            DomainState.DOMAIN_STATE_SHUT_OFF,
            reason,
            "");
    if (!ended.getStatus().getPersistent()) {
      book.remove(uuid(ended));
      lanes.forget(uuid(ended));
    }
    return ended;
  }

  // end::end[]
  // tag::processors[]
  @Override
  public Domain suspend(CallContext call, SuspendDomainRequest request) {
    return running(
        call,
        request.getDomain(),
        "suspend",
        domain -> {
          guests.hold(uuid(domain));
          return moved(
              domain, EventKind.EVENT_KIND_DOMAIN_SUSPENDED, DomainState.DOMAIN_STATE_PAUSED);
        });
  }

  @Override
  public Domain resume(CallContext call, ResumeDomainRequest request) {
    return running(
        call,
        request.getDomain(),
        "resume",
        domain -> {
          guests.letRun(uuid(domain));
          return moved(
              domain, EventKind.EVENT_KIND_DOMAIN_RESUMED, DomainState.DOMAIN_STATE_RUNNING);
        });
  }

  /** Suspending a paused domain succeeds, and nothing has happened that could be told. */
  private Domain moved(Domain domain, EventKind kind, DomainState state) {
    return domain.getStatus().getState() == state
        ? domain
        : book.observe(
            uuid(domain),
            kind,
            status -> status.setState(state).setReason(DomainStateReason.DOMAIN_STATE_REASON_USER));
  }

  @Override
  public Domain reboot(CallContext call, RebootDomainRequest request) {
    return running(call, request.getDomain(), "reboot", this::reset);
  }

  @Override
  public Domain reset(CallContext call, ResetDomainRequest request) {
    return running(call, request.getDomain(), "reset", this::reset);
  }

  private Domain reset(Domain domain) {
    guests.reset(uuid(domain));
    return domain;
  }

  // end::processors[]
  // tag::lane[]
  private Domain running(
      CallContext call, DomainRef ref, String operation, UnaryOperator<Domain> action) {
    return lanes.change(
        call,
        book,
        ref,
        operation,
        domain -> {
          DomainStates.requireActive(domain);
          return action.apply(domain);
        });
  }

  private static String uuid(Domain domain) {
    return domain.getSpec().getUuid();
  }
  // end::lane[]
}
