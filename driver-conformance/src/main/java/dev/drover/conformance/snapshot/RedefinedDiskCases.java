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
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.RevertState;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotScope;
import dev.drover.v1.SnapshotStep;
import java.util.List;

/**
 * Snapshots that are deleted after a definition has put their disk onto another image: what the
 * disk held last is in no snapshot, and nobody else has it (R3, R9).
 */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
  Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
  Capability.CAPABILITY_SNAPSHOT_DELETE,
  Capability.CAPABILITY_SNAPSHOT_OFFLINE,
  Capability.CAPABILITY_BLOCK_JOBS_OFFLINE
})
@InStates
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.DELETE)
public final class RedefinedDiskCases {

  private static final List<Fill> FIRST = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xc1));
  private static final List<Fill> SECOND = List.of(new Fill(4 * Fill.BLOCK, 4 * Fill.BLOCK, 0xc2));

  private final Bench bench;

  /** Works on a bench. */
  public RedefinedDiskCases(Bench bench) {
    this.bench = bench;
  }

  @Case(
      "what a disk held last before a definition gave it another image stays, with what it reads,"
          + " and the plan says so")
  @Requirement({"R9", "R3", "R24"})
  public void stays(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    DiskChain other = bench.chain("vdb", "other");
    TestDomain domain = bench.define(chain);
    Image last = snapshot(domain, "one");
    write(domain, FIRST);
    redefine(domain, other.active());
    domain.start(state);

    Job plan =
        bench.snapshots().delete(SnapshotRequests.delete(domain, "one").setValidateOnly(true));

    assertThat(plan.getSnapshotPlan().getStepsList())
        .hasSize(2)
        .allSatisfy(
            step -> assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_KEEP))
        .anySatisfy(step -> requireKept(step, last, "before a definition took it off"))
        .anySatisfy(step -> requireKept(step, chain.active(), last.getPath()));

    deleted(SnapshotRequests.delete(domain, "one"));

    bench.check(domain).shows(last, chain.contents().with(FIRST));
    bench.check(domain).shows(chain.active(), chain.contents());
    bench.check(domain).now("vda", other.images("other"), other.contents());
  }

  @Case("images that only such a one reads are merged into it, whatever the disk is on")
  @Requirement({"R9", "R3"})
  public void takesInWhatItReads(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    DiskChain other = bench.chain("vdb", "other");
    TestDomain domain = bench.define(chain);
    Image between = snapshot(domain, "one");
    write(domain, FIRST);
    Image last = snapshot(domain, "two");
    write(domain, SECOND);
    redefine(domain, other.active());
    domain.start(state);

    deleted(
        SnapshotRequests.delete(domain, "one")
            .setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));

    assertThat(bench.world().look(between).exists()).isFalse();
    bench.check(domain).shows(last, chain.contents().with(FIRST).with(SECOND));
    bench.check(domain).now("vda", other.images("other"), other.contents());
    if (state != PowerState.OFF) {
      domain.destroy();
    }
    redefine(domain, last);
    domain.start(state);
    bench
        .check(domain)
        .now("vda", List.of(last, chain.active()), chain.contents().with(FIRST).with(SECOND));
  }

  @Case("a branch that a revert has left, and a definition has put the disk back onto, stays")
  @Requirement({"R9", "R3"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE,
    Capability.CAPABILITY_SNAPSHOT_OFFLINE,
    Capability.CAPABILITY_BLOCK_JOBS_OFFLINE
  })
  public void takenUpAgain(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    DiskChain other = bench.chain("vdb", "other");
    TestDomain domain = bench.define(chain);
    Image left = snapshot(domain, "one");
    revert(domain, "one");
    Image branch = domain.stored("vda");
    redefine(domain, left);
    write(domain, FIRST);
    redefine(domain, other.active());
    domain.start(state);

    deleted(SnapshotRequests.delete(domain, "one"));

    bench.check(domain).shows(left, chain.contents().with(FIRST));
    bench.check(domain).shows(branch, chain.contents());
    bench.check(domain).now("vda", other.images("other"), other.contents());
  }

  @Case("an image into which the disk was committed, and from which a definition took it, stays")
  @Requirement({"R9", "R3"})
  @InStates(PowerState.OFF)
  public void committedInto(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    DiskChain other = bench.chain("vdb", "other");
    TestDomain domain = bench.define(chain).start(state);
    Image into = snapshot(domain, "one");
    var _ = snapshot(domain, "two");
    write(domain, FIRST);
    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setBase(into.getPath())
                            .setActive(true)));
    write(domain, SECOND);
    redefine(domain, other.active());

    deleted(
        SnapshotRequests.delete(domain, "one")
            .setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN));

    DiskContents last = chain.contents().with(FIRST).with(SECOND);
    bench.check(domain).shows(into, last);
    bench.check(domain).now("vda", other.images("other"), other.contents());
  }

  private static void requireKept(SnapshotStep step, Image image, String why) {
    assertThat(step.getImagesList()).containsExactly(image);
    assertThat(step.getDetail()).contains(why);
  }

  /** Writes as the guest of a domain that is shut off before and after. */
  private static void write(TestDomain domain, List<Fill> fills) {
    domain.start(PowerState.PAUSED);
    domain.write("vda", fills);
    domain.destroy();
  }

  private void redefine(TestDomain domain, Image source) {
    DomainSpec.Builder spec = domain.get().getSpec().toBuilder();
    spec.getDisksBuilder(0).setSource(source);
    var _ = bench.define(spec.build());
  }

  private Image snapshot(TestDomain domain, String name) {
    return bench.snapshots().create(domain, name).getDisks(0).getOverlay();
  }

  private void revert(TestDomain domain, String name) {
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

  private void deleted(DeleteSnapshotRequest.Builder request) {
    var _ = bench.jobs().succeeded(bench.snapshots().delete(request));
  }
}
