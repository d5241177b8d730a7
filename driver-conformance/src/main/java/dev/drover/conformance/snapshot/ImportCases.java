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
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.UndefineDomainRequest;
import java.util.List;
import java.util.Optional;

/** Records of snapshots that others have made, or that outlive their domain's definition (R9). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_IMPORT
    },
    off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
@InStates(PowerState.PAUSED)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.RECORD)
public final class ImportCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0x91));

  private final Bench bench;

  /** Works on a bench. */
  public ImportCases(Bench bench) {
    this.bench = bench;
  }

  @Case("the moments of a chain that others made are entered as a tree, and no image is touched")
  @Requirement({"R9"})
  @InStates({PowerState.RUNNING, PowerState.PAUSED, PowerState.OFF})
  public void chain(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "middle", "active");
    TestDomain domain = bench.define(chain).start(state);

    Snapshot first = bench.snapshots().enter(domain, record("first", "", chain.layer("base")));
    Snapshot shown =
        bench
            .snapshots()
            .enter(
                SnapshotRequests.enter(
                        domain, record("second", "first", chain.layer("middle")).setCurrent(true))
                    .setValidateOnly(true));
    assertThat(bench.snapshots().list(domain)).containsExactly(first);
    Snapshot second =
        bench
            .snapshots()
            .enter(domain, record("second", "first", chain.layer("middle")).setCurrent(true));

    assertThat(first.getCurrent()).isFalse();
    assertThat(first.getDisks(0).getFrozen()).isEqualTo(chain.layer("base"));
    assertThat(first.getDomainName()).isEqualTo(domain.name());
    assertThat(first.getDomainSpec().getDisks(0).getSource()).isEqualTo(chain.layer("base"));
    assertThat(second)
        .isEqualTo(
            shown.toBuilder()
                .setCreateTime(second.getCreateTime())
                .setEtag(second.getEtag())
                .build());
    assertThat(bench.snapshots().list(domain)).containsExactly(first, second);
    assertThat(domain.get().getStatus().getSnapshotCount()).isEqualTo(2);
    bench
        .check(domain)
        .everywhere("vda", chain.images("active", "middle", "base"), chain.contents());
  }

  @Case(
      "a domain goes back to a moment that was imported, and its deletion leaves what is not"
          + " Drover's")
  @Requirement({"R9", "R3"})
  @Needs({Capability.CAPABILITY_SNAPSHOT_REVERT, Capability.CAPABILITY_SNAPSHOT_DELETE})
  @InStates(PowerState.OFF)
  @OfSnapshot(
      kind = Kind.EXTERNAL,
      operation = {Operation.REVERT, Operation.DELETE, Operation.RECORD})
  public void backAndGone(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    var _ =
        bench.snapshots().enter(domain, record("first", "", chain.layer("base")).setCurrent(true));

    var _ = bench.jobs().succeeded(bench.snapshots().revert(domain, "first"));
    bench
        .check(domain)
        .stored("vda", List.of(domain.stored("vda"), chain.layer("base")), chain.view("base"));

    var _ = bench.jobs().succeeded(bench.snapshots().delete(domain, "first"));
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).shows(chain.active(), chain.contents());
  }

  @Case("an etag lets only the one change a record who read the newest one")
  @Requirement({"R9", "R24"})
  public void etag(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "middle", "active");
    TestDomain domain = bench.define(chain).start(state);
    Snapshot read = bench.snapshots().enter(domain, record("one", "", chain.layer("base")));
    assertThat(read.getEtag()).isNotEmpty();
    assertThat(bench.snapshots().get(domain, "one")).isEqualTo(read);

    var _ = bench.snapshots().enter(domain, record("two", "one", chain.layer("middle")));
    assertThat(bench.snapshots().get(domain, "one").getEtag())
        .as("another record has come")
        .isEqualTo(read.getEtag());
    Snapshot first = bench.snapshots().enter(described(domain, read, "first"));
    assertThat(first.getEtag()).isNotEqualTo(read.getEtag());
    assertThat(bench.snapshots().list(domain)).contains(first);

    for (boolean only : new boolean[] {true, false}) {
      Refusal.of(
              () ->
                  bench.snapshots().enter(described(domain, read, "second").setValidateOnly(only)))
          .is(ErrorReason.ERROR_REASON_ETAG_MISMATCH)
          .tells("domain", domain.name())
          .tells("snapshot", "one")
          .tells("etag", first.getEtag());
    }
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(
                        SnapshotRequests.enter(domain, record("new", "", chain.layer("base")))
                            .setEtag(read.getEtag())))
        .is(ErrorReason.ERROR_REASON_ETAG_MISMATCH)
        .tells("etag", "");
    assertThat(bench.snapshots().get(domain, "one")).isEqualTo(first);
    assertThat(bench.snapshots().enter(described(domain, first, "third")).getDescription())
        .isEqualTo("third");
  }

  private ImportSnapshotRequest.Builder described(TestDomain domain, Snapshot read, String text) {
    return SnapshotRequests.enter(domain, read.toBuilder().clearDomainSpec().setDescription(text))
        .setEtag(read.getEtag());
  }

  @Case("an overlay names the moment below it where the record does not")
  @Requirement({"R9"})
  public void byOverlay(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);

    Snapshot snapshot =
        bench
            .snapshots()
            .enter(
                domain,
                Snapshot.newBuilder()
                    .setName("one")
                    .addDisks(
                        SnapshotDisk.newBuilder().setTarget("vda").setOverlay(chain.active())));

    assertThat(snapshot.getDisks(0).getFrozen()).isEqualTo(chain.layer("base"));
    assertThat(snapshot.getDisks(0).getOverlay()).isEqualTo(chain.active());
  }

  @Case("what could not be reverted to is refused")
  @Requirement({"R9", "E12"})
  public void refusals(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    DiskChain apart = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(chain, apart).start(state);
    Image base = chain.layer("base");

    Refusal.of(() -> bench.snapshots().enter(domain, record("one", "", chain.active())))
        .is(ErrorReason.ERROR_REASON_IMAGE_IN_USE)
        .tells("path", chain.active().getPath());
    Image missing = base.toBuilder().setPath(bench.path("missing.qcow2")).build();
    Refusal.of(() -> bench.snapshots().enter(domain, record("one", "", missing)))
        .is(ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND)
        .tells("path", missing.getPath());
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(domain, record("one", "", base.toBuilder().clearFormat().build())))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "snapshot.disks[0].frozen.format");
    Snapshot.Builder timeless = record("one", "", base);
    timeless.getCreateTimeBuilder().setSeconds(Long.MAX_VALUE);
    Refusal.of(() -> bench.snapshots().enter(domain, timeless))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "snapshot.create_time");
    Snapshot.Builder crossed = record("one", "", base);
    crossed.getDisksBuilder(0).setOverlay(apart.active());
    Refusal.of(() -> bench.snapshots().enter(domain, crossed))
        .is(ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID)
        .tells("path", apart.active().getPath());
    Snapshot.Builder unknown = record("one", "", base);
    unknown.getDisksBuilder(0).setTarget("vdz");
    Refusal.of(() -> bench.snapshots().enter(domain, unknown))
        .is(ErrorReason.ERROR_REASON_DISK_NOT_FOUND)
        .tells("disk", "vdz");
    Refusal.of(() -> bench.snapshots().enter(domain, Snapshot.newBuilder().setName("one")))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS);
    Refusal.of(() -> bench.snapshots().enter(domain, record("one", "none", base)))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND)
        .tells("snapshot", "none");
    Refusal.of(() -> bench.snapshots().enter(domain, record("one", "one", base)))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "snapshot.parent");
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .enter(domain, record("one", "", base).setDomainUuid("not-this-one")))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "snapshot.domain_uuid");
    assertThat(bench.snapshots().list(domain)).isEmpty();
  }

  @Case("a record is replaced by one that says the same of the disks, and by no other")
  @Requirement({"R9"})
  public void replace(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Snapshot made = bench.snapshots().create(domain, "one");

    Snapshot changed =
        bench
            .snapshots()
            .enter(
                domain,
                made.toBuilder()
                    .clearDomainSpec()
                    .setCurrent(false)
                    .setDescription("in other words"));

    assertThat(changed.toBuilder().clearEtag().build())
        .isEqualTo(made.toBuilder().setDescription("in other words").clearEtag().build());
    assertThat(changed.getEtag()).isNotEqualTo(made.getEtag());
    assertThat(bench.snapshots().list(domain)).containsExactly(changed);
    assertThat(domain.get().getStatus().getSnapshotCount()).isEqualTo(1);
    Refusal.of(() -> bench.snapshots().enter(domain, record("one", "", chain.layer("base"))))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS)
        .tells("snapshot", "one");
  }

  @Case("nothing is entered while a job works on a disk")
  @Requirement({"R9", "F3"})
  @Needs(Capability.CAPABILITY_BLOCK_PULL)
  public void underAJob(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    Job job =
        bench
            .jobs()
            .pull(
                BlockPullRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBandwidth(dev.drover.v1.Bandwidth.newBuilder().setBytesPerSecond(65536)));

    Refusal.of(() -> bench.snapshots().enter(domain, record("one", "", chain.layer("base"))))
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId());
    var _ = bench.jobs().ended(bench.jobs().cancel(job));
  }

  @Case("records that are kept come back with a definition of the same uuid")
  @Requirement({"R9", "R3"})
  public void kept(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", WRITE);
    for (String name : List.of("one", "two")) {
      var _ = bench.snapshots().create(domain, name);
    }
    domain.destroy();
    List<Snapshot> before = bench.snapshots().list(domain);
    DomainSpec spec = domain.get().getSpec();

    Refusal.of(() -> undefine(domain.ref(), Optional.empty()))
        .is(ErrorReason.ERROR_REASON_DOMAIN_HAS_SNAPSHOTS);
    undefine(domain.ref(), Optional.of(true));
    Refusal.of(domain::get).is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
    Domain again = bench.define(spec).get();

    assertThat(again.getStatus().getSnapshotCount()).isEqualTo(2);
    assertThat(bench.snapshots().list(domain)).isEqualTo(before);
    undefine(domain.ref(), Optional.of(false));
    assertThat(bench.define(spec).get().getStatus().getSnapshotCount()).isZero();
    assertThat(bench.snapshots().list(domain)).isEmpty();
  }

  private void undefine(DomainRef domain, Optional<Boolean> keep) {
    var _ =
        bench
            .calls()
            .domains()
            .undefineDomain(
                UndefineDomainRequest.newBuilder()
                    .setDomain(domain)
                    .setKeepSnapshots(keep.orElse(false))
                    .setSnapshotsMetadata(!keep.orElse(true))
                    .build());
  }

  private static Snapshot.Builder record(String name, String parent, Image frozen) {
    return Snapshot.newBuilder()
        .setName(name)
        .setParent(parent)
        .addDisks(SnapshotDisk.newBuilder().setTarget("vda").setFrozen(frozen));
  }
}
