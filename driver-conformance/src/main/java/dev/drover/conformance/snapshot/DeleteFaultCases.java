package dev.drover.conformance.snapshot;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
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
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import io.grpc.StatusRuntimeException;
import java.util.List;

/** What a failing host, or a change of mind, leaves of a deletion (R3, R9, R17). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_DELETE,
      Capability.CAPABILITY_TEST_CONTROL
    },
    off = {Capability.CAPABILITY_SNAPSHOT_OFFLINE, Capability.CAPABILITY_BLOCK_JOBS_OFFLINE})
@InStates
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.DELETE)
public final class DeleteFaultCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xc1));

  /** What no image of the chain holds before. */
  private static final List<Fill> FRESH = List.of(new Fill(6L << 20, 2 * Fill.BLOCK, 0xc2));

  private final Bench bench;
  private final Faults faults;

  /** Works on a bench. */
  public DeleteFaultCases(Bench bench) {
    this.bench = bench;
    this.faults = new Faults(bench);
  }

  @Case(
      "one disk fails, the other is done; what is left is told, and the same call goes on with it")
  @Requirement({"R9", "R3", "R17"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_DELETE,
    Capability.CAPABILITY_SNAPSHOT_OFFLINE,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_TEST_CONTROL
  })
  public void oneDiskFails(PowerState state) {
    DiskChain first = bench.chain("vda", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    var _ = snapshot(domain);
    boolean written = state != PowerState.OFF;
    if (written) {
      domain.write("vda", WRITE);
    }
    faults.arm("job.start", FaultKind.FAULT_KIND_ERROR);

    Job job = deleted(domain);

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(Refusal.reasonOf(job.getError()))
        .contains(ErrorReason.ERROR_REASON_SNAPSHOT_DELETE_INCOMPLETE);
    assertThat(job.getSnapshotPlan().getStepsList().stream().map(SnapshotStep::getState))
        .containsExactly(
            SnapshotStepState.SNAPSHOT_STEP_STATE_FAILED,
            SnapshotStepState.SNAPSHOT_STEP_STATE_DONE);
    assertThat(job.getSnapshotPlan().getSteps(0).getDetail()).isNotEmpty();
    Snapshot left = get(domain);
    assertThat(left.getDeleting()).isTrue();
    assertThat(left.getDisksList().stream().map(SnapshotDisk::getMode))
        .containsExactly(
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED);
    Refusal.of(() -> bench.snapshots().revert(domain, "one"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("snapshot", "one");

    assertThat(deleted(domain).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    bench
        .check(domain)
        .now(
            "vda",
            first.images("active"),
            written ? first.contents().with(WRITE) : first.contents());
    bench.check(domain).now("vdb", second.images("active"), second.contents());
  }

  @Case("a deletion whose step a full disk blocks says so, and goes on once there is room")
  @Requirement({"R9", "R3", "C20", "R17"})
  public void diskFull(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = snapshot(domain);
    boolean written = state != PowerState.OFF;
    if (written) {
      domain.write("vda", WRITE);
    }
    faults.arm("job.running", FaultKind.FAULT_KIND_DISK_FULL);
    Job begun = bench.snapshots().delete(domain, "one");

    await("the deletion is blocked")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(begun).getBlocked());
    Job blocked = bench.jobs().get(begun);
    assertThat(blocked.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(blocked.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
    assertThat(blocked.getBlockedDetail())
        .contains(blocked.getSnapshotPlan().getSteps(0).getJobId(), "vda");

    faults.clear();

    assertThat(bench.jobs().succeeded(begun).getBlocked()).isFalse();
    bench
        .check(domain)
        .now(
            "vda",
            chain.images("active"),
            written ? chain.contents().with(WRITE) : chain.contents());
  }

  @Case(
      "a deletion for which there is no room is refused before anything changes, also with"
          + " validate_only, and is done once there is")
  @Requirement({"R9", "R3", "R17"})
  public void noRoom(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain);
    var overlay = snapshot(domain).getDisks(0).getOverlay();
    domain.start(PowerState.PAUSED).write("vda", FRESH);
    domain.destroy();
    domain.start(state);
    DiskContents contents = chain.contents().with(FRESH);

    for (boolean dry : List.of(true, false)) {
      faults.arm("snapshot.room", FaultKind.FAULT_KIND_DISK_FULL);
      Refusal.of(
              () ->
                  bench
                      .snapshots()
                      .delete(SnapshotRequests.delete(domain, "one").setValidateOnly(dry)))
          .is(ErrorReason.ERROR_REASON_NO_SPACE)
          .tells("path", chain.path("active"))
          .tells("disk", "vda")
          .tells("free_bytes", "0");
    }

    assertThat(get(domain).getDeleting()).isFalse();
    assertThat(bench.jobs().of(domain)).isEmpty();
    bench.check(domain).now("vda", List.of(overlay, chain.layer("active")), contents);
    assertThat(deleted(domain).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench.check(domain).now("vda", chain.images("active"), contents);
  }

  @Case("a deletion that is cancelled has left everything as it was, or came to its end before")
  @Requirement({"R9", "R15", "R17"})
  public void cancelled(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    var overlay = snapshot(domain).getDisks(0).getOverlay();

    Job job = bench.snapshots().delete(domain, "one");
    boolean inTime = cancel(job);
    Job ended = bench.jobs().ended(job);

    assertThat(ended.getState())
        .as("after an order to cancel that was taken: %s", inTime)
        .isIn(
            inTime
                ? List.of(JobState.JOB_STATE_CANCELLED, JobState.JOB_STATE_SUCCEEDED)
                : List.of(JobState.JOB_STATE_SUCCEEDED));
    if (ended.getState() == JobState.JOB_STATE_CANCELLED) {
      assertThat(get(domain).getDeleting()).isFalse();
      bench.check(domain).now("vda", List.of(overlay, chain.layer("active")), chain.contents());
    } else {
      bench.check(domain).now("vda", chain.images("active"), chain.contents());
    }
  }

  /** Orders the end; false where the job had come to its own before. */
  private boolean cancel(Job job) {
    try {
      var _ =
          bench
              .calls()
              .jobs()
              .cancelJob(
                  CancelJobRequest.newBuilder().setJobId(job.getId()).setAsync(true).build());
      return true;
    } catch (StatusRuntimeException e) {
      Refusal.of(
              () -> {
                throw e;
              })
          .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID);
      return false;
    }
  }

  private Snapshot snapshot(TestDomain domain) {
    return bench.snapshots().create(domain, "one");
  }

  private Snapshot get(TestDomain domain) {
    return bench.snapshots().get(domain, "one");
  }

  private Job deleted(TestDomain domain) {
    return bench.jobs().ended(bench.snapshots().delete(domain, "one"));
  }
}
