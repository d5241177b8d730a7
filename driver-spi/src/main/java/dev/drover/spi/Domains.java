package dev.drover.spi;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.util.List;

/**
 * Definition and life of domains; the facet behind {@code DomainService}. Requests arrive as the
 * client sent them (A2), already past the daemon's guards: their fields are known and well formed,
 * and a spec obeys the limits written in {@code domain_spec.proto}.
 *
 * <p>{@link #list} and {@link #get} answer from the model and never block. Every other call enters
 * the domain's lane, waits there no longer than the call's deadline (DOMAIN_BUSY), and returns the
 * domain as it is afterwards. The reasons each call may raise are those its RPC documents.
 */
public interface Domains {

  /** Every domain, in no particular order; the daemon filters, sorts and pages. */
  List<Domain> list();

  /**
   * One domain.
   *
   * @throws dev.drover.spi.error.DriverException DOMAIN_NOT_FOUND
   */
  Domain get(DomainRef domain);

  /** Stores a definition; with {@code validate_only} answers what would be stored. */
  Domain define(CallContext call, DefineDomainRequest request);

  /** Forgets a definition. */
  void undefine(CallContext call, UndefineDomainRequest request);

  /**
   * Starts a transient domain. Belongs to CAPABILITY_DOMAIN_TRANSIENT: where a driver does not
   * declare it, the daemon answers NOT_SUPPORTED without calling this (R16).
   */
  default Domain create(CallContext call, CreateDomainRequest request) {
    throw undeclared("CreateDomain");
  }

  /** Starts a defined domain. */
  Domain start(CallContext call, StartDomainRequest request);

  /** Asks the guest to power off. */
  Domain shutdown(CallContext call, ShutdownDomainRequest request);

  /** Asks the guest to reboot. */
  Domain reboot(CallContext call, RebootDomainRequest request);

  /** Resets the guest. */
  Domain reset(CallContext call, ResetDomainRequest request);

  /** Ends the hypervisor process, also one that does not answer (R4). */
  Domain destroy(CallContext call, DestroyDomainRequest request);

  /** Holds the processors; succeeds on a paused domain. */
  Domain suspend(CallContext call, SuspendDomainRequest request);

  /** Lets the processors run; succeeds on a running domain. */
  Domain resume(CallContext call, ResumeDomainRequest request);

  /**
   * Chooses whether the daemon starts the domain. Belongs to CAPABILITY_DOMAIN_AUTOSTART: where a
   * driver does not declare it, the daemon answers NOT_SUPPORTED without calling this (R16).
   */
  default Domain setAutostart(CallContext call, SetDomainAutostartRequest request) {
    throw undeclared("SetDomainAutostart");
  }

  private static DriverException undeclared(String method) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NOT_SUPPORTED,
        "the driver does not have " + method,
        "method",
        method);
  }
}
