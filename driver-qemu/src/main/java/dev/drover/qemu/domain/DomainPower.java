package dev.drover.qemu.domain;

import dev.drover.qemu.process.ProcessExit;
import dev.drover.qemu.qmp.CommandDeadline;
import dev.drover.spi.CallContext;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Starts and ends the hypervisors of defined domains, for those who hold the domain's lane and have
 * asked whether a job forbids it.
 */
public final class DomainPower {

  private static final Duration GRACE = Duration.ofSeconds(3);
  private static final Duration CLOSING = Duration.ofSeconds(30);

  private final DriverContext context;
  private final DomainBook book;
  private final LiveDomains lives;
  private final DomainSupervisor supervisor;
  private final DomainLauncher launcher;

  DomainPower(
      DriverContext context,
      DomainBook book,
      LiveDomains lives,
      DomainSupervisor supervisor,
      DomainLauncher launcher) {
    this.context = context;
    this.book = book;
    this.lives = lives;
    this.supervisor = supervisor;
    this.launcher = launcher;
  }

  /**
   * Refuses where a process runs the domain, or may run it.
   *
   * @throws DriverException DOMAIN_ALREADY_RUNNING or DOMAIN_STATE_INVALID
   */
  public void requireStopped(Domain domain) {
    DomainStates.requireInactive(domain);
    if (lives.find(domain.getSpec().getUuid()).isPresent()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_STATE_INVALID,
          ("domain '%s' cannot be started while process %d may run it: %s; destroy the domain"
                  + " first")
              .formatted(
                  domain.getSpec().getName(),
                  domain.getStatus().getProcessId(),
                  domain.getStatus().getDetail()),
          "domain",
          domain.getSpec().getName(),
          "state",
          DomainStates.text(domain.getStatus().getState()),
          "allowed",
          "shut off, crashed");
    }
  }

  /** Whether a process runs the domain, or may run it. */
  public boolean runs(Domain domain) {
    return DomainStates.active(domain) || lives.find(domain.getSpec().getUuid()).isPresent();
  }

  /**
   * Starts a domain.
   *
   * @param paused whether its processors stay held
   * @throws DriverException as {@link #requireStopped}, and why the hypervisor could not be started
   */
  public Domain start(CallContext call, String uuid, boolean paused) {
    return begin(uuid, domain -> launcher.start(call, domain, paused, () -> {}));
  }

  /**
   * Starts a domain whose guest goes on from its memory. Its processors stay held until {@link
   * #letRun}.
   *
   * @throws DriverException as {@link #start}, and what the feed of memory raises
   */
  public Domain restore(CallContext call, String uuid, Restoration restoration) {
    return begin(uuid, domain -> launcher.restore(call, domain, restoration));
  }

  /**
   * Lets the processors of a running domain run. Does nothing where they do.
   *
   * @throws DriverException what the monitor raises
   */
  public void letRun(String uuid) {
    LiveDomain live = lives.require(book.require(uuid));
    live.processors().run(CommandDeadline.DRAIN.duration());
    var _ =
        book.observe(
            uuid,
            now ->
                now.getState() == DomainState.DOMAIN_STATE_PAUSED
                    ? Optional.of(DomainTransitions.running().statusChange())
                    : Optional.empty());
  }

  private Domain begin(String uuid, Function<Domain, Domain> start) {
    Domain domain = book.require(uuid);
    requireStopped(domain);
    try {
      return start.apply(domain);
    } catch (DriverException e) {
      if (e.reason() == ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED) {
        book.observe(
            uuid,
            EventKind.EVENT_KIND_DOMAIN_UPDATED,
            status ->
                status
                    .setReason(DomainStateReason.DOMAIN_STATE_REASON_FAILED)
                    .setDetail(String.valueOf(e.getMessage())));
      }
      throw e;
    }
  }

  /**
   * Ends the hypervisor of a domain, and returns when the domain is shown as stopped and whatever
   * worked on it is closed.
   *
   * @param graceful whether it is only asked to end, never killed
   * @throws DriverException DOMAIN_NOT_RUNNING, DEADLINE_EXCEEDED or CALL_CANCELLED
   */
  public Domain end(CallContext call, String uuid, boolean graceful) {
    Domain domain = book.require(uuid);
    Optional<Supervision> found = supervisor.find(uuid);
    if (found.isEmpty()) {
      DomainStates.requireActive(domain);
      return book.require(uuid);
    }
    Supervision supervision = found.get();
    supervision.expectEnd(DomainEnd.Cause.DESTROYED);
    endProcess(call, supervision, graceful);
    try {
      return supervision.ended().copy().orTimeout(CLOSING.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          "the hypervisor of domain '%s' has ended, but closing its jobs takes long"
              .formatted(domain.getSpec().getName()),
          "domain",
          domain.getSpec().getName());
    }
  }

  private void endProcess(CallContext call, Supervision supervision, boolean graceful) {
    Duration left = call.remaining(context.clock().instant());
    boolean silent =
        supervision.live().silence().isPresent() || supervision.silence().isStorageSilent();
    Optional<ProcessExit> exit;
    try {
      if (graceful) {
        supervision.process().requestEnd();
        exit = supervision.process().awaitExit(left);
      } else {
        Duration grace = left.compareTo(GRACE) < 0 ? left : GRACE;
        exit = supervision.process().terminate(silent ? Duration.ZERO : grace);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the call was given up");
    }
    if (exit.isEmpty()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          (graceful
                  ? "the hypervisor of domain '%s', process %d, did not end in time; destroy it"
                      + " without graceful"
                  : "the hypervisor of domain '%s', process %d, did not end even when killed; the"
                      + " host's kernel is stuck on its behalf: see to the storage of its images,"
                      + " and the domain is shut off")
              .formatted(supervision.live().name(), supervision.process().pid()),
          "domain",
          supervision.live().name());
    }
  }
}
