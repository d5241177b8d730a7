package dev.drover.test.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.DurationWords;
import dev.drover.spi.domain.QuiesceRules;
import dev.drover.spi.error.DriverException;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Snapshot;
import java.time.Duration;
import java.util.Optional;

/**
 * The modelled guest's agent as a snapshot asks it to freeze the file systems, where that was asked
 * for (R22). What happens at the moment takes no virtual time, so that a freeze is over when the
 * snapshot is. Under the {@link dev.drover.test.clock.WorldLock}.
 *
 * @param domain name of the domain, for errors
 * @param limit longest wait for the agent; zero: nothing is frozen
 */
record AgentFreeze(World world, String domain, Duration limit) {

  /**
   * What a request asks for.
   *
   * @throws DriverException GUEST_AGENT_UNAVAILABLE where nothing can be frozen
   */
  static AgentFreeze of(
      World world, Optional<Machine> machine, String domain, CreateSnapshotRequest request) {
    Duration limit = QuiesceRules.limit(request);
    if (!limit.isZero()) {
      Machine guest = machine.orElseThrow(() -> QuiesceRules.shutOff(domain));
      if (!guest.agent() || guest.paused()) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE,
            "domain '%s' has no guest that runs with an agent; define it with guest_agent and let it run, or go on without quiesce"
                .formatted(domain),
            "domain",
            domain);
      }
    }
    return new AgentFreeze(world, domain, limit);
  }

  /**
   * Freezes, where that was asked for.
   *
   * @throws DriverException GUEST_AGENT_FAILED
   */
  void ask(CallContext call) {
    if (limit.isZero()) {
      return;
    }
    FaultGate.Answer answer = world.gate().ask(call, FaultStep.AGENT_FREEZE.id(), limit);
    switch (answer) {
      case DONE -> {}
      case REFUSED -> throw failed("it refused");
      case LATE -> throw failed("no answer within %s".formatted(DurationWords.of(limit)));
    }
  }

  /** The record of the snapshot with what the freeze has reached. */
  Snapshot reached(Snapshot snapshot) {
    return limit.isZero() ? snapshot : QuiesceRules.frozen(snapshot);
  }

  private DriverException failed(String how) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED,
        "the agent of domain '%s' did not freeze the file systems: %s; try again, or go on without quiesce"
            .formatted(domain, how),
        "domain",
        domain,
        "command",
        "freeze");
  }
}
