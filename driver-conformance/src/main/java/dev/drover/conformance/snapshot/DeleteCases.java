package dev.drover.conformance.snapshot;

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
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotScope;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import java.util.List;
import java.util.UUID;

/** Snapshots that are deleted, with or without their images (R3, R9). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_DELETE
    },
    off = {Capability.CAPABILITY_SNAPSHOT_OFFLINE, Capability.CAPABILITY_BLOCK_JOBS_OFFLINE})
@InStates
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.DELETE)
public final class DeleteCases {

  private static final List<Fill> FIRST = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xb1));
  private static final List<Fill> SECOND = List.of(new Fill(4 * Fill.BLOCK, 2 * Fill.BLOCK, 0xb2));

  private final Bench bench;

  /** Works on a bench. */
  public DeleteCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a record alone can be forgotten; no image is touched")
  @Requirement({"R9", "R3"})
  @OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.RECORD)
  public void metadataOnly(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = snapshot(domain, "one");
    DiskContents contents = write(domain, state, chain.contents(), FIRST);

    Job job =
        bench.snapshots().delete(SnapshotRequests.delete(domain, "one").setMetadataOnly(true));

    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    requireForgotten(domain, "one");
    bench
        .check(domain)
        .now("vda", List.of(overlay, chain.layer("active"), chain.layer("base")), contents);
  }

  @Case(
      "the only snapshot goes: the disk is on its image of before, shows what it showed, and the"
          + " overlay is removed")
  @Requirement({"R9", "R3", "R8"})
  public void only(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = snapshot(domain, "one");
    DiskContents contents = write(domain, state, chain.contents(), FIRST);

    Job job = deleted(SnapshotRequests.delete(domain, "one"));

    assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_SNAPSHOT_DELETE);
    assertThat(job.getSnapshot()).isEqualTo("one");
    assertThat(job.getDisk()).isEmpty();
    assertThat(job.getResult().getDeletedPathsList()).containsExactly(overlay.getPath());
    assertThat(job.getSnapshotPlan().getStepsList())
        .singleElement()
        .satisfies(
            step -> assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_COMMIT))
        .satisfies(
            step ->
                assertThat(step.getState()).isEqualTo(SnapshotStepState.SNAPSHOT_STEP_STATE_DONE));
    assertThat(step(job).getParentJobId()).isEqualTo(job.getId());
    requireForgotten(domain, "one");
    assertThat(domain.get().getStatus().getSnapshotCount()).isZero();
    assertThat(bench.world().look(overlay).exists()).isFalse();
    bench.check(domain).everywhere("vda", chain.images("active", "base"), contents);
  }

  @Case(
      "a snapshot goes from the middle, and those above and below it show their moments as before")
  @Requirement({"R9", "R3", "R8"})
  public void middle(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    DiskContents atOne = chain.contents();
    var _ = snapshot(domain, "one");
    DiskContents atTwo = write(domain, state, atOne, FIRST);
    var _ = snapshot(domain, "two");
    DiskContents atThree = write(domain, state, atTwo, SECOND);
    var _ = snapshot(domain, "three");

    Job job = deleted(SnapshotRequests.delete(domain, "two"));

    assertThat(job.getSnapshotPlan().getStepsCount()).isEqualTo(1);
    requireForgotten(domain, "two");
    Snapshot three = bench.snapshots().get(domain, "three");
    assertThat(three.getParent()).isEqualTo("one");
    assertThat(three.getCurrent()).isTrue();
    assertThat(domain.chain("vda").getImagesCount()).isEqualTo(3);
    bench.check(domain).shows(frozen(bench.snapshots().get(domain, "one")), atOne);
    bench.check(domain).shows(frozen(three), atThree);
    bench.check(domain).shows(domain.stored("vda"), atThree);
    assertThat(bench.world().look(frozen(three)).exists()).isTrue();
  }

  @Case("a snapshot goes with all that descend from it, or they go and it stays")
  @Requirement({"R9", "R3"})
  public void scopes(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    for (String name : List.of("one", "two", "three")) {
      var _ = snapshot(domain, name);
    }
    DiskContents contents = write(domain, state, chain.contents(), FIRST);

    var _ =
        deleted(
            SnapshotRequests.delete(domain, "one")
                .setScope(SnapshotScope.SNAPSHOT_SCOPE_CHILDREN_ONLY));

    requireForgotten(domain, "two");
    requireForgotten(domain, "three");
    assertThat(bench.snapshots().get(domain, "one").getCurrent()).isTrue();
    assertThat(domain.chain("vda").getImagesCount()).isEqualTo(2);
    bench.check(domain).shows(frozen(bench.snapshots().get(domain, "one")), chain.contents());

    var _ =
        deleted(
            SnapshotRequests.delete(domain, "one")
                .setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));

    requireForgotten(domain, "one");
    bench.check(domain).everywhere("vda", chain.images("active"), contents);
  }

  @Case(
      "all disks of a snapshot are done, each for itself, and one that took no part is left alone")
  @Requirement({"R9", "G9"})
  public void disks(PowerState state) {
    DiskChain first = bench.chain("vda", "active");
    DiskChain second = bench.chain("vdb", "base", "active");
    DiskChain third = bench.chain("vdc", "base", "active");
    TestDomain domain = bench.define(first, second, third).start(state);
    var _ =
        bench
            .snapshots()
            .create(
                SnapshotRequests.create(domain, "one")
                    .addDisks(
                        SnapshotDisk.newBuilder()
                            .setTarget("vdc")
                            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)));

    Job job = deleted(SnapshotRequests.delete(domain, "one"));

    assertThat(job.getSnapshotPlan().getStepsList().stream().map(SnapshotStep::getDisk))
        .containsExactly("vda", "vdb");
    bench.check(domain).now("vda", first.images("active"), first.contents());
    bench.check(domain).now("vdb", second.images("active", "base"), second.contents());
    bench.check(domain).now("vdc", third.images("active", "base"), third.contents());
  }

  @Case("validate_only shows what would be done, and changes nothing")
  @Requirement({"R9", "R24"})
  public void plan(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = snapshot(domain, "one");

    Job job =
        bench.snapshots().delete(SnapshotRequests.delete(domain, "one").setValidateOnly(true));

    assertThat(job.getId()).isEmpty();
    assertThat(job.getSnapshotPlan().getStepsList())
        .singleElement()
        .satisfies(step -> assertThat(step.getInto()).isEqualTo(chain.layer("active")))
        .satisfies(step -> assertThat(step.getImagesList()).containsExactly(overlay))
        .satisfies(
            step ->
                assertThat(step.getState())
                    .isEqualTo(SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING));
    assertThat(bench.snapshots().get(domain, "one").getDeleting()).isFalse();
    assertThat(domain.stored("vda")).isEqualTo(overlay);
  }

  @Case("a branch that a revert has left goes with its moment")
  @Requirement({"R9", "R3"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_OFFLINE,
    Capability.CAPABILITY_BLOCK_JOBS_OFFLINE,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @InStates(PowerState.OFF)
  public void branches(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image left = snapshot(domain, "one");
    revert(domain, "one", state);
    Image branch = domain.stored("vda");

    var _ = deleted(SnapshotRequests.delete(domain, "one"));

    assertThat(bench.world().look(left).exists()).isFalse();
    assertThat(bench.world().look(branch).exists()).isFalse();
    bench.check(domain).now("vda", chain.images("active"), chain.contents());
  }

  @Case("a snapshot goes from the middle of a branch that the disk is not on")
  @Requirement({"R9", "R3", "R8"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_OFFLINE,
    Capability.CAPABILITY_BLOCK_JOBS_OFFLINE,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  public void otherBranch(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    DiskContents atOne = chain.contents();
    Image between = snapshot(domain, "one");
    DiskContents atTwo = write(domain, state, atOne, FIRST);
    var _ = snapshot(domain, "two");
    DiskContents atThree = write(domain, state, atTwo, SECOND);
    var _ = snapshot(domain, "three");
    revert(domain, "one", state);
    Image now = domain.stored("vda");

    Job job = deleted(SnapshotRequests.delete(domain, "two"));

    assertThat(job.getSnapshotPlan().getStepsList())
        .singleElement()
        .satisfies(
            step -> assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_PULL));
    requireForgotten(domain, "two");
    assertThat(bench.world().look(between).exists()).isFalse();
    bench.check(domain).shows(frozen(bench.snapshots().get(domain, "three")), atThree);
    bench.check(domain).now("vda", List.of(now, chain.layer("active")), atOne);
    revert(domain, "three", state);
    bench.check(domain).shows(domain.stored("vda"), atThree);
  }

  private void revert(TestDomain domain, String name, PowerState state) {
    RevertState target =
        switch (state) {
          case OFF -> RevertState.REVERT_STATE_SHUT_OFF;
          case PAUSED -> RevertState.REVERT_STATE_PAUSED;
          case RUNNING -> RevertState.REVERT_STATE_RUNNING;
        };
    Job job =
        bench
            .jobs()
            .ended(
                bench
                    .snapshots()
                    .revert(SnapshotRequests.revert(domain, name).setTargetState(target)));
    assertThat(job.getState()).as(job.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Case("an image that another domain reads stays, and the job says why; the record goes")
  @Requirement({"R3", "R9"})
  @InStates(PowerState.OFF)
  public void sharedImage(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = snapshot(domain, "one");
    TestDomain other = bench.define(chain);

    Job job = deleted(SnapshotRequests.delete(domain, "one"));

    assertThat(job.getSnapshotPlan().getStepsList())
        .singleElement()
        .satisfies(
            step -> assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_KEEP))
        .satisfies(step -> assertThat(step.getDetail()).contains(other.name()));
    requireForgotten(domain, "one");
    bench.check(domain).now("vda", List.of(overlay, chain.layer("active")), chain.contents());
    bench.check(other).now("vda", chain.images("active"), chain.contents());
  }

  @Case("what a disk held last is not removed where the domain has no such disk any more")
  @Requirement({"R9", "R3"})
  public void diskIsGone(PowerState state) {
    DiskChain stays = bench.chain("vda", "active");
    DiskChain gone = bench.chain("vdb", "active");
    TestDomain domain = bench.define(stays, gone);
    Image last = bench.snapshots().create(domain, "one").getDisks(1).getOverlay();
    domain.start(PowerState.PAUSED);
    domain.write("vdb", FIRST);
    domain.destroy();
    var _ = bench.define(domain.get().getSpec().toBuilder().removeDisks(1).build());
    domain.start(state);

    Job job = deleted(SnapshotRequests.delete(domain, "one"));

    assertThat(
            job.getSnapshotPlan().getStepsList().stream()
                .filter(step -> step.getDisk().equals("vdb"))
                .map(SnapshotStep::getAction))
        .isNotEmpty()
        .containsOnly(SnapshotAction.SNAPSHOT_ACTION_KEEP);
    requireForgotten(domain, "one");
    bench.check(domain).shows(last, gone.contents().with(FIRST));
    bench.check(domain).shows(gone.active(), gone.contents());
    bench.check(domain).now("vda", stays.images("active"), stays.contents());
  }

  @Case(
      "the same job id is one deletion, a job on a disk holds it back, and what is not there is"
          + " told")
  @Requirement({"R9", "R1", "F3"})
  @InStates(PowerState.PAUSED)
  public void refusals(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = snapshot(domain, "one");
    Refusal.of(() -> bench.snapshots().delete(domain, "none"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND)
        .tells("snapshot", "none");
    Job commit =
        bench
            .jobs()
            .ready(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setActive(true)));
    Refusal.of(() -> bench.snapshots().delete(domain, "one"))
        .is(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE)
        .tells("job", commit.getId());
    var _ = bench.jobs().ended(bench.jobs().cancel(commit));
    assertThat(domain.stored("vda")).isEqualTo(overlay);

    DeleteSnapshotRequest.Builder once =
        SnapshotRequests.delete(domain, "one").setJobId(UUID.randomUUID().toString());
    Job job = deleted(once);
    assertThat(bench.snapshots().delete(once).getId()).isEqualTo(job.getId());
  }

  private DiskContents write(
      TestDomain domain, PowerState state, DiskContents before, List<Fill> fills) {
    if (state == PowerState.OFF) {
      return before;
    }
    domain.write("vda", fills);
    return before.with(fills);
  }

  private static Image frozen(Snapshot snapshot) {
    return snapshot.getDisks(0).getFrozen();
  }

  private Image snapshot(TestDomain domain, String name) {
    return bench.snapshots().create(domain, name).getDisks(0).getOverlay();
  }

  private Job deleted(DeleteSnapshotRequest.Builder request) {
    return bench.jobs().succeeded(bench.snapshots().delete(request));
  }

  /** The job that did the only step of a deletion. */
  private Job step(Job deletion) {
    return bench
        .calls()
        .jobs()
        .getJob(
            GetJobRequest.newBuilder()
                .setJobId(deletion.getSnapshotPlan().getSteps(0).getJobId())
                .build())
        .getJob();
  }

  private void requireForgotten(TestDomain domain, String name) {
    Refusal.of(() -> bench.snapshots().get(domain, name))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND);
  }
}
