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
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.SnapshotScope;
import java.util.List;

/** Snapshots that images keep inside themselves, made, gone back to and deleted (R9). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_SNAPSHOT_INTERNAL,
  Capability.CAPABILITY_SNAPSHOT_REVERT,
  Capability.CAPABILITY_SNAPSHOT_DELETE
})
@InStates(PowerState.PAUSED)
@OfSnapshot(kind = Kind.INTERNAL, operation = Operation.CREATE)
public final class InternalSnapshotCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xc1));
  private static final List<Fill> MORE = List.of(new Fill(5 * Fill.BLOCK, 7 * Fill.BLOCK, 0xc2));

  private final Bench bench;

  /** Works on a bench. */
  public InternalSnapshotCases(Bench bench) {
    this.bench = bench;
  }

  @Case("every image keeps the moment inside itself, and no disk moves")
  @Requirement({"R9", "G1", "G10", "R15"})
  @InStates
  public void create(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    DomainState before = state(domain);

    Snapshot snapshot = bench.snapshots().create(request(domain, "one"));

    assertThat(state(domain)).isEqualTo(before);
    assertThat(snapshot.getDomainState()).isEqualTo(before);
    assertThat(snapshot.getCurrent()).isTrue();
    assertThat(snapshot.hasMemory()).isFalse();
    assertThat(snapshot.getConsistency())
        .isEqualTo(
            state == PowerState.OFF
                ? SnapshotConsistency.SNAPSHOT_CONSISTENCY_SHUT_OFF
                : SnapshotConsistency.SNAPSHOT_CONSISTENCY_CRASH);
    assertThat(snapshot.getDisksList())
        .allSatisfy(
            disk -> {
              assertThat(disk.getMode()).isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL);
              assertThat(disk.hasOverlay()).isFalse();
            });
    assertThat(snapshot.getDisks(0).getInside()).isEqualTo(first.active());
    assertThat(snapshot.getDisks(1).getInside()).isEqualTo(second.active());
    assertThat(bench.snapshots().get(domain, "one")).isEqualTo(snapshot);
    assertThat(domain.get().getStatus().getSnapshotCount()).isOne();
    bench.check(domain).now("vda", first.images("active", "base"), first.contents());
    bench.check(domain).now("vdb", second.images("active"), second.contents());
  }

  @Case("the disks go back within their images, from any state, and stay on them")
  @Requirement({"R9", "R8", "R15"})
  @InStates
  @OfSnapshot(kind = Kind.INTERNAL, operation = Operation.REVERT)
  public void revert(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    var _ = bench.snapshots().create(request(domain, "one"));
    if (state == PowerState.OFF) {
      domain.start();
    }
    domain.write("vda", WRITE);
    domain.write("vdb", MORE);
    if (state == PowerState.OFF) {
      domain.destroy();
    }

    assertThat(reverted(SnapshotRequests.revert(domain, "one")).getSnapshot()).isEqualTo("one");

    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(domain.stored("vda")).isEqualTo(first.active());
    bench.check(domain).shows(first.active(), first.contents());
    bench.check(domain).shows(second.active(), second.contents());
    assertThat(bench.snapshots().get(domain, "one").getCurrent()).isTrue();
  }

  @Case("what follows a revert is a new branch, and every snapshot can be gone back to again")
  @Requirement({"R9"})
  @OfSnapshot(kind = Kind.INTERNAL, operation = Operation.REVERT)
  public void branches(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(request(domain, "one"));
    domain.write("vda", WRITE);
    var _ = bench.snapshots().create(request(domain, "two"));
    domain.write("vda", MORE);

    var _ =
        reverted(
            SnapshotRequests.revert(domain, "one").setTargetState(RevertState.REVERT_STATE_PAUSED));

    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
    domain.write("vda", MORE);
    Snapshot branch = bench.snapshots().create(request(domain, "three"));
    assertThat(branch.getParent()).isEqualTo("one");
    var _ =
        reverted(
            SnapshotRequests.revert(domain, "two")
                .setTargetState(RevertState.REVERT_STATE_RUNNING));
    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    var _ = reverted(SnapshotRequests.revert(domain, "two"));
    bench.check(domain).shows(chain.active(), chain.contents().with(WRITE));
    var _ = reverted(SnapshotRequests.revert(domain, "three"));
    bench.check(domain).shows(chain.active(), chain.contents().with(MORE));
  }

  @Case("memory is kept with the disks, and the guest goes on from it as it was")
  @Requirement({"R9", "R8"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(
      kind = Kind.INTERNAL_MEMORY,
      operation = {Operation.CREATE, Operation.REVERT, Operation.DELETE})
  public void memory(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    DomainState before = state(domain);

    Snapshot snapshot =
        bench
            .snapshots()
            .create(request(domain, "one").setMemory(SnapshotMemory.getDefaultInstance()));

    assertThat(state(domain)).isEqualTo(before);
    assertThat(snapshot.getMemory().getDisk()).isEqualTo("vda");
    assertThat(snapshot.getMemory().getPath()).isEmpty();
    assertThat(snapshot.getMemory().getSizeBytes()).isPositive();
    domain.write("vda", WRITE);
    domain.write("vdb", MORE);

    var _ = reverted(SnapshotRequests.revert(domain, "one"));

    assertThat(state(domain)).isEqualTo(before);
    bench.check(domain).live("vda", first.images("active", "base"), first.contents());
    bench.check(domain).live("vdb", second.images("active"), second.contents());
    domain.destroy();
    RevertState other =
        state == PowerState.RUNNING
            ? RevertState.REVERT_STATE_PAUSED
            : RevertState.REVERT_STATE_RUNNING;
    var _ = reverted(SnapshotRequests.revert(domain, "one").setTargetState(other));
    assertThat(state(domain)).isNotEqualTo(before);
    domain.write("vda", WRITE);
    var _ =
        reverted(
            SnapshotRequests.revert(domain, "one")
                .setTargetState(RevertState.REVERT_STATE_SHUT_OFF));
    assertThat(state(domain)).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    bench.check(domain).shows(first.active(), first.contents());
    var _ = deleted(domain, "one", SnapshotScope.SNAPSHOT_SCOPE_ONE);
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).shows(first.active(), first.contents());
  }

  @Case("the memory that comes back is that of the moment, and nothing has come to it since")
  @Requirement({"R9", "R17"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_MEMORY,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE,
    Capability.CAPABILITY_TEST_CONTROL
  })
  @OfSnapshot(kind = Kind.INTERNAL_MEMORY, operation = Operation.REVERT)
  public void sameMemory(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "active")).start(state);
    domain.write("vda", WRITE);
    DiskContents then = memoryOf(domain);
    var _ =
        bench
            .snapshots()
            .create(request(domain, "one").setMemory(SnapshotMemory.getDefaultInstance()));
    domain.write("vda", MORE);

    var _ = reverted(SnapshotRequests.revert(domain, "one"));

    var _ = deleted(domain, "one", SnapshotScope.SNAPSHOT_SCOPE_ONE);
    assertThat(memoryOf(domain)).as("memory of the moment").isEqualTo(then);
    domain.write("vda", MORE);
    assertThat(memoryOf(domain)).as("memory afterwards").isNotEqualTo(then);
  }

  /** What the guest's memory holds, by an external snapshot, of which nothing stays. */
  private DiskContents memoryOf(TestDomain domain) {
    Image file =
        Image.newBuilder()
            .setPath(bench.path("look.memory"))
            .setFormat(ImageFormat.IMAGE_FORMAT_RAW)
            .build();
    var _ =
        bench
            .snapshots()
            .create(
                SnapshotRequests.create(domain, "look")
                    .setMemory(SnapshotMemory.newBuilder().setPath(file.getPath())));
    DiskContents memory = bench.world().contents(file);
    var _ = deleted(domain, "look", SnapshotScope.SNAPSHOT_SCOPE_ONE);
    return memory;
  }

  @Case("a deletion moves nothing, wherever in the tree it is, and what stays can be gone back to")
  @Requirement({"R9", "R3"})
  @InStates
  @OfSnapshot(kind = Kind.INTERNAL, operation = Operation.DELETE)
  public void delete(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    var _ = bench.snapshots().create(request(domain, "one"));
    domain.write("vda", WRITE);
    var _ = bench.snapshots().create(request(domain, "two"));
    domain.write("vda", MORE);
    var _ = bench.snapshots().create(request(domain, "three"));
    if (state == PowerState.OFF) {
      domain.destroy();
    }
    DeleteSnapshotRequest.Builder two = SnapshotRequests.delete(domain, "two");

    Job plan = bench.snapshots().delete(two.clone().setValidateOnly(true));

    assertThat(plan.getSnapshotPlan().getBytesToMove()).isZero();
    assertThat(plan.getSnapshotPlan().getStepsList())
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.getAction()).isEqualTo(SnapshotAction.SNAPSHOT_ACTION_DISCARD);
              assertThat(step.getSnapshot()).isEqualTo("two");
              assertThat(step.getImagesList()).containsExactly(chain.active());
            });
    var _ = deleted(domain, "two", SnapshotScope.SNAPSHOT_SCOPE_ONE);
    assertThat(bench.snapshots().get(domain, "three").getParent()).isEqualTo("one");
    assertThat(domain.get().getStatus().getSnapshotCount()).isEqualTo(2);
    bench
        .check(domain)
        .now("vda", chain.images("active", "base"), chain.contents().with(WRITE).with(MORE));
    assertThat(bench.snapshots().create(request(domain, "two")).getParent())
        .as("the name is free again, in the tree and in the images")
        .isEqualTo("three");
    var _ = reverted(SnapshotRequests.revert(domain, "one"));
    bench.check(domain).shows(chain.active(), chain.contents());
    var _ = reverted(SnapshotRequests.revert(domain, "three"));
    bench.check(domain).shows(chain.active(), chain.contents().with(WRITE).with(MORE));
    var _ = deleted(domain, "one", SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN);
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).shows(chain.active(), chain.contents().with(WRITE).with(MORE));
  }

  @Case("a name of digits is not taken for a number of QEMU's own")
  @Requirement({"R9"})
  @InStates({PowerState.OFF, PowerState.PAUSED})
  @OfSnapshot(
      kind = Kind.INTERNAL,
      operation = {Operation.CREATE, Operation.REVERT, Operation.DELETE})
  public void digits(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(request(domain, "2"));
    if (state == PowerState.OFF) {
      domain.start();
    }
    domain.write("vda", WRITE);
    var _ = bench.snapshots().create(request(domain, "1"));

    var _ = reverted(SnapshotRequests.revert(domain, "2"));

    bench.check(domain).shows(chain.active(), chain.contents());
    var _ = deleted(domain, "1", SnapshotScope.SNAPSHOT_SCOPE_ONE);
    var _ = reverted(SnapshotRequests.revert(domain, "2"));
  }

  @Case("the record of a moment that images keep can be entered again, and edited")
  @Requirement({"R9"})
  @InStates
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_INTERNAL,
    Capability.CAPABILITY_SNAPSHOT_IMPORT,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  @OfSnapshot(
      kind = Kind.INTERNAL,
      operation = {Operation.RECORD, Operation.REVERT})
  public void entered(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Snapshot made = bench.snapshots().create(request(domain, "one"));
    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .snapshots()
                    .delete(SnapshotRequests.delete(domain, "one").setMetadataOnly(true)));
    if (state == PowerState.OFF) {
      domain.start();
      domain.write("vda", WRITE);
      domain.destroy();
    } else {
      domain.write("vda", WRITE);
    }

    Snapshot entered = bench.snapshots().enter(domain, made.toBuilder().clearDomainSpec());
    Snapshot edited =
        bench
            .snapshots()
            .enter(domain, entered.toBuilder().clearDomainSpec().setDescription("seen"));

    assertThat(entered.getDisksList()).isEqualTo(made.getDisksList());
    assertThat(edited.getDescription()).isEqualTo("seen");
    assertThat(bench.snapshots().list(domain)).containsExactly(edited);
    var _ = reverted(SnapshotRequests.revert(domain, "one"));
    bench.check(domain).shows(chain.active(), chain.contents());
  }

  private Job deleted(TestDomain domain, String name, SnapshotScope scope) {
    return bench
        .jobs()
        .succeeded(bench.snapshots().delete(SnapshotRequests.delete(domain, name).setScope(scope)));
  }

  private Job reverted(RevertSnapshotRequest.Builder request) {
    return bench.jobs().succeeded(bench.snapshots().revert(request));
  }

  private static DomainState state(TestDomain domain) {
    return domain.get().getStatus().getState();
  }

  private static CreateSnapshotRequest.Builder request(TestDomain domain, String name) {
    return SnapshotRequests.create(domain, name).setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
  }
}
