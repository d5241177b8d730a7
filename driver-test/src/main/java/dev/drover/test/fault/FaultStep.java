package dev.drover.test.fault;

import static dev.drover.testing.v1.FaultKind.FAULT_KIND_DELAY;
import static dev.drover.testing.v1.FaultKind.FAULT_KIND_DISK_FULL;
import static dev.drover.testing.v1.FaultKind.FAULT_KIND_DROP_EVENT;
import static dev.drover.testing.v1.FaultKind.FAULT_KIND_ERROR;
import static dev.drover.testing.v1.FaultKind.FAULT_KIND_HANG;
import static dev.drover.testing.v1.FaultKind.FAULT_KIND_HYPERVISOR_CRASH;
import static dev.drover.testing.v1.FaultKind.FAULT_KIND_REPEAT_EVENT;

import dev.drover.spi.error.DriverException;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.ErrorReason;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The steps at which a fault can strike, and the kinds that mean something there. Names are those
 * of {@code InjectFaultRequest.step}.
 *
 * <p>In a step of a call, ERROR fails the call with INJECTED_FAULT, HANG holds it until ClearFaults
 * or its deadline, and the call leaves nothing behind. In a step of a job, ERROR fails the job with
 * JOB_IO_ERROR, or where it copies and its policy is STOP blocks it until ResumeJob; HANG holds the
 * job until ClearFaults; DISK_FULL blocks it until ClearFaults, or fails it under policy REPORT. A
 * crash ends the domain as CRASHED; its jobs end FAILED with JOB_INTERRUPTED, or as what had really
 * happened. A domain's and a job's events are dropped or repeated at the step they tell of.
 *
 * <p>A revert to a snapshot is a job with the steps {@code job.start}, {@code image.create} for
 * each overlay, {@code revert.prepared}, {@code job.finalize} once it is decided, {@code
 * revert.moved}, {@code domain.start} where it starts the domain, and {@code job.cancel}. DISK_FULL
 * fails it with NO_SPACE; a crash ends the domain, and the revert goes on. What fails it before
 * {@code revert.moved} leaves the domain as it was.
 */
