package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.util.List;

/** What goes wrong before the moment of a snapshot with a copy, and after it (G12, G1, G11). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_COPY,
  Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
  Capability.CAPABILITY_SNAPSHOT_COPY,
  Capability.CAPABILITY_TEST_CONTROL
})
@InStates
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.CREATE)
public final class SnapshotCopyFaultCases {

  private static final List<Fill> WRITE = List.of(new Fill(5 * Fill.BLOCK, 5 * Fill.BLOCK, 0xd1));
  private static final String JOB_START = "job.start";

  private final Bench bench;
  private final Faults faults;

  /** Works on a bench. */
  public SnapshotCopyFaultCases(Bench bench) {
    this.bench = bench;
    this.faults = new Faults(bench);
  }

  /** Steps before the disks change over. */
  public static List<String> stepsBefore() {
    return List.of("image.create", "snapshot.disk.1", "snapshot.disk.2");
  }

  @Case("what fails before the disks change over leaves neither snapshot, job nor destination")
  @Requirement({"G12", "G1", "G11"})
  @EachOf("stepsBefore")
  public void before(String step, PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(chain, second).start(state);
    faults.arm(step, FaultKind.FAULT_KIND_ERROR);

    Refusal.of(() -> bench.snapshots().create(request(domain)))
        .is(ErrorReason.ERROR_REASON_INJECTED_FAULT)
        .tells("step", step);

    assertThat(bench.snapshots().list(domain)).isEmpty();
    assertThat(bench.jobs().of(domain)).isEmpty();
    assertThat(bench.world().look(destination()).exists()).isFalse();
    bench.check(domain).now("vda", chain.images("active", "base"), chain.contents());
    var _ = bench.jobs().pivot(bench.snapshots().withCopies(request(domain)).getCopyJobs(0));
    bench.check(domain).everywhere("vda", List.of(destination()), chain.contents());
  }

  @Case("a copy that cannot begin fails by itself: the snapshot stands, the destination goes")
  @Requirement({"G12", "E18"})
  public void after(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(chain, second).start(state);
    faults.arm(JOB_START, FaultKind.FAULT_KIND_ERROR);

    CreateSnapshotResponse made = bench.snapshots().withCopies(request(domain));

    Job end = bench.jobs().ended(made.getCopyJobs(0));
    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    Refusal.ofJob(end).is(ErrorReason.ERROR_REASON_INJECTED_FAULT);
    assertThat(bench.world().look(destination()).exists()).isFalse();
    assertThat(bench.snapshots().list(domain)).containsExactly(made.getSnapshot());
    domain.write("vda", state.guest(WRITE));
    bench
        .check(domain)
        .everywhere("vda", onOverlay(made, chain), chain.contents().with(state.guest(WRITE)));
  }

  @Case("a hypervisor that ends as the copy begins fails the job, and the snapshot stands")
  @Requirement({"G12", "R2"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void crash(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(chain, second).start(state);
    faults.arm(JOB_START, FaultKind.FAULT_KIND_HYPERVISOR_CRASH);

    CreateSnapshotResponse made = bench.snapshots().withCopies(request(domain));

    Job end = bench.jobs().ended(made.getCopyJobs(0));
    Refusal.ofJob(end).is(ErrorReason.ERROR_REASON_JOB_INTERRUPTED);
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_CRASHED);
    assertThat(bench.world().look(destination()).exists()).isFalse();
    assertThat(bench.snapshots().list(domain)).containsExactly(made.getSnapshot());
    bench.check(domain).everywhere("vda", onOverlay(made, chain), chain.contents());
  }

  private static List<Image> onOverlay(CreateSnapshotResponse made, DiskChain chain) {
    return List.of(
        made.getSnapshot().getDisks(0).getOverlay(), chain.layer("active"), chain.layer("base"));
  }

  private CreateSnapshotRequest.Builder request(TestDomain domain) {
    return SnapshotRequests.create(domain, "one")
        .addCopies(BlockCopyRequest.newBuilder().setDisk("vda").setDestination(destination()));
  }

  private Image destination() {
    return Image.newBuilder()
        .setPath(bench.path("copy.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
