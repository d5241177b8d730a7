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
import dev.drover.v1.Capability;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.util.List;

/** Disks put back to the moment of a snapshot (R9). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_REVERT
    },
    off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
@InStates(PowerState.PAUSED)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.REVERT)
public final class RevertCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xa1));

  private final Bench bench;

  /** Works on a bench. */
  public RevertCases(Bench bench) {
    this.bench = bench;
  }

  @Case("the disks show the moment of the snapshot again, from any state, and the snapshot stays")
  @Requirement({"R9", "R15", "R8"})
  @InStates
  public void revert(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Snapshot snapshot = bench.snapshots().create(domain, "one");
    if (state != PowerState.OFF) {
      domain.write("vda", WRITE);
    }

    Job job = ended(SnapshotRequests.revert(domain, "one"));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_SNAPSHOT_REVERT);
    assertThat(job.getSnapshot()).isEqualTo("one");
    assertThat(job.getDisk()).isEmpty();
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    Image overlay = domain.stored("vda");
    assertThat(overlay).isNotEqualTo(snapshot.getDisks(0).getOverlay());
    bench.check(domain).shows(overlay, chain.contents());
    bench.check(domain).shows(snapshot.getDisks(0).getFrozen(), chain.contents());
    assertThat(bench.snapshots().get(domain, "one").getCurrent()).isTrue();
  }

  @Case("the domain is started anew where that is asked for, on a branch of its own")
  @Requirement({"R9"})
  public void startedAnew(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(domain, "one");
    domain.write("vda", WRITE);
    var _ = bench.snapshots().create(domain, "two");

    Job job =
        ended(
            SnapshotRequests.revert(domain, "one").setTargetState(RevertState.REVERT_STATE_PAUSED));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(bench.snapshots().list(domain).stream().filter(Snapshot::getCurrent))
        .extracting(Snapshot::getName)
        .as("the snapshot that is current is the one that was reverted to")
        .containsExactly("one");
    bench
        .check(domain)
        .live(
            "vda",
            List.of(domain.stored("vda"), chain.layer("active"), chain.layer("base")),
            chain.contents());
    domain.write("vda", WRITE);
    Snapshot branch = bench.snapshots().create(domain, "three");
    assertThat(branch.getParent()).isEqualTo("one");
    bench
        .check(domain)
        .shows(
            bench.snapshots().get(domain, "two").getDisks(0).getFrozen(),
            chain.contents().with(WRITE));
  }

  @Case("an overlay that is there refuses the revert, and the domain goes on as it was")
  @Requirement({"R9", "G8"})
  public void overlayTaken(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(domain, "one");
    Image before = domain.stored("vda");

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .revert(
                        SnapshotRequests.revert(domain, "one")
                            .addDisks(
                                SnapshotDisk.newBuilder()
                                    .setTarget("vda")
                                    .setOverlay(chain.layer("base")))))
        .is(ErrorReason.ERROR_REASON_DESTINATION_EXISTS)
        .tells("path", chain.path("base"));

    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(domain.stored("vda")).isEqualTo(before);
  }

  @Case("an overlay can be chosen, and validate_only changes nothing")
  @Requirement({"R9", "R24"})
  public void chosenOverlay(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(domain, "one");
    Image before = domain.stored("vda");
    Image chosen =
        Image.newBuilder()
            .setPath(bench.path("chosen.qcow2"))
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();
    RevertSnapshotRequest.Builder request =
        SnapshotRequests.revert(domain, "one")
            .addDisks(SnapshotDisk.newBuilder().setTarget("vda").setOverlay(chosen));

    Job planned = bench.snapshots().revert(request.clone().setValidateOnly(true));
    assertThat(planned.getId()).isEmpty();
    assertThat(domain.stored("vda")).isEqualTo(before);
    assertThat(bench.world().look(chosen).exists()).isFalse();

    assertThat(ended(request).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(domain.stored("vda")).isEqualTo(chosen);
    bench.check(domain).shows(chosen, chain.contents());
  }

  @Case("a job on a disk holds the revert back, and a snapshot that is not there is told")
  @Requirement({"R9", "F3"})
  @Needs({
    Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_REVERT
  })
  public void heldBack(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(domain, "one");
    Job job =
        bench
            .jobs()
            .ready(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setBase(chain.path("active"))
                            .setActive(true)));

    Refusal.of(() -> bench.snapshots().revert(domain, "one"))
        .is(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE)
        .tells("job", job.getId());
    var _ = bench.jobs().ended(bench.jobs().cancel(job));
    Refusal.of(() -> bench.snapshots().revert(domain, "none"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND)
        .tells("snapshot", "none");
  }

  @Case("a shut-off domain is started where that is asked for, and a disk that took no part stays")
  @Requirement({"R9", "G9"})
  @InStates({PowerState.OFF, PowerState.RUNNING})
  public void oneOfTwoDisks(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    var _ =
        bench
            .snapshots()
            .create(
                SnapshotRequests.create(domain, "one")
                    .addDisks(
                        SnapshotDisk.newBuilder()
                            .setTarget("vdb")
                            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)));

    Job job =
        ended(
            SnapshotRequests.revert(domain, "one")
                .setTargetState(RevertState.REVERT_STATE_RUNNING));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(domain.stored("vda").getPath()).isEqualTo(bench.path("vda-active.one-1"));
    bench.check(domain).live("vdb", second.images("active"), second.contents());
  }

  @Case("a second revert to the same moment takes the next free name, and the first branch stays")
  @Requirement({"R9"})
  @InStates(PowerState.OFF)
  public void again(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(domain, "one");
    var _ =
        ended(
            SnapshotRequests.revert(domain, "one").setTargetState(RevertState.REVERT_STATE_PAUSED));
    Image first = domain.stored("vda");
    domain.write("vda", WRITE);

    assertThat(ended(SnapshotRequests.revert(domain, "one")).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    assertThat(first.getPath()).isEqualTo(bench.path("vda-active.one-1"));
    assertThat(domain.stored("vda").getPath()).isEqualTo(bench.path("vda-active.one-2"));
    bench.check(domain).shows(domain.stored("vda"), chain.contents());
    bench.check(domain).shows(first, chain.contents().with(WRITE));
  }

  @Case("an image that is written to again holds no moment any more")
  @Requirement({"R9", "C18"})
  @InStates(PowerState.OFF)
  public void momentLost(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    DomainSpec before = domain.get().getSpec();
    var _ = bench.snapshots().create(domain, "one");
    TestDomain other = bench.define(chain).start(PowerState.PAUSED);
    Refusal.of(() -> bench.snapshots().revert(domain, "one"))
        .is(ErrorReason.ERROR_REASON_IMAGE_IN_USE)
        .tells("path", chain.path("active"));
    other.destroy();

    var _ =
        bench
            .calls()
            .domains()
            .defineDomain(DefineDomainRequest.newBuilder().setSpec(before).build());

    Refusal.of(() -> bench.snapshots().revert(domain, "one"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("snapshot", "one")
        .tells("disk", "vda");
    assertThat(domain.stored("vda")).isEqualTo(chain.active());
  }

  @Case("a transient domain, which would be gone, is not reverted")
  @Requirement({"R9", "F1"})
  @Needs(Capability.CAPABILITY_DOMAIN_TRANSIENT)
  public void transientDomain(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain);
    DomainSpec spec = domain.get().getSpec();
    domain.undefine();
    var _ =
        bench
            .calls()
            .domains()
            .createDomain(
                CreateDomainRequest.newBuilder()
                    .setSpec(spec)
                    .setPaused(state == PowerState.PAUSED)
                    .build());
    var _ = bench.snapshots().create(domain, "one");

    Refusal.of(() -> bench.snapshots().revert(domain, "one"))
        .is(ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT)
        .tells("domain", domain.name());

    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
  }

  private Job ended(RevertSnapshotRequest.Builder request) {
    return bench.jobs().ended(bench.snapshots().revert(request));
  }
}
