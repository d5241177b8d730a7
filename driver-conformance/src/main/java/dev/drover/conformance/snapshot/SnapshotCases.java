package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
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
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.ListSnapshotsResponse;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.UndefineDomainRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** External disk-only snapshots (section 1G). */
@Needs(
    value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK},
    off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
@InStates(PowerState.PAUSED)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.CREATE)
public final class SnapshotCases {

  private static final List<Fill> WRITE = List.of(new Fill(2 * Fill.BLOCK, 4 * Fill.BLOCK, 0x91));

  private final Bench bench;

  /** Works on a bench. */
  public SnapshotCases(Bench bench) {
    this.bench = bench;
  }

  @Case("all writable disks go on in overlays beside their images, and what was active is frozen")
  @Requirement({"G1", "G2", "G8", "G10", "D11", "R9", "R15"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void twoDisks(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);

    Snapshot snapshot =
        bench.snapshots().create(SnapshotRequests.create(domain, "one").setAtomic(true));
    Image overlay = snapshot.getDisks(0).getOverlay();
    domain.write("vda", WRITE);

    assertThat(overlay.getPath()).isEqualTo(bench.path("vda-active.one"));
    assertThat(overlay.getFormat()).isEqualTo(ImageFormat.IMAGE_FORMAT_QCOW2);
    assertThat(snapshot.getDisksList().stream().map(SnapshotDisk::getTarget))
        .containsExactly("vda", "vdb");
    assertThat(snapshot.getDisks(0).getFrozen()).isEqualTo(first.active());
    assertThat(snapshot.getDisks(1).getFrozen()).isEqualTo(second.active());
    assertThat(snapshot.getDomainState()).isEqualTo(state.shown());
    assertThat(snapshot.getCurrent()).isTrue();
    assertThat(snapshot.getDomainSpec().getDisks(0).getSource()).isEqualTo(first.active());
    assertThat(Path.of(bench.world().look(overlay).backingReference())).isAbsolute();
    assertThat(domain.get().getStatus().getState()).isEqualTo(snapshot.getDomainState());
    bench.check(domain).shows(first.active(), first.contents());
    bench
        .check(domain)
        .live(
            "vda",
            List.of(overlay, first.layer("active"), first.layer("base")),
            first.contents().with(WRITE));
    bench
        .check(domain)
        .everywhere(
            "vdb", List.of(snapshot.getDisks(1).getOverlay(), second.active()), second.contents());
  }

  @Case("disks of a shut-off domain go on in overlays too, and it starts from them")
  @Requirement({"G8", "G10", "D11", "R9", "R15"})
  @InStates(PowerState.OFF)
  public void shutOff(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);

    Snapshot snapshot = bench.snapshots().create(domain, "one");
    Image overlay = snapshot.getDisks(0).getOverlay();

    assertThat(snapshot.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(snapshot.getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_SHUT_OFF);
    assertThat(snapshot.getDisks(0).getFrozen()).isEqualTo(chain.active());
    assertThat(domain.stored("vda")).isEqualTo(overlay);
    domain.start(PowerState.PAUSED);
    domain.write("vda", WRITE);
    bench
        .check(domain)
        .live(
            "vda",
            List.of(overlay, chain.layer("active"), chain.layer("base")),
            chain.contents().with(WRITE));
  }

  @Case("when the second disk is refused, the first is as it was and no overlay is left")
  @Requirement({"G1", "G2", "G8", "G11"})
  public void secondDiskRefused() {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(first, second).start();
    Image taken = second.layer("base");
    Image overlay = qcow2("first.overlay");

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        SnapshotRequests.create(domain, "one")
                            .addDisks(disk("vda", overlay))
                            .addDisks(disk("vdb", taken))))
        .is(ErrorReason.ERROR_REASON_DESTINATION_EXISTS)
        .tells("path", taken.getPath());

