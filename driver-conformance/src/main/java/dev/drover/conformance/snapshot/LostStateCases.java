package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.OfSnapshot.Kind;
import dev.drover.conformance.OfSnapshot.Operation;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import java.util.Optional;

/** Commits by clients into images that hold moments of snapshots (R3, R9). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_COMMIT,
      Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_REVERT,
      Capability.CAPABILITY_SNAPSHOT_DELETE
    },
    off = {Capability.CAPABILITY_SNAPSHOT_OFFLINE, Capability.CAPABILITY_BLOCK_JOBS_OFFLINE})
@InStates
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.BLOCK_JOB)
public final class LostStateCases {

  private static final List<Fill> FIRST = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xd1));
  private static final List<Fill> SECOND = List.of(new Fill(4 * Fill.BLOCK, 5 * Fill.BLOCK, 0xd2));
  private static final List<Fill> THIRD = List.of(new Fill(8 * Fill.BLOCK, 2 * Fill.BLOCK, 0xd3));

  private final Bench bench;

  /** Works on a bench. */
  public LostStateCases(Bench bench) {
    this.bench = bench;
  }

  @Case(
      "a commit of the active image into the image of a snapshot is done, and the snapshot has lost"
          + " its state for good")
  @Requirement({"R9", "R3", "C9"})
  public void pivoted(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = bench.snapshots().create(domain, "one").getDisks(0).getOverlay();
    domain.write("vda", state.guest(FIRST));

    Job commit = committed(top(domain, "vda", overlay).setBase(chain.path("active")));

    assertThat(commit.getResult().getWarningsList())
        .singleElement()
        .satisfies(warning -> assertThat(warning).contains("'one'", "'vda'", domain.name()));
    requireLost(domain, "one", commit);
    requireNoWayBack(domain, "one");
    domain.write("vda", state.guest(SECOND));
    DiskContents atTwo = chain.contents().with(state.guest(FIRST)).with(state.guest(SECOND));
    Snapshot two = bench.snapshots().create(domain, "two");
    assertThat(two.getDisks(0).getStateLost()).isFalse();
    assertThat(two.getDisks(0).getFrozen()).isEqualTo(chain.layer("active"));
    requireNoWayBack(domain, "one");

    deleted(domain, "one");

    bench.check(domain).shows(frozen(domain, "two"), atTwo);
    domain.write("vda", state.guest(THIRD));
    reverted(domain, "two");
    bench.check(domain).shows(domain.stored("vda"), atTwo);
  }

  @Case(
      "a commit between: the moment of its top moves into its base with the file gone, those below"
          + " the top are lost, those above it and below the base stay")
  @Requirement({"R9", "R3", "C9", "C13"})
  public void between(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    DiskContents atOne = chain.contents();
    var _ = bench.snapshots().create(domain, "one");
    domain.write("vda", state.guest(FIRST));
    Image base = bench.snapshots().create(domain, "two").getDisks(0).getFrozen();
    domain.write("vda", state.guest(SECOND));
    Image middle = bench.snapshots().create(domain, "three").getDisks(0).getFrozen();
    domain.write("vda", state.guest(THIRD));
    DiskContents atFour =
        atOne.with(state.guest(FIRST)).with(state.guest(SECOND)).with(state.guest(THIRD));
    Image top = bench.snapshots().create(domain, "four").getDisks(0).getFrozen();
    domain.write("vda", state.guest(FIRST));
    DiskContents atFive = atFour.with(state.guest(FIRST));
    var _ = bench.snapshots().create(domain, "five");

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
                            .setTop(top.getPath())
                            .setBase(base.getPath())
                            .setDelete(true)));

    assertThat(commit.getResult().getDeletedPathsList())
        .containsExactlyInAnyOrder(top.getPath(), middle.getPath());
    assertThat(commit.getResult().getWarningsList())
        .satisfiesExactlyInAnyOrder(
            warning -> assertThat(warning).contains("'two'", "'vda'"),
            warning -> assertThat(warning).contains("'three'", "'vda'"));
    requireLost(domain, "two", commit);
    requireLost(domain, "three", commit);
    requireKept(domain, "one");
    requireKept(domain, "four");
    requireKept(domain, "five");
    assertThat(frozen(domain, "four")).isEqualTo(base);
    bench.check(domain).shows(frozen(domain, "one"), atOne);
    bench.check(domain).shows(frozen(domain, "four"), atFour);
    bench.check(domain).shows(frozen(domain, "five"), atFive);
    requireNoWayBack(domain, "three");
    reverted(domain, "four");
    bench.check(domain).shows(domain.stored("vda"), atFour);
  }

  @Case("a commit that keeps the active image, or is cancelled, has written into its base as well")
  @Requirement({"R9", "R3", "D5"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void kept(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image first = bench.snapshots().create(domain, "one").getDisks(0).getOverlay();
    domain.write("vda", FIRST);
    Image second = bench.snapshots().create(domain, "two").getDisks(0).getOverlay();
    domain.write("vda", SECOND);

    Job kept =
        bench
            .jobs()
            .complete(
                bench
                    .jobs()
                    .ready(
                        bench
                            .jobs()
                            .commit(
                                top(domain, "vda", second)
                                    .clearAutoComplete()
                                    .setBase(first.getPath()))),
                JobCompletion.JOB_COMPLETION_KEEP);

    assertThat(kept.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(kept.getResult().getWarningsList())
        .singleElement()
        .satisfies(warning -> assertThat(warning).contains("'two'"));
    requireLost(domain, "two", kept);
    requireKept(domain, "one");
    requireNoWayBack(domain, "two");

    Job cancelled =
        bench
            .jobs()
            .cancel(
                bench
                    .jobs()
                    .ready(
                        bench
                            .jobs()
                            .commit(
                                top(domain, "vda", second)
                                    .clearAutoComplete()
                                    .setBase(chain.path("active")))));

    assertThat(cancelled.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(cancelled.getResult().getWarningsList())
        .singleElement()
        .satisfies(warning -> assertThat(warning).contains("'one'"));
    requireLost(domain, "one", cancelled);
    requireLost(domain, "two", kept);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(second, first, chain.layer("active")),
            chain.contents().with(FIRST).with(SECOND));
  }

  @Case("images that only lost moments read go with the next deletion, and the records when asked")
  @Requirement({"R9", "R3"})
  @OfSnapshot(
      kind = Kind.EXTERNAL,
      operation = {Operation.DELETE, Operation.BLOCK_JOB})
  public void nothingIsKeptForThem(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image first = bench.snapshots().create(domain, "one").getDisks(0).getOverlay();
    domain.write("vda", state.guest(FIRST));
    Image second = bench.snapshots().create(domain, "two").getDisks(0).getOverlay();
    domain.write("vda", state.guest(SECOND));
    Job commit = committed(top(domain, "vda", second).setBase(chain.path("active")));
    requireLost(domain, "one", commit);
    requireLost(domain, "two", commit);

    Job deletion = deleted(domain, "one");

    assertThat(deletion.getResult().getWarningsList()).isEmpty();
    assertThat(bench.world().look(first).exists()).isFalse();
    assertThat(bench.world().look(second).exists()).isFalse();
    requireLost(domain, "two", commit);
    deleted(domain, "two");
    bench
        .check(domain)
        .everywhere(
            "vda",
            chain.images("active"),
            chain.contents().with(state.guest(FIRST)).with(state.guest(SECOND)));
  }

  @Case("a snapshot of another domain that is read through the base has lost its state, too")
  @Requirement({"R9", "R3"})
  public void ofAnotherDomain(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image top = bench.snapshots().create(domain, "one").getDisks(0).getOverlay();
    TestDomain other = overlaid(chain);
    var _ = bench.snapshots().create(other, "theirs");

    Job commit = committed(top(domain, "vda", top).setBase(chain.path("active")));

    assertThat(commit.getResult().getWarningsList())
        .satisfiesExactlyInAnyOrder(
            warning -> assertThat(warning).contains("'one'", domain.name()),
            warning -> assertThat(warning).contains("'theirs'", other.name()),
            warning -> assertThat(warning).contains("disk 'vda' of domain '" + other.name()));
    requireLost(other, "theirs", commit);
    requireNoWayBack(other, "theirs");
  }

  @Case("a file that a branch reads which a revert has left is not removed by a commit with delete")
  @Requirement({"R3", "R9", "C13"})
  public void branchLeft(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image first = bench.snapshots().create(domain, "one").getDisks(0).getOverlay();
    domain.write("vda", state.guest(FIRST));
    Image branch = bench.snapshots().create(domain, "two").getDisks(0).getOverlay();
    domain.write("vda", state.guest(SECOND));
    DiskContents atTwo = chain.contents().with(state.guest(FIRST));
    reverted(domain, "two");
    var _ = domain.start(state);

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
                            .setTop(first.getPath())
                            .setBase(chain.path("active"))
                            .setDelete(true)));

    assertThat(commit.getResult().getDeletedPathsList()).isEmpty();
    assertThat(commit.getResult().getWarningsList())
        .anySatisfy(warning -> assertThat(warning).contains(first.getPath(), branch.getPath()));
    bench.check(domain).shows(branch, atTwo.with(state.guest(SECOND)));
    bench.check(domain).shows(frozen(domain, "two"), atTwo);
    assertThat(frozen(domain, "two")).isEqualTo(chain.layer("active"));
  }

  @Case("a deletion's own commits mark nothing: moments that go are not lost, those that stay stay")
  @Requirement({"R9", "R3"})
  @OfSnapshot(
      kind = Kind.EXTERNAL,
      operation = {Operation.DELETE, Operation.BLOCK_JOB})
  public void ofADeletion(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    for (String name : List.of("one", "two", "three")) {
      var _ = bench.snapshots().create(domain, name);
      domain.write("vda", state.guest(FIRST));
    }

    Job deletion = deleted(domain, "two");

    assertThat(deletion.getResult().getWarningsList()).isEmpty();
    assertThat(bench.jobs().of(domain))
        .allSatisfy(job -> assertThat(job.getResult().getWarningsList()).isEmpty());
    requireKept(domain, "one");
    requireKept(domain, "three");
  }

  @Case(
      "the record of a snapshot that has lost its state is described and made the current one like"
          + " any other, and is not entered anew once it is gone")
  @Requirement({"R9"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_OFFLINE,
    Capability.CAPABILITY_SNAPSHOT_DELETE,
    Capability.CAPABILITY_SNAPSHOT_IMPORT,
    Capability.CAPABILITY_BLOCK_JOBS_OFFLINE
  })
  @OfSnapshot(
      kind = Kind.EXTERNAL,
      operation = {Operation.RECORD, Operation.BLOCK_JOB})
  public void record(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = bench.snapshots().create(domain, "one").getDisks(0).getOverlay();
    Job commit = committed(top(domain, "vda", overlay).setBase(chain.path("active")));
    var _ = bench.snapshots().create(domain, "two");
    Snapshot lost = bench.snapshots().get(domain, "one");

    Snapshot edited =
        bench
            .snapshots()
            .enter(
                SnapshotRequests.enter(
                    domain,
                    lost.toBuilder().clearDomainSpec().setDescription("lost").setCurrent(true)));

    assertThat(edited.getDescription()).isEqualTo("lost");
    assertThat(bench.snapshots().get(domain, "one").getCurrent()).isTrue();
    assertThat(bench.snapshots().get(domain, "two").getCurrent()).isFalse();
    requireLost(domain, "one", commit);
    requireNoWayBack(domain, "one");
    var _ = deleted(domain, "one");
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(SnapshotRequests.enter(domain, lost.toBuilder().clearDomainSpec())))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("disk", "vda");
  }

  /** A domain whose disk is an overlay above the chain of another one. */
  private TestDomain overlaid(DiskChain chain) {
    Image image =
        Image.newBuilder()
            .setPath(bench.path("other.qcow2"))
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();
    bench
        .world()
        .create(
            new ImageSetup(
                image,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(chain.path("active"), chain.layer("active"))),
                List.of()));
    return bench.define(
        bench.spec(
            bench.name("other"), Disk.newBuilder().setTarget("vda").setSource(image).build()));
  }

  /** A commit of the active image that ends by itself in every state. */
  private static BlockCommitRequest.Builder top(TestDomain domain, String target, Image active) {
    return BlockCommitRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk(target)
        .setTop(active.getPath())
        .setActive(true)
        .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT);
  }

  private Job committed(BlockCommitRequest.Builder request) {
    return bench.jobs().succeeded(bench.jobs().commit(request));
  }

  private SnapshotDisk held(TestDomain domain, String name) {
    return bench.snapshots().get(domain, name).getDisks(0);
  }

  private Image frozen(TestDomain domain, String name) {
    return held(domain, name).getFrozen();
  }

  private void requireLost(TestDomain domain, String name, Job by) {
    SnapshotDisk disk = held(domain, name);
    assertThat(disk.getStateLost()).as("state of '%s' is lost", name).isTrue();
    assertThat(disk.getLostByJob()).isEqualTo(by.getId());
  }

  private void requireKept(TestDomain domain, String name) {
    SnapshotDisk disk = held(domain, name);
    assertThat(disk.getStateLost()).as("state of '%s' is lost", name).isFalse();
    assertThat(disk.getLostByJob()).isEmpty();
  }

  private void requireNoWayBack(TestDomain domain, String name) {
    Refusal.of(() -> bench.snapshots().revert(domain, name))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST)
        .tells("snapshot", name)
        .tells("disk", "vda");
  }

  private void reverted(TestDomain domain, String name) {
    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .snapshots()
                    .revert(
                        SnapshotRequests.revert(domain, name)
                            .setTargetState(RevertState.REVERT_STATE_SHUT_OFF)));
  }

  private Job deleted(TestDomain domain, String name) {
    return bench.jobs().succeeded(bench.snapshots().delete(domain, name));
  }
}
