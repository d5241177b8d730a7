package dev.drover.junit;

import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.InjectFaultRequest;
import java.time.Duration;

/**
 * A fault about to be armed at a step of a {@link TestWorld}; it strikes once unless {@link #times}
 * says otherwise. Each kind throws {@link dev.drover.client.DroverException} INVALID_ARGUMENT where
 * it cannot strike at the step; {@code docs/testing.md} has the table.
 */
public final class TestFault {

  private final TestWorld world;
  private final InjectFaultRequest.Builder request;

  TestFault(TestWorld world, String step) {
    this.world = world;
    this.request = InjectFaultRequest.newBuilder().setStep(step);
  }

  /** How many times it strikes, at least once. */
  public TestFault times(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("a fault strikes at least once, not " + count + " times");
    }
    request.setCount(count);
    return this;
  }

  /** The step fails: a call with INJECTED_FAULT, a job with an I/O error. */
  public void fail() {
    arm(FaultKind.FAULT_KIND_ERROR);
  }

  /** The step takes virtual time: a slow host. */
  public void take(Duration virtualTime) {
    request.setDelay(proto(virtualTime));
    arm(FaultKind.FAULT_KIND_DELAY);
  }

  /** The step does not end before {@link TestWorld#clearFaults} or the caller's deadline. */
  public void hang() {
    arm(FaultKind.FAULT_KIND_HANG);
  }

  /** The step's event is not sent. */
  public void dropEvent() {
    arm(FaultKind.FAULT_KIND_DROP_EVENT);
  }

  /** The step's event is sent twice. */
  public void repeatEvent() {
    arm(FaultKind.FAULT_KIND_REPEAT_EVENT);
  }

  /** The domain's hypervisor crashes at the step. */
  public void crashHypervisor() {
    arm(FaultKind.FAULT_KIND_HYPERVISOR_CRASH);
  }

  /** The host's disk is full at the step. */
  public void fillDisk() {
    arm(FaultKind.FAULT_KIND_DISK_FULL);
  }

  /** As the control service takes it; of any length, which is for the service to refuse. */
  static com.google.protobuf.Duration proto(Duration time) {
    boolean back = time.isNegative() && time.getNano() > 0;
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(back ? time.getSeconds() + 1 : time.getSeconds())
        .setNanos(back ? time.getNano() - 1_000_000_000 : time.getNano())
        .build();
  }

  private void arm(FaultKind kind) {
    world.inject(request.setKind(kind).build());
  }
}
