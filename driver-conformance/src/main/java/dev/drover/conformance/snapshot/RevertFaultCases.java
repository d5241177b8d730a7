package dev.drover.conformance.snapshot;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.Capability;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;

/** What a failing host does to a revert, step by step (R9, R17). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_REVERT,
      Capability.CAPABILITY_TEST_CONTROL
    },
    off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
@InStates(PowerState.PAUSED)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.REVERT)
public final class RevertFaultCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xa2));

  private final Bench bench;
  private final Faults faults;

  /** Works on a bench. */
  public RevertFaultCases(Bench bench) {
    this.bench = bench;
    this.faults = new Faults(bench);
  }

  /**
   * A fault of a step before the disks move.
   *
   * @param step name of the step
   * @param kind what strikes
   * @param reason why the revert fails
   */
  public record Early(String step, FaultKind kind, ErrorReason reason) {

    @Override
    public String toString() {
      return step + " " + kind.name().substring("FAULT_KIND_".length());
    }
  }

  /** Every step before the disks move, with what can make it fail. */
  public static List<Early> early() {
    return List.of(
        new Early(
            "image.create", FaultKind.FAULT_KIND_ERROR, ErrorReason.ERROR_REASON_JOB_IO_ERROR),
        new Early(
            "image.create", FaultKind.FAULT_KIND_DISK_FULL, ErrorReason.ERROR_REASON_NO_SPACE),
        new Early(
            "revert.prepared", FaultKind.FAULT_KIND_ERROR, ErrorReason.ERROR_REASON_JOB_IO_ERROR),
        new Early(
            "revert.prepared", FaultKind.FAULT_KIND_DISK_FULL, ErrorReason.ERROR_REASON_NO_SPACE),
        new Early(
            "job.finalize", FaultKind.FAULT_KIND_ERROR, ErrorReason.ERROR_REASON_JOB_IO_ERROR));
  }

  @Case("a revert that fails before the disks move leaves the domain as it was, and no overlay")
  @Requirement({"R9", "R1", "R17", "G1", "G11"})
  @EachOf("early")
  @InStates
  public void failsEarly(Early early, PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    Snapshot snapshot = snapshot(domain);
    write(domain, state);
    Domain before = domain.get();
    faults.arm(early.step(), early.kind());

    Job end = bench.jobs().ended(revert(domain, RevertState.REVERT_STATE_RUNNING));

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(Refusal.reasonOf(end.getError())).contains(early.reason());
    requireUntouched(domain, before, first, state, snapshot);
    assertThat(bench.world().look(overlay("vdb-active.one-1")).exists()).isFalse();
    assertThat(bench.jobs().ended(revert(domain, RevertState.REVERT_STATE_SHUT_OFF)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench.check(domain).shows(domain.stored("vda"), first.contents());
  }

  @Case("a second overlay that cannot be made takes the first one with it")
  @Requirement({"R9", "G11", "R17"})
  public void secondOverlayFails(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    Snapshot snapshot = snapshot(domain);
    write(domain, state);
    Domain before = domain.get();
    faults.delay("image.create", Duration.ofMillis(1));
    faults.arm("image.create", FaultKind.FAULT_KIND_DISK_FULL);

    Job end = bench.jobs().ended(revert(domain, RevertState.REVERT_STATE_SHUT_OFF));

    assertThat(Refusal.reasonOf(end.getError())).contains(ErrorReason.ERROR_REASON_NO_SPACE);
    requireUntouched(domain, before, first, state, snapshot);
  }

  /** Steps at which a revert can be ended. */
  public static List<String> cancellable() {
    return List.of("image.create", "revert.prepared");
  }

  @Case("a revert is cancelled until it is decided, and the domain is as it was")
  @Requirement({"R9", "C11", "R17"})
  @EachOf("cancellable")
  @InStates
  public void cancelled(String step, PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Snapshot snapshot = snapshot(domain);
    write(domain, state);
    Domain before = domain.get();
    faults.arm(step, FaultKind.FAULT_KIND_HANG);
    Job job = revert(domain, RevertState.REVERT_STATE_RUNNING);

    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(Refusal.reasonOf(end.getError())).contains(ErrorReason.ERROR_REASON_JOB_CANCELLED);
    assertThat(bench.jobs().cancel(job)).isEqualTo(end);
    faults.clear();
    requireUntouched(domain, before, chain, state, snapshot);
  }

  /** Steps at which it is too late to end a revert. */
  public static List<String> decided() {
    return List.of("job.finalize", "revert.moved", "domain.start");
  }

  @Case("a revert that is decided cannot be cancelled, and others wait for its end")
  @Requirement({"R9", "C11", "R4", "R17"})
  @EachOf("decided")
  public void tooLate(String step, PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = snapshot(domain);
    write(domain, state);
    faults.arm(step, FaultKind.FAULT_KIND_HANG);
    Job job = revert(domain, RevertState.REVERT_STATE_PAUSED);
    await("the revert is decided")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(job).getState() == JobState.JOB_STATE_FINALIZING);

    Refusal.of(() -> bench.jobs().cancel(job))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID)
        .tells("job", job.getId())
        .tells("state", "FINALIZING");
    assertThatThrownBy(
            () ->
                bench
                    .calls()
                    .within(Duration.ofMillis(500))
                    .domains()
                    .destroyDomain(
                        DestroyDomainRequest.newBuilder().setDomain(domain.ref()).build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure ->
                assertThat(failure.getStatus().getCode())
                    .isIn(Status.Code.DEADLINE_EXCEEDED, Status.Code.ABORTED));

    faults.clear();
    assertThat(bench.jobs().ended(job).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(overlay("vda-active.one-1"), chain.layer("active"), chain.layer("base")),
            chain.contents());
  }

  /** Steps at which the hypervisor can crash. */
  public static List<String> crashes() {
    return List.of("job.start", "revert.prepared", "job.finalize");
  }

  @Case("a hypervisor that crashes meanwhile does not keep the disks from going back")
  @Requirement({"R9", "R17"})
  @EachOf("crashes")
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void crash(String step, PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = snapshot(domain);
    write(domain, state);
    faults.arm(step, FaultKind.FAULT_KIND_HYPERVISOR_CRASH);

    Job end = bench.jobs().ended(revert(domain, RevertState.REVERT_STATE_PAUSED));

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    bench.check(domain).shows(domain.stored("vda"), chain.contents());
  }

  @Case("a start that fails leaves the domain shut off on the reverted disks, and says so")
  @Requirement({"R9", "R17"})
  @InStates
  public void startFails(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = snapshot(domain);
    write(domain, state);
    faults.arm("domain.start", FaultKind.FAULT_KIND_HYPERVISOR_CRASH);

    Job end = bench.jobs().ended(revert(domain, RevertState.REVERT_STATE_RUNNING));

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(Refusal.reasonOf(end.getError()))
        .contains(ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED);
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    bench
        .check(domain)
        .everywhere(
            "vda",
            List.of(overlay("vda-active.one-1"), chain.layer("active"), chain.layer("base")),
            chain.contents());
  }

  private void requireUntouched(
      TestDomain domain, Domain before, DiskChain chain, PowerState state, Snapshot snapshot) {
    Domain now = domain.get();
    assertThat(now.getSpec()).isEqualTo(before.getSpec());
    assertThat(now.getStatus().getState()).isEqualTo(before.getStatus().getState());
    assertThat(now.getStatus().getId()).isEqualTo(before.getStatus().getId());
    assertThat(bench.world().look(overlay("vda-active.one-1")).exists()).isFalse();
    bench
        .check(domain)
        .now(
            "vda",
            List.of(snapshot.getDisks(0).getOverlay(), chain.layer("active"), chain.layer("base")),
            state == PowerState.OFF ? chain.contents() : chain.contents().with(WRITE));
  }

  private static void write(TestDomain domain, PowerState state) {
    if (state != PowerState.OFF) {
      domain.write("vda", WRITE);
    }
  }

  private Snapshot snapshot(TestDomain domain) {
    return bench.snapshots().create(domain, "one");
  }

  private Job revert(TestDomain domain, RevertState target) {
    return bench.snapshots().revert(SnapshotRequests.revert(domain, "one").setTargetState(target));
  }

  private Image overlay(String file) {
    return Image.newBuilder()
        .setPath(bench.path(file))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