    assertThat(bench.world().look(overlay).exists()).isFalse();
    bench.check(domain).shows(taken, second.view("base"));
    bench.check(domain).live("vda", first.images("active", "base"), first.contents());
    bench.check(domain).everywhere("vdb", second.images("active", "base"), second.contents());
    assertThat(bench.snapshots().list(domain)).isEmpty();
    assertThat(domain.get().getStatus().getSnapshotCount()).isZero();
  }

  @Case("an overlay whose name is longer than a host takes it is refused")
  @Requirement({"G8", "G11", "R29"})
  public void nameTooLong() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();

    Image overlay = qcow2("o".repeat(256));

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(SnapshotRequests.create(domain, "one").addDisks(disk("vda", overlay))))
        .is(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED)
        .tells("path", overlay.getPath());
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
    assertThat(bench.snapshots().list(domain)).isEmpty();
  }

  @Case("overlays brought along must all exist, or no disk moves to one")
  @Requirement({"G1", "G4", "G6", "G7"})
  @InStates
  public void reuseMissing(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    Image brought = brought(first.active().getPath(), first);
    Image missing = qcow2("missing.qcow2");

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        SnapshotRequests.create(domain, "one")
                            .setReuseExternal(true)
                            .addDisks(disk("vda", brought))
                            .addDisks(disk("vdb", missing))))
        .is(ErrorReason.ERROR_REASON_DESTINATION_MISSING)
        .tells("path", missing.getPath());

    assertThat(bench.world().look(missing).exists()).isFalse();
    assertThat(bench.world().look(brought).exists()).as("the client's overlay stays").isTrue();
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).now("vda", first.images("active", "base"), first.contents());
    bench.check(domain).now("vdb", second.images("active"), second.contents());
  }

  @Case("an overlay brought along is used as it is, its header included")
  @Requirement({"G4", "G5", "G9", "E13"})
  @InStates
  public void reuse(PowerState state) {
    DiskChain chain =
        bench.chain("vda", DiskSize.SMALL, DiskChain.Style.RELATIVE, "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image overlay = brought("vda-active.qcow2", chain);
    List<Image> images = List.of(overlay, chain.layer("active"), chain.layer("base"));

    Snapshot snapshot =
        bench
            .snapshots()
            .create(
                SnapshotRequests.create(domain, "one")
                    .setReuseExternal(true)
                    .addDisks(disk("vda", overlay)));

    assertThat(snapshot.getDisks(0).getOverlay()).isEqualTo(overlay);
    assertThat(snapshot.getDisks(0).getFrozen()).isEqualTo(chain.active());
    bench.check(domain).now("vda", images, chain.contents());
    if (!domain.active()) {
      domain.start(PowerState.PAUSED);
    }
    domain.write("vda", WRITE);
    assertThat(bench.world().look(overlay).backingReference()).isEqualTo("vda-active.qcow2");
    bench.check(domain).everywhere("vda", images, chain.contents().with(WRITE));
    bench.check(domain).shows(chain.active(), chain.contents());
  }

  @Case("one path for the overlays of two disks is refused")
  @Requirement({"G8", "G11"})
  @InStates
  public void oneOverlayForTwo(PowerState state) {
    DiskChain first = bench.chain("vda", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start(state);
    Image overlay = qcow2("over.qcow2");

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        SnapshotRequests.create(domain, "one")
                            .addDisks(disk("vda", overlay))
                            .addDisks(disk("vdb", overlay))))
        .is(ErrorReason.ERROR_REASON_DESTINATION_EXISTS)
        .tells("path", overlay.getPath());

    assertThat(bench.world().look(overlay).exists()).isFalse();
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).now("vda", first.images("active"), first.contents());
    bench.check(domain).now("vdb", second.images("active"), second.contents());
  }

  @Case("a disk that is excluded is left alone")
  @Requirement({"G9"})
  public void excluded() {
    DiskChain first = bench.chain("vda", "active");
    DiskChain second = bench.chain("vdb", "active");
    TestDomain domain = bench.define(first, second).start();

    Snapshot snapshot =
        bench
            .snapshots()
            .create(
                SnapshotRequests.create(domain, "one")
                    .addDisks(
                        SnapshotDisk.newBuilder()
                            .setTarget("vdb")
                            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)));

    assertThat(snapshot.getDisks(1).getMode())
        .isEqualTo(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
    bench
        .check(domain)
        .live("vda", List.of(snapshot.getDisks(0).getOverlay(), first.active()), first.contents());
    bench.check(domain).live("vdb", second.images("active"), second.contents());
  }

  @Case("a snapshot without any disk is refused")
  @Requirement({"G1"})
  public void withoutDisks() {
    TestDomain domain = bench.define(bench.chain("vda", "active")).start();

    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        SnapshotRequests.create(domain, "one")
                            .addDisks(
                                SnapshotDisk.newBuilder()
                                    .setTarget("vda")
                                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS);
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(
                        SnapshotRequests.create(domain, "one")
                            .addDisks(disk("vdz", qcow2("z.qcow2")))))
        .is(ErrorReason.ERROR_REASON_DISK_NOT_FOUND)
        .tells("disk", "vdz");
    assertThat(bench.snapshots().list(domain)).isEmpty();
  }

  @Case("snapshots form a line, the newest is current, and a name is used once")
  @Requirement({"R9", "R20"})
  @OfSnapshot(
      kind = Kind.EXTERNAL,
      operation = {Operation.CREATE, Operation.RECORD})
  public void line() {
    TestDomain domain = bench.define(bench.chain("vda", "active")).start();
    var _ =
        bench
            .snapshots()
            .create(SnapshotRequests.create(domain, "one").setDescription("the first"));
    Snapshot second = bench.snapshots().create(domain, "two");

    assertThat(second.getParent()).isEqualTo("one");
    assertThat(bench.snapshots().list(domain).stream().map(Snapshot::getName))
        .containsExactly("one", "two");
    assertThat(bench.snapshots().get(domain, "one").getDescription()).isEqualTo("the first");
    assertThat(bench.snapshots().get(domain, "one").getCurrent()).isFalse();
    assertThat(bench.snapshots().get(domain, "two")).isEqualTo(second);
    assertThat(domain.get().getStatus().getSnapshotCount()).isEqualTo(2);
    Refusal.of(() -> bench.snapshots().create(domain, "one"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS)
        .tells("snapshot", "one");
    Refusal.of(() -> bench.snapshots().get(domain, "three"))
        .is(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND)
        .tells("snapshot", "three");

    ListSnapshotsRequest page =
        ListSnapshotsRequest.newBuilder().setDomain(domain.ref()).setPageSize(1).build();
    ListSnapshotsResponse first = bench.calls().snapshots().listSnapshots(page);
    assertThat(first.getSnapshotsList().stream().map(Snapshot::getName)).containsExactly("one");
    ListSnapshotsResponse last =
        bench
            .calls()
            .snapshots()
            .listSnapshots(page.toBuilder().setPageToken(first.getNextPageToken()).build());
    assertThat(last.getSnapshotsList()).containsExactly(second);
    assertThat(last.getNextPageToken()).isEmpty();
  }

  @Case("without metadata the disks change and no record is kept")
  @Requirement({"G10"})
  public void withoutMetadata() {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start();

    Snapshot snapshot =
        bench.snapshots().create(SnapshotRequests.create(domain, "one").setNoMetadata(true));

    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench
        .check(domain)
        .everywhere(
            "vda", List.of(snapshot.getDisks(0).getOverlay(), chain.active()), chain.contents());
  }

  @Case("validate_only shows the snapshot and makes none")
  @Requirement({"R24", "G1"})
  public void validateOnly() {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start();

    Snapshot shown =
        bench.snapshots().create(SnapshotRequests.create(domain, "one").setValidateOnly(true));

    assertThat(shown.getDisks(0).getOverlay().getPath()).isEqualTo(bench.path("vda-active.one"));
    assertThat(bench.world().look(shown.getDisks(0).getOverlay()).exists()).isFalse();
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).live("vda", chain.images("active"), chain.contents());
  }

  @Case("undefine insists on being told about records of snapshots")
  @Requirement({"R9"})
  @OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.RECORD)
  public void undefine() {
    TestDomain domain = bench.define(bench.chain("vda", "active")).start();
    Snapshot snapshot = bench.snapshots().create(domain, "one");
    domain.destroy();

    Refusal.of(domain::undefine).is(ErrorReason.ERROR_REASON_DOMAIN_HAS_SNAPSHOTS).names("count");
    var _ =
        bench
            .calls()
            .domains()
            .undefineDomain(
                UndefineDomainRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setSnapshotsMetadata(true)
                    .build());
    Refusal.of(domain::get).is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
    assertThat(bench.world().look(snapshot.getDisks(0).getOverlay()).exists())
        .as("images are kept")
        .isTrue();
  }

  @Case("three snapshots taken under writes are committed back into one image")
  @Requirement({"C1", "D5", "R8", "R9"})
  @Needs(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT)
  @InStates(PowerState.RUNNING)
  @OfSnapshot(
      kind = Kind.EXTERNAL,
      operation = {Operation.CREATE, Operation.BLOCK_JOB})
  public void andBack() {
    DiskChain chain = bench.chain("vda", "base");
    TestDomain domain = bench.define(chain).start(PowerState.RUNNING);
    List<Fill> all = new java.util.ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      List<Fill> write = List.of(new Fill(3 * Fill.BLOCK * i, 5 * Fill.BLOCK, 0x30 + i));
      domain.write("vda", write);
      all.addAll(write);
      var _ = bench.snapshots().create(SnapshotRequests.create(domain, "s" + i));
    }
    assertThat(domain.chain("vda").getImagesCount()).isEqualTo(4);

    var _ =
        bench
            .jobs()
            .pivot(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setActive(true)));

    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents().with(all));
  }

  @Case("a shut-off domain's disks are moved to overlays too")
  @Requirement({"R9", "R15"})
  @Needs(Capability.CAPABILITY_SNAPSHOT_OFFLINE)
  @InStates(PowerState.OFF)
  public void offline() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain);

    Snapshot snapshot = bench.snapshots().create(domain, "one");

    assertThat(snapshot.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    bench
        .check(domain)
        .stored(
            "vda",
            List.of(snapshot.getDisks(0).getOverlay(), chain.layer("active"), chain.layer("base")),
            chain.contents());
  }

  private static SnapshotDisk disk(String target, Image overlay) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
        .setOverlay(overlay)
        .build();
  }

  /** An overlay of a client's own, which reads the active image by that reference. */
  private Image brought(String reference, DiskChain chain) {
    Image overlay = qcow2("brought.qcow2");
    bench
        .world()
        .create(
            new ImageSetup(
                overlay,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(reference, chain.active())),
                List.of()));
    return overlay;
  }

  private Image qcow2(String file) {
    return Image.newBuilder()
        .setPath(bench.path(file))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
