package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
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
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import java.util.List;

/** Snapshots of disks and memory, and the way back to both (R9). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
  Capability.CAPABILITY_SNAPSHOT_MEMORY,
  Capability.CAPABILITY_SNAPSHOT_REVERT
})
@InStates({PowerState.PAUSED, PowerState.RUNNING})
@OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.CREATE)
public final class MemoryCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xb1));

  private final Bench bench;

  /** Works on a bench. */
  public MemoryCases(Bench bench) {
    this.bench = bench;
  }

  @Case("memory goes into its file, all disks go on in overlays, and the guest stays as it was")
  @Requirement({"R9", "G1", "G8", "G10", "R15"})
  public void create(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    DomainState before = state(domain);

    Snapshot snapshot = bench.snapshots().create(request(domain, "one"));

    assertThat(snapshot.getDomainState()).isEqualTo(before);
    assertThat(state(domain)).isEqualTo(before);
    assertThat(snapshot.getMemory().getPath()).isEqualTo(bench.path("one.memory"));
    assertThat(snapshot.getMemory().getSizeBytes()).isPositive();
    assertThat(bench.snapshots().get(domain, "one")).isEqualTo(snapshot);
    assertThat(bench.world().look(memory("one")).exists()).isTrue();
    domain.write("vda", WRITE);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(snapshot.getDisks(0).getOverlay(), first.layer("active"), first.layer("base")),
            first.contents().with(WRITE));
    bench.check(domain).shows(first.active(), first.contents());
    bench
        .check(domain)
        .live(
            "vdb", List.of(snapshot.getDisks(1).getOverlay(), second.active()), second.contents());
  }

  @Case("the guest goes on from the moment as it was then, on the disks of that moment")
  @Requirement({"R9", "R8"})
  @OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.REVERT)
  public void revert(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    DomainState then = state(domain);
    Snapshot snapshot = bench.snapshots().create(request(domain, "one"));
    domain.write("vda", WRITE);

    assertThat(ended(SnapshotRequests.revert(domain, "one")).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state(domain)).isEqualTo(then);
    Image overlay = domain.stored("vda");
    assertThat(overlay).isNotEqualTo(snapshot.getDisks(0).getOverlay());
    bench
        .check(domain)
        .live(
            "vda", List.of(overlay, chain.layer("active"), chain.layer("base")), chain.contents());
    assertThat(bench.world().look(memory("one")).exists()).isTrue();
    assertThat(bench.snapshots().get(domain, "one").getCurrent()).isTrue();
    domain.destroy();

    assertThat(ended(SnapshotRequests.revert(domain, "one")).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state(domain)).isEqualTo(then);
    domain.write("vda", WRITE);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(domain.stored("vda"), chain.layer("active"), chain.layer("base")),
            chain.contents().with(WRITE));
  }

  @Case("another state can be asked for; shut off, the disks go back alone")
  @Requirement({"R9"})
  @OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.REVERT)
  public void otherState(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(request(domain, "one"));
    RevertState other =
        state == PowerState.RUNNING
            ? RevertState.REVERT_STATE_PAUSED
            : RevertState.REVERT_STATE_RUNNING;

    assertThat(ended(SnapshotRequests.revert(domain, "one").setTargetState(other)).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(state(domain))
        .isEqualTo(
            state == PowerState.RUNNING
                ? DomainState.DOMAIN_STATE_PAUSED
                : DomainState.DOMAIN_STATE_RUNNING);
    if (state == PowerState.RUNNING) {
      domain.resume();
    }
    domain.write("vda", WRITE);
    assertThat(
            ended(
                    SnapshotRequests.revert(domain, "one")
                        .setTargetState(RevertState.REVERT_STATE_SHUT_OFF))
                .getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    bench.check(domain).shows(domain.stored("vda"), chain.contents());
  }

  @Case("a shut-off domain has no memory to take")
  @Requirement({"R9"})
  @InStates(PowerState.OFF)
  public void shutOff(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(() -> bench.snapshots().create(request(domain, "one")))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING)
        .tells("domain", domain.name());

    requireNothing(domain, chain);
  }

  @Case("what memory would not fit is refused, and so is a file that is there")
  @Requirement({"R9", "G8"})
  @InStates(PowerState.PAUSED)
  public void refused(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    DiskChain other = bench.chain("vdb", "active");
    TestDomain domain = bench.define(chain, other).start(state);

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        request(domain, "one")
                            .addDisks(
                                SnapshotDisk.newBuilder()
                                    .setTarget("vdb")
                                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "disks");
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        request(domain, "one")
                            .setMemory(SnapshotMemory.newBuilder().setPath(chain.path("active")))))
        .is(ErrorReason.ERROR_REASON_DESTINATION_EXISTS)
        .tells("path", chain.path("active"));
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        request(domain, "one")
                            .setMemory(SnapshotMemory.newBuilder().setPath("one.memory"))))
        .is(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED);
    var _ = bench.snapshots().create(request(domain, "one").setValidateOnly(true));

    requireNothing(domain, chain);
  }

  @Case("the file goes with its snapshot, and what is left cannot be gone back to")
  @Requirement({"R9", "R3"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.DELETE)
  public void delete(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(request(domain, "one"));
    domain.write("vda", WRITE);

    Job job = bench.jobs().ended(bench.snapshots().delete(domain, "one"));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getSnapshotPlan().getStepsList().getLast().getAction())
        .isEqualTo(SnapshotAction.SNAPSHOT_ACTION_REMOVE);
    assertThat(job.getResult().getDeletedPathsList()).contains(bench.path("one.memory"));
    assertThat(bench.world().look(memory("one")).exists()).isFalse();
    bench.check(domain).live("vda", chain.images("active"), chain.contents().with(WRITE));
    assertThat(bench.snapshots().list(domain)).isEmpty();
  }

  @Case("without its file a snapshot goes back to its disks only, and says so")
  @Requirement({"R9"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_TEST_CONTROL
  })
  @OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.REVERT)
  public void fileGone(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(request(domain, "one"));
    Domain before = domain.get();
    new Faults(bench).remove(memory("one"));

    Refusal.of(() -> ended(SnapshotRequests.revert(domain, "one")))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("snapshot", "one");

    assertThat(domain.get().getStatus().getId()).isEqualTo(before.getStatus().getId());
    assertThat(
            ended(
                    SnapshotRequests.revert(domain, "one")
                        .setTargetState(RevertState.REVERT_STATE_SHUT_OFF))
                .getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench.check(domain).shows(domain.stored("vda"), chain.contents());
  }

  @Case("the memory that comes back is that of the moment")
  @Requirement({"R9", "R17"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_TEST_CONTROL
  })
  @OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.REVERT)
  public void sameMemory(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "active")).start(state);
    domain.write("vda", WRITE);
    var _ = bench.snapshots().create(request(domain, "one"));
    domain.write("vda", WRITE);
    var _ = bench.snapshots().create(request(domain, "two"));
    var _ = ended(SnapshotRequests.revert(domain, "one"));
    var _ = bench.snapshots().create(request(domain, "three"));

    assertThat(contents("three")).isEqualTo(contents("one")).isNotEqualTo(contents("two"));
  }

  /**
   * A fault while memory is taken.
   *
   * @param kind what strikes
   * @param reason why the call fails
   */
  public record Strike(String step, FaultKind kind, ErrorReason reason) {

    @Override
    public String toString() {
      return step + " " + kind.name().substring("FAULT_KIND_".length());
    }
  }

  /** Every way in which it can fail. */
  public static List<Strike> strikes() {
    return List.of(
        new Strike(
            "snapshot.memory", FaultKind.FAULT_KIND_ERROR, ErrorReason.ERROR_REASON_INJECTED_FAULT),
        new Strike(
            "snapshot.memory", FaultKind.FAULT_KIND_DISK_FULL, ErrorReason.ERROR_REASON_NO_SPACE),
        new Strike(
            "snapshot.disk.1",
            FaultKind.FAULT_KIND_ERROR,
            ErrorReason.ERROR_REASON_INJECTED_FAULT));
  }

  @Case("memory or disks that fail leave no file, and the guest goes on")
  @Requirement({"R9", "G1", "G11", "R17"})
  @EachOf("strikes")
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_TEST_CONTROL
  })
  public void fails(Strike strike, PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    DomainState before = state(domain);
    new Faults(bench).arm(strike.step(), strike.kind());

    Refusal.of(() -> bench.snapshots().create(request(domain, "one"))).is(strike.reason());

    assertThat(state(domain)).isEqualTo(before);
    requireNothing(domain, chain);
    domain.write("vda", WRITE);
    var _ = bench.snapshots().create(request(domain, "one"));
  }

  private void requireNothing(TestDomain domain, DiskChain chain) {
    assertThat(bench.snapshots().list(domain)).isEmpty();
    assertThat(bench.world().look(memory("one")).exists()).isFalse();
    assertThat(domain.stored("vda")).isEqualTo(chain.active());
    bench.check(domain).now("vda", chain.images("active"), chain.contents());
  }

  private static DomainState state(TestDomain domain) {
    return domain.get().getStatus().getState();
  }

  private Image memory(String name) {
    return Image.newBuilder()
        .setPath(bench.path(name + ".memory"))
        .setFormat(ImageFormat.IMAGE_FORMAT_RAW)
        .build();
  }

  private DiskContents contents(String name) {
    return bench.world().contents(memory(name));
  }

  private CreateSnapshotRequest.Builder request(TestDomain domain, String name) {
    return SnapshotRequests.create(domain, name)
        .setMemory(SnapshotMemory.newBuilder().setPath(bench.path(name + ".memory")));
  }

  private Job ended(RevertSnapshotRequest.Builder request) {
    return bench.jobs().ended(bench.snapshots().revert(request));
  }
}
