package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import java.util.List;
import java.util.Optional;

/** Internal snapshots that cannot be made, and what would lose those that there are (R9, R3). */
@Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_SNAPSHOT_INTERNAL})
@InStates(PowerState.PAUSED)
@OfSnapshot(kind = Kind.INTERNAL, operation = Operation.CREATE)
public final class InternalRefusalCases {

  private final Bench bench;

  /** Works on a bench. */
  public InternalRefusalCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a disk that is not qcow2 keeps nothing inside itself; without it the others do")
  @Requirement({"R9"})
  @InStates({PowerState.OFF, PowerState.PAUSED})
  public void rawDisk(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    Image raw =
        Image.newBuilder()
            .setPath(bench.path("plain.raw"))
            .setFormat(ImageFormat.IMAGE_FORMAT_RAW)
            .build();
    plain(raw);
    TestDomain domain =
        bench
            .define(
                bench.spec(
                    bench.name("vm"),
                    chain.disk(),
                    chain.disk().toBuilder().setTarget("vdb").setSource(raw).build()))
            .start(state);

    Refusal.of(() -> bench.snapshots().create(internal(domain)))
        .is(ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH)
        .tells("path", raw.getPath())
        .tells("disk", "vdb");

    requireNone(domain, chain);
    Snapshot snapshot = bench.snapshots().create(internal(domain).addDisks(left("vdb")));
    assertThat(snapshot.getDisks(0).getMode())
        .isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL);
    assertThat(snapshot.getDisks(1).getMode())
        .isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
  }

  @Case("what makes no sense for an internal snapshot is refused by name")
  @Requirement({"R9", "A5"})
  public void arguments(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);

    invalid(internal(domain).setReuseExternal(true), "reuse_external");
    invalid(internal(domain).setNoMetadata(true), "no_metadata");
    invalid(
        internal(domain).addDisks(disk(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)),
        "disks[0].mode");
    invalid(
        external(domain).addDisks(disk(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL)),
        "disks[0].mode");
    invalid(
        internal(domain)
            .addDisks(
                SnapshotDisk.newBuilder()
                    .setTarget("vda")
                    .setOverlay(Image.newBuilder().setPath(bench.path("over.qcow2")))),
        "disks[0].overlay");
    invalid(
        internal(domain).setMemory(SnapshotMemory.newBuilder().setPath(bench.path("memory"))),
        "memory.path");
    Refusal.of(() -> bench.snapshots().create(internal(domain).addDisks(left("vda"))))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS);
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        internal(domain)
                            .addDisks(
                                SnapshotDisk.newBuilder()
                                    .setTarget("vdx")
                                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL))))
        .is(ErrorReason.ERROR_REASON_DISK_NOT_FOUND);
    Snapshot planned = bench.snapshots().create(internal(domain).setValidateOnly(true));
    assertThat(planned.getDisks(0).getInside()).isEqualTo(chain.active());

    requireNone(domain, chain);
  }

  @Case("memory needs a guest, and every disk that the guest writes to")
  @Requirement({"R9"})
  @InStates({PowerState.OFF, PowerState.PAUSED})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_MEMORY
  })
  @OfSnapshot(kind = Kind.INTERNAL_MEMORY, operation = Operation.CREATE)
  public void memory(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain, bench.chain("vdb", "active")).start(state);

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        internal(domain)
                            .addDisks(left("vdb"))
                            .setMemory(SnapshotMemory.getDefaultInstance())))
        .is(
            state == PowerState.OFF
                ? ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING
                : ErrorReason.ERROR_REASON_INVALID_ARGUMENT);

    requireNone(domain, chain);
  }

  @Case("a tree is of one kind; the other is refused until the snapshots that there are have gone")
  @Requirement({"R9"})
  @InStates({PowerState.OFF, PowerState.PAUSED})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(
      kind = {Kind.EXTERNAL, Kind.INTERNAL},
      operation = Operation.CREATE)
  public void mixedTree(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(internal(domain));

    conflict(external(domain).setName("two"), "internal");
    conflict(external(domain).setName("two").setNoMetadata(true), "internal");
    // Another name would not help.
    conflict(external(domain), "internal");
    delete(domain, "one");
    var _ = bench.snapshots().create(external(domain));
    conflict(internal(domain).setName("two"), "external");
    conflict(internal(domain), "external");
    delete(domain, "one");
    var _ = bench.snapshots().create(internal(domain));
  }

  @Case("what an image keeps without a record is not written over, nor taken for a record's")
  @Requirement({"R9"})
  @InStates({PowerState.OFF, PowerState.PAUSED})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_IMPORT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  public void withoutRecord(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Snapshot made = bench.snapshots().create(internal(domain));
    Refusal.of(() -> bench.snapshots().create(internal(domain)))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS);
    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .snapshots()
                    .delete(SnapshotRequests.delete(domain, "one").setMetadataOnly(true)));

    Refusal.of(() -> bench.snapshots().create(internal(domain)))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS)
        .tells("path", chain.path("active"));
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(domain, made.toBuilder().clearDomainSpec().setName("other")))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("disk", "vda");
    requireNone(domain, chain);
  }

  @Case("jobs that would lose what an image keeps are refused, and name the snapshots")
  @Requirement({"R9", "R3"})
  @InStates
  @Needs(
      value = {
        Capability.CAPABILITY_BLOCK_CHAIN,
        Capability.CAPABILITY_SNAPSHOT_INTERNAL,
        Capability.CAPABILITY_BLOCK_PULL,
        Capability.CAPABILITY_BLOCK_COMMIT,
        Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
        Capability.CAPABILITY_BLOCK_COPY,
        Capability.CAPABILITY_JOB_GROUPS
      },
      off = {Capability.CAPABILITY_SNAPSHOT_OFFLINE, Capability.CAPABILITY_BLOCK_JOBS_OFFLINE})
  @OfSnapshot(kind = Kind.INTERNAL, operation = Operation.BLOCK_JOB)
  public void losingJobs(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "middle", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(internal(domain));
    BlockCommitRequest.Builder commit =
        BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
    BlockCopyRequest.Builder copy =
        BlockCopyRequest.newBuilder()
            .setDomain(domain.ref())
            .setDisk("vda")
            .setDestination(
                Image.newBuilder()
                    .setPath(bench.path("copy.qcow2"))
                    .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));

    holds(
        chain,
        () ->
            bench
                .jobs()
                .pull(BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda")));
    holds(chain, () -> bench.jobs().commit(commit.clone().setActive(true)));
    holds(
        chain,
        () -> bench.jobs().copy(copy.clone().setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)));
    Job running = bench.jobs().ready(bench.jobs().copy(copy.clone()));
    holds(chain, () -> bench.jobs().pivot(running));
    holds(
        chain,
        () ->
            bench
                .calls()
                .jobs()
                .completeJobs(
                    CompleteJobsRequest.newBuilder()
                        .addJobIds(running.getId())
                        .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                        .build()));
    Refusal.of(() -> bench.snapshots().create(internal(domain).setName("two")))
        .is(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE);
    var _ = bench.jobs().complete(running, JobCompletion.JOB_COMPLETION_KEEP);
    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        commit.clone().setTop(chain.path("middle")).setBase(chain.path("base"))));

    bench.check(domain).now("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a snapshot that fails at any disk leaves nothing in any image")
  @Requirement({"R9", "G1", "G2", "G11", "R17"})
  @InStates
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_TEST_CONTROL
  })
  public void fails(PowerState state) {
    DiskChain first = bench.chain("vda", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    new Faults(bench).arm("snapshot.disk.2", FaultKind.FAULT_KIND_ERROR);

    Refusal.of(() -> bench.snapshots().create(internal(domain)))
        .is(ErrorReason.ERROR_REASON_INJECTED_FAULT);

    requireNone(domain, first);
    bench.check(domain).now("vdb", second.images("active"), second.contents());
    assertThat(bench.snapshots().create(internal(domain)).getDisksCount()).isEqualTo(2);
  }

  private void plain(Image raw) {
    bench.world().create(new ImageSetup(raw, DiskSize.SMALL.bytes(), Optional.empty(), List.of()));
  }

  private void requireNone(TestDomain domain, DiskChain chain) {
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).now("vda", chain.images("active"), chain.contents());
  }

  private void conflict(CreateSnapshotRequest.Builder request, String there) {
    Refusal.of(() -> bench.snapshots().create(request))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_KIND_CONFLICT)
        .tells("kind", there)
        .tells("snapshots", "one");
  }

  private void delete(TestDomain domain, String name) {
    var _ = bench.jobs().succeeded(bench.snapshots().delete(domain, name));
  }

  private static void holds(DiskChain chain, Runnable call) {
    Refusal.of(call)
        .is(ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS)
        .tells("disk", "vda")
        .tells("path", chain.path("active"))
        .tells("snapshots", "one");
  }

  private void invalid(CreateSnapshotRequest.Builder request, String field) {
    Refusal.of(() -> bench.snapshots().create(request))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", field);
  }

  private static SnapshotDisk.Builder left(String target) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
  }

  private static SnapshotDisk.Builder disk(SnapshotDiskMode mode) {
    return SnapshotDisk.newBuilder().setTarget("vda").setMode(mode);
  }

  private static CreateSnapshotRequest.Builder external(TestDomain domain) {
    return SnapshotRequests.create(domain, "one");
  }

  private static CreateSnapshotRequest.Builder internal(TestDomain domain) {
    return external(domain).setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
  }
}
