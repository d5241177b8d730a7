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
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import java.util.Optional;

/** Snapshots that could not be reverted to or deleted later, refused before they are made (R9). */
@Needs(
    value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK},
    off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
@InStates(PowerState.PAUSED)
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.CREATE)
public final class RefusedSnapshotCases {

  private final Bench bench;

  /** Works on a bench. */
  public RefusedSnapshotCases(Bench bench) {
    this.bench = bench;
  }

  @Case("two disks that write to one image have no moment")
  @Requirement({"R9"})
  @InStates(PowerState.OFF)
  public void sharedImage() {
    DiskChain chain = bench.chain("vda", "active");
    DomainSpec spec =
        bench.spec(
            bench.name("vm"), chain.disk(), chain.disk().toBuilder().setTarget("vdb").build());
    TestDomain domain = bench.define(spec);

    assertRefused(domain, request(domain), ErrorReason.ERROR_REASON_IMAGE_IN_USE, chain.active());
  }

  @Case("a read-only disk and one without a medium take no part, and cannot be made to")
  @Requirement({"R9", "G9"})
  public void readOnlyAndEmpty(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    DiskChain medium = bench.chain("vdb", "medium");
    DomainSpec spec =
        bench.spec(
            bench.name("vm"), chain.disk(), medium.disk().toBuilder().setReadOnly(true).build());
    TestDomain domain = bench.define(spec).start(state);

    Refusal.of(() -> create(request(domain).addDisks(disk("vdb", qcow2("over.qcow2")))))
        .is(ErrorReason.ERROR_REASON_DISK_READ_ONLY)
        .tells("disk", "vdb");
    assertThat(list(domain)).isZero();
  }

  @Case("an overlay that is another domain's disk, or is missing but defined as one, is refused")
  @Requirement({"R9", "G5"})
  public void otherDomainsDisk(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image theirs = qcow2("theirs.qcow2");
    var _ =
        bench.define(
            bench.spec(
                bench.name("other"), Disk.newBuilder().setTarget("vda").setSource(theirs).build()));

    assertRefused(
        domain,
        request(domain).addDisks(disk("vda", theirs)),
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        theirs);
    setUp(theirs, DiskSize.SMALL.bytes(), chain.active());
    assertRefused(
        domain,
        request(domain).setReuseExternal(true).addDisks(disk("vda", theirs)),
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        theirs);
  }

  @Case("an overlay brought along must have the size of its disk")
  @Requirement({"R9", "G5"})
  public void otherSize(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image larger = qcow2("larger.qcow2");
    setUp(larger, 2 * DiskSize.SMALL.bytes(), chain.active());

    assertRefused(
        domain,
        request(domain).setReuseExternal(true).addDisks(disk("vda", larger)),
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        larger);
  }

  @Case("an overlay brought along must take the active image for the format that it has")
  @Requirement({"R9", "G5", "E12"})
  @InStates
  public void otherFormat(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image misread = qcow2("misread.qcow2");
    setUp(
        misread,
        DiskSize.SMALL.bytes(),
        chain.active().toBuilder().setFormat(ImageFormat.IMAGE_FORMAT_RAW).build());

    assertRefused(
        domain,
        request(domain).setReuseExternal(true).addDisks(disk("vda", misread)),
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        misread);
    bench.check(domain).now("vda", chain.images("active"), chain.contents());
  }

  @Case("an overlay that holds the moment of another snapshot is refused")
  @Requirement({"R9", "G5"})
  @InStates(PowerState.OFF)
  public void anotherMoment() {
    DiskChain chain = bench.chain("vda", "base");
    TestDomain domain = bench.define(chain);
    for (String name : List.of("one", "two")) {
      create(request(domain).setName(name));
    }
    Image moment = qcow2("vda-base.one");
    DomainSpec back = domain.get().getSpec().toBuilder().setDisks(0, chain.disk()).build();
    var _ = bench.define(back);

    Refusal.of(
            () ->
                create(
                    request(domain)
                        .setName("three")
                        .setReuseExternal(true)
                        .addDisks(disk("vda", moment))))
        .is(ErrorReason.ERROR_REASON_IMAGE_IN_USE)
        .tells("path", moment.getPath());
    assertThat(list(domain)).isEqualTo(2);
  }

  private void assertRefused(
      TestDomain domain, CreateSnapshotRequest.Builder request, ErrorReason reason, Image image) {
    Refusal.of(() -> create(request)).is(reason).tells("path", image.getPath());
    assertThat(list(domain)).isZero();
  }

  private void setUp(Image image, long bytes, Image backing) {
    bench
        .world()
        .create(
            new ImageSetup(
                image,
                bytes,
                Optional.of(new ImageSetup.Backing(backing.getPath(), backing)),
                List.of()));
  }

  private void create(CreateSnapshotRequest.Builder request) {
    var _ = bench.snapshots().create(request);
  }

  private int list(TestDomain domain) {
    return bench
        .calls()
        .snapshots()
        .listSnapshots(ListSnapshotsRequest.newBuilder().setDomain(domain.ref()).build())
        .getSnapshotsCount();
  }

  private static CreateSnapshotRequest.Builder request(TestDomain domain) {
    return SnapshotRequests.create(domain, "one");
  }

  private static SnapshotDisk disk(String target, Image overlay) {
    return SnapshotDisk.newBuilder().setTarget(target).setOverlay(overlay).build();
  }

  private Image qcow2(String file) {
    return Image.newBuilder()
        .setPath(bench.path(file))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
