package dev.drover.test.domain;

import dev.drover.spi.CallContext;
import dev.drover.spi.activity.Work;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.fault.JobGate;
import dev.drover.test.hypervisor.Beginning;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Starts guests, after looking at everything that could stop them; a start that fails leaves
 * nothing open. Under the {@link dev.drover.test.clock.WorldLock}.
 */
public final class DomainStart {

  private final World world;
  private final Machines machines;
  private final JobGate gate;

  /** Starts guests of a world. */
  public DomainStart(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
    this.gate = new JobGate(world.clock(), world.faults());
  }

  /** Starts a domain on record. */
  Domain defined(CallContext call, String uuid, boolean paused) {
    Domain domain = world.domains().require(uuid);
    DomainStates.requireInactive(domain);
    world.jobs().requireStartable(uuid);
    return start(call, domain.getSpec(), paused, () -> world.domains().require(uuid));
  }

  /**
   * Starts a spec that is not on record.
   *
   * @param enter puts it on record, once nothing can fail any more
   */
  Domain unknown(CallContext call, DomainSpec spec, boolean paused, Supplier<Domain> enter) {
    return start(call, spec, paused, enter);
  }

  /**
   * Starts a domain on record for the job that has it.
   *
   * @param beginning how its guest begins
   * @param ended hears once why it could not be started; empty: it was
   */
  public void inJob(String jobId, Beginning beginning, Consumer<Optional<DriverException>> ended) {
    DomainSpec spec = beginning.spec();
    List<OpenDisk> disks;
    try {
      requireAcceleration(spec);
      disks = open(spec);
    } catch (DriverException e) {
      ended.accept(Optional.of(e));
      return;
    }
    gate.pass(
        jobId,
        FaultStep.DOMAIN_START,
        new JobGate.Step() {
          @Override
          public void proceed() {
            machines.start(beginning, disks);
            ended.accept(Optional.empty());
          }

          @Override
          public void crash() {
            fail(crashed(spec));
          }

          @Override
          public void fail(DriverException failure) {
            disks.forEach(world.disks()::close);
            ended.accept(Optional.of(failure));
          }
        });
  }

  private Domain start(CallContext call, DomainSpec spec, boolean paused, Supplier<Domain> enter) {
    requireAcceleration(spec);
    List<OpenDisk> disks = open(spec);
    boolean started = false;
    try {
      if (world
              .gate()
              .pass(
                  call,
                  new Work.Command(spec.getUuid(), spec.getName(), FaultStep.DOMAIN_START.id()))
          == FaultGate.Passage.CRASH) {
        throw crashed(spec);
      }
      Domain result = machines.start(Beginning.anew(enter.get().getSpec(), paused), disks);
      started = true;
      return result;
    } finally {
      if (!started) {
        disks.forEach(world.disks()::close);
      }
    }
  }

  /** Opens every disk that has a source, or none. */
  private List<OpenDisk> open(DomainSpec spec) {
    List<OpenDisk> disks = new ArrayList<>();
    boolean opened = false;
    try {
      for (Disk disk : spec.getDisksList()) {
        if (disk.hasSource()) {
          disks.add(world.disks().open(spec.getUuid(), spec.getName(), disk));
        }
      }
      opened = true;
      return disks;
    } finally {
      if (!opened) {
        disks.forEach(world.disks()::close);
      }
    }
  }

  private static void requireAcceleration(DomainSpec spec) {
    if (spec.getAcceleration() == Acceleration.ACCELERATION_KVM) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_ACCELERATION_UNAVAILABLE,
          "the test driver has no KVM; leave acceleration out or choose TCG for domain '%s'"
              .formatted(spec.getName()),
          "acceleration",
          "kvm",
          "detail",
          "the test driver executes no guest code");
    }
  }

  private DriverException crashed(DomainSpec spec) {
    String detail = "the hypervisor ended while starting: injected fault";
    world
        .domains()
        .find(spec.getUuid())
        .ifPresent(
            _ ->
                world
                    .domains()
                    .observe(
                        spec.getUuid(),
                        EventKind.EVENT_KIND_DOMAIN_UPDATED,
                        status ->
                            status
                                .setReason(DomainStateReason.DOMAIN_STATE_REASON_FAILED)
                                .setDetail(detail)));
    return DriverException.of(
        ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED,
        "domain '%s' could not be started: %s; start it again".formatted(spec.getName(), detail),
        "domain",
        spec.getName());
  }
}
