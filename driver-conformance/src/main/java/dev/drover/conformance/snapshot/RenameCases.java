package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

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
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.util.List;

/** Snapshots that get another name, and moments that have two (R9). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_IMPORT,
      Capability.CAPABILITY_SNAPSHOT_DELETE
    },
    off = {Capability.CAPABILITY_SNAPSHOT_OFFLINE, Capability.CAPABILITY_BLOCK_JOBS_OFFLINE})
@InStates(PowerState.RUNNING)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.RECORD)
public final class RenameCases {

  private static final List<Fill> FIRST = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0xa1));
  private static final List<Fill> SECOND = List.of(new Fill(4 * Fill.BLOCK, 2 * Fill.BLOCK, 0xa2));

  private final Bench bench;

  /** Works on a bench. */
  public RenameCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a snapshot gets another name, and keeps its images, its place and what descends from it")
  @Requirement({"R9", "R3"})
  public void rename(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Snapshot root = bench.snapshots().create(domain, "root");
    Snapshot one = bench.snapshots().create(domain, "one");
    domain.write("vda", FIRST);
    Snapshot two = bench.snapshots().create(domain, "two");
    domain.write("vda", SECOND);
    Snapshot read = bench.snapshots().get(domain, "one");

    Snapshot uno =
        bench
            .snapshots()
            .enter(named(domain, read, "uno").setRenameFrom("one").setEtag(read.getEtag()));

    assertThat(without(uno)).isEqualTo(without(read.toBuilder().setName("uno").build()));
    assertThat(bench.snapshots().list(domain))
        .extracting(Snapshot::getName, Snapshot::getParent, Snapshot::getCurrent)
        .containsExactly(
            tuple("root", "", false), tuple("uno", "root", false), tuple("two", "uno", true));
    assertThat(domain.get().getStatus().getSnapshotCount()).isEqualTo(3);
    Refusal.of(() -> bench.snapshots().get(domain, "one"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND);
    bench.check(domain).shows(frozen(uno), chain.contents());

    deleted(domain, "uno");
    assertThat(bench.snapshots().get(domain, "two").getParent()).isEqualTo("root");
    assertThat(bench.world().look(one.getDisks(0).getOverlay()).exists())
        .as("the image between root's moment and two's")
        .isNotEqualTo(bench.world().look(root.getDisks(0).getOverlay()).exists());
    bench.check(domain).shows(frozen(bench.snapshots().get(domain, "root")), chain.contents());
    bench
        .check(domain)
        .shows(frozen(bench.snapshots().get(domain, "two")), chain.contents().with(FIRST));
    bench
        .check(domain)
        .shows(two.getDisks(0).getOverlay(), chain.contents().with(FIRST).with(SECOND));
  }

  @Case("a name is taken from nobody, and for other images, another record or another place")
  @Requirement({"R9", "R24"})
  public void refusals(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(domain, "one");
    var _ = bench.snapshots().create(domain, "two");
    List<Snapshot> before = bench.snapshots().list(domain);
    Snapshot one = before.getFirst();

    Refusal.of(() -> bench.snapshots().enter(named(domain, one, "uno").setRenameFrom("none")))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND)
        .tells("snapshot", "none");
    Refusal.of(() -> bench.snapshots().enter(named(domain, one, "two").setRenameFrom("one")))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS)
        .tells("snapshot", "two");
    Refusal.of(() -> bench.snapshots().enter(named(domain, one, "one").setRenameFrom("one")))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "rename_from");
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(
                        named(domain, one, "uno")
                            .setRenameFrom("one")
                            .setEtag(before.getLast().getEtag())))
        .is(ErrorReason.ERROR_REASON_ETAG_MISMATCH)
        .tells("snapshot", "one");
    ImportSnapshotRequest.Builder elsewhere = named(domain, one, "uno").setRenameFrom("one");
    elsewhere.getSnapshotBuilder().getDisksBuilder(0).setFrozen(chain.layer("base")).clearOverlay();
    Refusal.of(() -> bench.snapshots().enter(elsewhere))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "snapshot.disks");
    for (String below : List.of("one", "two")) {
      ImportSnapshotRequest.Builder moved = named(domain, one, "uno").setRenameFrom("one");
      moved.getSnapshotBuilder().setParent(below);
      Refusal.of(() -> bench.snapshots().enter(moved))
          .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
          .tells("field", "snapshot.parent");
    }
    assertThat(
            bench
                .snapshots()
                .enter(named(domain, one, "uno").setRenameFrom("one").setValidateOnly(true))
                .getName())
        .isEqualTo("uno");
    assertThat(bench.snapshots().list(domain)).isEqualTo(before);
  }

  @Case("a moment with two names stays until both are gone")
  @Requirement({"R9", "R3"})
  @Needs({
    Capability.CAPABILITY_BLOCK_CHAIN,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_OFFLINE,
    Capability.CAPABILITY_BLOCK_JOBS_OFFLINE,
    Capability.CAPABILITY_SNAPSHOT_IMPORT,
    Capability.CAPABILITY_SNAPSHOT_REVERT,
    Capability.CAPABILITY_SNAPSHOT_DELETE
  })
  public void twice(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ = bench.snapshots().create(domain, "root");
    domain.write("vda", FIRST);
    DiskContents moment = chain.contents().with(FIRST);
    Snapshot one = bench.snapshots().create(domain, "one");
    domain.write("vda", SECOND);

    Snapshot uno = bench.snapshots().enter(named(domain, one, "uno"));

    assertThat(uno.getCurrent()).isFalse();
    assertThat(uno.getParent()).isEqualTo("root");
    assertThat(domain.get().getStatus().getSnapshotCount()).isEqualTo(3);
    deleted(domain, "one");
    bench.check(domain).shows(frozen(uno), moment);
    bench.check(domain).shows(domain.stored("vda"), moment.with(SECOND));
    revert(domain, "uno");
    bench.check(domain).shows(domain.stored("vda"), moment);

    deleted(domain, "uno");
    assertThat(bench.snapshots().list(domain))
        .extracting(Snapshot::getName)
        .containsExactly("root");
    assertThat(domain.chain("vda").getImagesCount()).isEqualTo(2);
    bench.check(domain).shows(domain.stored("vda"), moment);
    bench.check(domain).shows(frozen(bench.snapshots().get(domain, "root")), chain.contents());
  }

  private static ImportSnapshotRequest.Builder named(
      TestDomain domain, Snapshot snapshot, String name) {
    return SnapshotRequests.enter(
        domain, snapshot.toBuilder().setName(name).setCurrent(false).clearDomainSpec());
  }

  private static Snapshot without(Snapshot snapshot) {
    return snapshot.toBuilder().clearEtag().build();
  }

  private static Image frozen(Snapshot snapshot) {
    return snapshot.getDisks(0).getFrozen();
  }

  private void deleted(TestDomain domain, String name) {
    var _ = bench.jobs().succeeded(bench.snapshots().delete(domain, name));
  }

  private void revert(TestDomain domain, String name) {
    domain.destroy();
    var _ = bench.jobs().succeeded(bench.snapshots().revert(domain, name));
  }
}
