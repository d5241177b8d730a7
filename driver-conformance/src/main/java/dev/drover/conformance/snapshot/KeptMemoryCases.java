package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import java.util.List;

/**
 * What becomes of memory that was kept with a snapshot: with the domain shut off since, under block
 * jobs, and when its record changes. The state is the one that the domain is in by then.
 */
@Needs(
    value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_SNAPSHOT_MEMORY},
    off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
@InStates
@OfSnapshot(
    kind = {Kind.EXTERNAL_MEMORY, Kind.INTERNAL_MEMORY},
    operation = Operation.REVERT)
public final class KeptMemoryCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xc1));

  private final Bench bench;

  /** Works on a bench. */
  public KeptMemoryCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a shut-off domain goes back to disks and memory, and its deletion takes the file along")
  @Requirement({"R9", "R3", "R15"})
  @InStates(PowerState.OFF)
  @Needs({
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(
      kind = Kind.EXTERNAL_MEMORY,
      operation = {Operation.REVERT, Operation.DELETE})
  public void externalWhileOff(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain);
    keep(domain, state, external(domain));

    var _ = bench.jobs().succeeded(bench.snapshots().revert(domain, "one"));

    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(domain.stored("vda"), chain.layer("active"), chain.layer("base")),
            chain.contents());
    domain.destroy();
    Job gone = bench.jobs().succeeded(bench.snapshots().delete(domain, "one"));
    assertThat(gone.getResult().getDeletedPathsList()).contains(memory().getPath());
    assertThat(bench.world().look(memory()).exists()).isFalse();
    bench.check(domain).shows(domain.stored("vda"), chain.contents());
  }

  @Case("a shut-off domain goes back to disks and memory within its images, and lets go of both")
  @Requirement({"R9", "R3", "R15"})
  @InStates(PowerState.OFF)
  @Needs({
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(
      kind = Kind.INTERNAL_MEMORY,
      operation = {Operation.REVERT, Operation.DELETE})
  public void internalWhileOff(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain);
    keep(domain, state, internal(domain));

    var _ = bench.jobs().succeeded(bench.snapshots().revert(domain, "one"));

    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
    domain.destroy();
    var _ = bench.jobs().succeeded(bench.snapshots().delete(domain, "one"));
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).shows(chain.active(), chain.contents());
    // The image keeps nothing under this name any more.
    var _ = bench.snapshots().create(internal(domain).clearMemory());
  }

  @Case("memory is of no use once a commit has written into the disks of its moment, and goes then")
  @Requirement({"R9", "R3", "C9"})
  @Needs(
      value = {
        Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
        Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
        Capability.CAPABILITY_SNAPSHOT_REVERT,
        Capability.CAPABILITY_SNAPSHOT_DELETE
      },
      off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @OfSnapshot(
      kind = Kind.EXTERNAL_MEMORY,
      operation = {Operation.BLOCK_JOB, Operation.DELETE})
  public void externalLost(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain);
    Snapshot snapshot = keep(domain, state, external(domain));

    Job commit =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(snapshot.getDisks(0).getOverlay().getPath())
                            .setBase(chain.path("active"))
                            .setActive(true)
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)));

    SnapshotDisk disk = bench.snapshots().get(domain, "one").getDisks(0);
    assertThat(disk.getStateLost()).isTrue();
    assertThat(disk.getLostByJob()).isEqualTo(commit.getId());
    Refusal.of(() -> bench.snapshots().revert(domain, "one"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("snapshot", "one");
    assertThat(domain.get().getStatus().getState()).isEqualTo(state.shown());
    assertThat(bench.world().look(memory()).exists()).isTrue();
    var _ = bench.jobs().succeeded(bench.snapshots().delete(domain, "one"));
    assertThat(bench.world().look(memory()).exists()).isFalse();
    bench.check(domain).now("vda", chain.images("active", "base"), chain.contents().with(WRITE));
  }

  @Case("an image that keeps disks and memory holds back the jobs that would lose both")
  @Requirement({"R9", "R3"})
  @Needs(
      value = {
        Capability.CAPABILITY_SNAPSHOT_INTERNAL,
        Capability.CAPABILITY_BLOCK_PULL,
        Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT
      },
      off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @OfSnapshot(kind = Kind.INTERNAL_MEMORY, operation = Operation.BLOCK_JOB)
  public void internalHolds(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain);
    Snapshot snapshot = keep(domain, state, internal(domain));

    for (Runnable job :
        List.<Runnable>of(
            () ->
                bench
                    .jobs()
                    .pull(BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda")),
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setActive(true)))) {
      Refusal.of(job)
          .is(ErrorReason.ERROR_REASON_IMAGE_HOLDS_SNAPSHOTS)
          .tells("path", chain.path("active"));
    }

    assertThat(bench.snapshots().list(domain)).containsExactly(snapshot);
    bench.check(domain).now("vda", chain.images("active", "base"), chain.contents().with(WRITE));
  }

  @Case("a record keeps its memory whatever it is called and says; a new one takes none")
  @Requirement({"R9", "R3", "R24"})
  @Needs({
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_IMPORT,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.RECORD)
  public void externalRecord(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain);
    Snapshot made = keep(domain, state, external(domain));

    Snapshot named =
        bench
            .snapshots()
            .enter(
                SnapshotRequests.enter(
                        domain, made.toBuilder().setName("uno").clearEtag().clearDomainSpec())
                    .setRenameFrom("one"));
    Snapshot edited =
        bench
            .snapshots()
            .enter(
                domain,
                named.toBuilder()
                    .clearMemory()
                    .clearDomainSpec()
                    .clearEtag()
                    .setDescription("seen"));

    assertThat(named.getMemory()).isEqualTo(made.getMemory());
    assertThat(edited.getMemory()).isEqualTo(made.getMemory());
    assertThat(bench.snapshots().list(domain)).containsExactly(edited);
    refusesOtherMemory(domain, edited, SnapshotMemory.newBuilder().setPath(bench.path("other")));
    forget(domain, "uno");
    assertThat(bench.world().look(memory()).exists()).isTrue();
    refusesOtherMemory(domain, edited, edited.getMemory().toBuilder());
    Snapshot again =
        bench
            .snapshots()
            .enter(domain, edited.toBuilder().clearMemory().clearDomainSpec().clearEtag());
    assertThat(again.hasMemory()).isFalse();
    var _ = bench.jobs().succeeded(bench.snapshots().revert(domain, "uno"));
    bench.check(domain).shows(domain.stored("vda"), chain.contents());
  }

  @Case("the record of disks and memory within an image can be edited; entered anew it has none")
  @Requirement({"R9", "R3", "R24"})
  @Needs({
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_IMPORT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(kind = Kind.INTERNAL_MEMORY, operation = Operation.RECORD)
  public void internalRecord(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "active"));
    Snapshot made = keep(domain, state, internal(domain));

    Snapshot edited =
        bench
            .snapshots()
            .enter(domain, made.toBuilder().clearDomainSpec().clearEtag().setDescription("seen"));

    assertThat(edited.getMemory()).isEqualTo(made.getMemory());
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(
                        SnapshotRequests.enter(
                                domain,
                                edited.toBuilder().setName("uno").clearEtag().clearDomainSpec())
                            .setRenameFrom("one")))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "rename_from");
    assertThat(bench.snapshots().list(domain)).containsExactly(edited);
    forget(domain, "one");
    refusesOtherMemory(domain, edited, edited.getMemory().toBuilder());
    Snapshot again =
        bench
            .snapshots()
            .enter(domain, edited.toBuilder().clearMemory().clearDomainSpec().clearEtag());
    assertThat(again.hasMemory()).isFalse();
    assertThat(again.getDisksList()).isEqualTo(made.getDisksList());
  }

  /** Takes the snapshot of a guest, which writes afterwards, and brings the domain into a state. */
  private Snapshot keep(
      TestDomain domain, PowerState state, CreateSnapshotRequest.Builder request) {
    var _ = domain.start(state == PowerState.RUNNING ? state : PowerState.PAUSED);
    Snapshot made = bench.snapshots().create(request);
    domain.write("vda", WRITE);
    if (state == PowerState.OFF) {
      domain.destroy();
    }
    return bench.snapshots().get(domain, made.getName());
  }

  private void forget(TestDomain domain, String name) {
    Job job = bench.snapshots().delete(SnapshotRequests.delete(domain, name).setMetadataOnly(true));
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.snapshots().list(domain)).isEmpty();
  }

  private void refusesOtherMemory(
      TestDomain domain, Snapshot record, SnapshotMemory.Builder memory) {
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(
                        domain, record.toBuilder().setMemory(memory).clearDomainSpec().clearEtag()))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "snapshot.memory");
  }

  private Image memory() {
    return Image.newBuilder()
        .setPath(bench.path("one.memory"))
        .setFormat(ImageFormat.IMAGE_FORMAT_RAW)
        .build();
  }

  private CreateSnapshotRequest.Builder external(TestDomain domain) {
    return SnapshotRequests.create(domain, "one")
        .setMemory(SnapshotMemory.newBuilder().setPath(memory().getPath()));
  }

  private static CreateSnapshotRequest.Builder internal(TestDomain domain) {
    return SnapshotRequests.create(domain, "one")
        .setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL)
        .setMemory(SnapshotMemory.getDefaultInstance());
  }
}