public enum FaultStep {
  /** StartDomain and CreateDomain, after all checks and before the guest runs. */
  DOMAIN_START(
      "domain.start",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DROP_EVENT,
      FAULT_KIND_REPEAT_EVENT),
  /**
   * The guest's answer to a request to power off or to reboot; under HANG it ignores the request.
   */
  DOMAIN_SHUTDOWN(
      "domain.shutdown", FAULT_KIND_DELAY, FAULT_KIND_HANG, FAULT_KIND_HYPERVISOR_CRASH),
  /** DestroyDomain, before the guest ends; for events: every end of a domain. */
  DOMAIN_STOP(
      "domain.stop",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_DROP_EVENT,
      FAULT_KIND_REPEAT_EVENT),
  /** A call that starts a job, when the job is on record and the hypervisor is told. */
  JOB_START(
      "job.start",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DISK_FULL,
      FAULT_KIND_DROP_EVENT,
      FAULT_KIND_REPEAT_EVENT),
  /** Each time a job is about to copy. */
  JOB_RUNNING(
      "job.running",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DISK_FULL),
  /** When source and destination have become equal, before the job is READY. */
  JOB_READY(
      "job.ready",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DROP_EVENT,
      FAULT_KIND_REPEAT_EVENT),
  /** When a job is PIVOTING, before the switch. */
  JOB_PIVOT(
      "job.pivot",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DISK_FULL,
      FAULT_KIND_DROP_EVENT,
      FAULT_KIND_REPEAT_EVENT),
  /** When a job is CANCELLING, also to be kept, before it ends. */
  JOB_CANCEL(
      "job.cancel",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DROP_EVENT,
      FAULT_KIND_REPEAT_EVENT),
  /**
   * When jobs are about to end at one moment, before anything is decided and while their guest is
   * held. Under ERROR the jobs are READY as before and the call fails with HYPERVISOR_REFUSED.
   */
  JOB_GROUP(
      "job.group",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH),
  /**
   * When the guest's agent is asked to freeze its file systems. Under ERROR it refuses, under HANG,
   * or a DELAY beyond the timeout of the quiesce, it does not answer in time; the call fails with
   * GUEST_AGENT_FAILED, the jobs are READY as before, and no snapshot is made.
   */
  AGENT_FREEZE("agent.freeze", FAULT_KIND_ERROR, FAULT_KIND_DELAY, FAULT_KIND_HANG),
  /**
   * When a job is FINALIZING: before the header is rewritten where a job has one phase, after the
   * switch where it has two. After the switch an ERROR is CHAIN_DIVERGED, and nothing is deleted.
   */
  JOB_FINALIZE(
      "job.finalize",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DISK_FULL,
      FAULT_KIND_DROP_EVENT,
      FAULT_KIND_REPEAT_EVENT),
  /** The event of any change of a job's state. */
  JOB_EVENT("job.event", FAULT_KIND_DROP_EVENT, FAULT_KIND_REPEAT_EVENT),
  /**
   * CreateSnapshot at one disk: {@code snapshot.disk.1} is the first disk that takes part, in the
   * order of the spec.
   */
  SNAPSHOT_DISK(
      "snapshot.disk",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DISK_FULL),
  /** CreateSnapshot with memory, when it is about to be written and before any disk. */
  SNAPSHOT_MEMORY(
      "snapshot.memory",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DISK_FULL),
  /** DeleteSnapshot, when it looks for room for each merge; the host has none. */
  SNAPSHOT_ROOM("snapshot.room", FAULT_KIND_DISK_FULL),
  /** When a revert has made its overlays, and the domain still is as it was. */
  REVERT_PREPARED(
      "revert.prepared",
      FAULT_KIND_ERROR,
      FAULT_KIND_DELAY,
      FAULT_KIND_HANG,
      FAULT_KIND_HYPERVISOR_CRASH,
      FAULT_KIND_DISK_FULL),
  /** When a revert has put the disks back, before it starts the domain or ends. */
  REVERT_MOVED("revert.moved", FAULT_KIND_DELAY, FAULT_KIND_HANG),
  /** The making of an overlay or of the destination of a copy. */
  IMAGE_CREATE(
      "image.create", FAULT_KIND_ERROR, FAULT_KIND_DELAY, FAULT_KIND_HANG, FAULT_KIND_DISK_FULL);

  private final String id;

  /** One bit for each kind that can strike here, by its number. */
  private final int kinds;

  FaultStep(String id, FaultKind... kinds) {
    this.id = id;
    this.kinds = Arrays.stream(kinds).mapToInt(FaultStep::bit).sum();
  }

  /** Name of the step. */
  public String id() {
    return id;
  }

  /** Name of the step at the nth of several things, counted from 1. */
  public String id(int nth) {
    return id + "." + nth;
  }

  /** Whether a fault of this kind means something here. */
  public boolean allows(FaultKind kind) {
    return (kinds & bit(kind)) != 0;
  }

  /**
   * Checks that a fault of this kind can strike at the step of a name.
   *
   * @throws DriverException INVALID_ARGUMENT
   */
  public static void check(String name, FaultKind kind) {
    FaultStep step =
        find(name)
            .orElseThrow(
                () ->
                    DriverException.of(
                        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
                        "no step '%s'; the steps are: %s"
                            .formatted(
                                name,
                                Arrays.stream(values())
                                    .map(
                                        known ->
                                            known == SNAPSHOT_DISK ? known.id + ".<n>" : known.id)
                                    .collect(Collectors.joining(", "))),
                        "field",
                        "step"));
    if (!step.allows(kind)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "a fault of kind %s cannot strike at step '%s'; those that can are: %s"
              .formatted(
                  kind,
                  name,
                  Arrays.stream(FaultKind.values())
                      .filter(step::allows)
                      .map(FaultKind::name)
                      .collect(Collectors.joining(", "))),
          "field",
          "kind");
    }
  }

  private static int bit(FaultKind kind) {
    return kind == FaultKind.UNRECOGNIZED ? 0 : 1 << kind.getNumber();
  }

  private static Optional<FaultStep> find(String name) {
    if (name.matches("snapshot\\.disk\\.[1-9][0-9]?")) {
      return Optional.of(SNAPSHOT_DISK);
    }
    return Arrays.stream(values())
        .filter(step -> step != SNAPSHOT_DISK && step.id.equals(name))
        .findFirst();
  }
}
