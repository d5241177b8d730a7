package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
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
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;

/** Snapshots whose copies cannot begin, refused before anything is there of either (G12, G1). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_COPY,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      Capability.CAPABILITY_SNAPSHOT_COPY
    },
    off = {Capability.CAPABILITY_SNAPSHOT_OFFLINE, Capability.CAPABILITY_BLOCK_JOBS_OFFLINE})
@InStates
@OfSnapshot(kind = Kind.EXTERNAL, operation = Operation.CREATE)
public final class RefusedSnapshotCopyCases {

  private final Bench bench;

  /** Works on a bench. */
  public RefusedSnapshotCopyCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a destination that exists is refused and left as it is, and the snapshot is not made")
  @Requirement({"G12", "G1", "E18"})
  public void destinationExists(PowerState state) {
    DiskChain other = bench.chain("vdx", "other");
    Attempt attempt = attempt(state);

    attempt.refused(
        copy("vda", other.active()), ErrorReason.ERROR_REASON_DESTINATION_EXISTS, other.active());

    bench.check(attempt.domain()).shows(other.active(), other.contents());
  }

  @Case("a destination is no file that the snapshot makes or reads, and no two have the same")
  @Requirement({"G12", "G1"})
  public void destinationOfTheSnapshot(PowerState state) {
    Attempt attempt = attempt(state);
    Image copy = qcow2("copy.qcow2");

    attempt.refused(
        copy("vda", attempt.overlay()),
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        attempt.overlay());
    attempt.refused(
        copy("vda", attempt.chain().layer("base")),
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        attempt.chain().layer("base"));
    attempt.refused(
        attempt.request().addCopies(copy("vda", copy)).addCopies(copy("vdb", copy)),
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        copy);
    assertThat(bench.world().look(copy).exists()).isFalse();
  }

  @Case("a destination to be reused must exist, and raw holds nothing above other images")
  @Requirement({"G12", "E9", "E18"})
  public void unusableDestinations(PowerState state) {
    Attempt attempt = attempt(state);
    Image copy = qcow2("copy.qcow2");
    Image raw = copy.toBuilder().setFormat(ImageFormat.IMAGE_FORMAT_RAW).build();

    attempt.refused(
        copy("vda", copy).setReuseExternal(true),
        ErrorReason.ERROR_REASON_DESTINATION_MISSING,
        copy);
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(attempt.request().addCopies(copy("vda", raw).setShallow(true))))
        .is(ErrorReason.ERROR_REASON_SHALLOW_COPY_INTO_RAW)
        .tells("disk", "vda");

    attempt.leftNothing();
    assertThat(bench.world().look(copy).exists()).isFalse();
  }

  @Case("a copy is of a disk that takes part, and there is one of each at most")
  @Requirement({"G12", "B1"})
  public void otherDisks(PowerState state) {
    Attempt attempt = attempt(state);
    Image copy = qcow2("copy.qcow2");
    SnapshotDisk excluded =
        SnapshotDisk.newBuilder()
            .setTarget("vda")
            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
            .build();

    attempt.invalid(attempt.request().addDisks(excluded).addCopies(copy("vda", copy)));
    attempt.invalid(
        attempt
            .request()
            .addCopies(copy("vda", copy))
            .addCopies(copy("vda", qcow2("second.qcow2"))));
    attempt.invalid(
        attempt
            .request()
            .addCopies(copy("vda", copy))
            .addCopies(copy(attempt.chain().path("active"), qcow2("second.qcow2"))));
    Refusal.of(() -> bench.snapshots().create(attempt.request().addCopies(copy("vdz", copy))))
        .is(ErrorReason.ERROR_REASON_DISK_NOT_FOUND);

    attempt.leftNothing();
    assertThat(bench.world().look(copy).exists()).isFalse();
  }

  @Case("what the snapshot's request says is not said again by a copy")
  @Requirement({"G12", "R18"})
  public void saidTwice(PowerState state) {
    Attempt attempt = attempt(state);
    Image copy = qcow2("copy.qcow2");

    attempt.invalid(
        attempt.request().addCopies(copy("vda", copy).setDomain(attempt.domain().ref())));
    attempt.invalid(attempt.request().addCopies(copy("vda", copy).setRequestId("again")));
    attempt.invalid(attempt.request().addCopies(copy("vda", copy).setValidateOnly(true)));
    attempt.invalid(
        attempt.request().addCopies(copy("vda", copy.toBuilder().clearFormat().build())));
    attempt.leftNothing();
  }

  @Case("a job that holds a disk, and the id of a job there was, are refused")
  @Requirement({"G12", "F3", "R1"})
  public void jobs(PowerState state) {
    Attempt attempt = attempt(state);
    Job copying =
        bench
            .jobs()
            .ready(
                bench
                    .jobs()
                    .copy(copy("vda", qcow2("first.qcow2")).setDomain(attempt.domain().ref())));
    BlockCopyRequest.Builder wanted = copy("vdb", qcow2("copy.qcow2"));

    Refusal.of(() -> bench.snapshots().create(attempt.request().addCopies(wanted)))
        .is(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE)
        .tells("job", copying.getId());
    var _ = bench.jobs().cancel(copying);
    Refusal.of(
            () ->
                bench
                    .snapshots()
                    .create(attempt.request().addCopies(wanted.setJobId(copying.getId()))))
        .is(ErrorReason.ERROR_REASON_JOB_ID_REUSED)
        .tells("job", copying.getId());

    assertThat(bench.jobs().of(attempt.domain())).hasSize(1);
    assertThat(bench.snapshots().list(attempt.domain())).isEmpty();
    assertThat(bench.world().look(wanted.getDestination()).exists()).isFalse();
  }

  private Attempt attempt(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    return new Attempt(bench, bench.define(first, second).start(state), first);
  }

  /**
   * A domain of which no snapshot comes about.
   *
   * @param chain the chain of its disk vda
   */
  private record Attempt(Bench bench, TestDomain domain, DiskChain chain) {

    CreateSnapshotRequest.Builder request() {
      return SnapshotRequests.create(domain, "one");
    }

    /** Where vda would go on. */
    Image overlay() {
      return bench.snapshots().create(request().setValidateOnly(true)).getDisks(0).getOverlay();
    }

    void refused(BlockCopyRequest.Builder copy, ErrorReason reason, Image named) {
      refused(request().addCopies(copy), reason, named);
    }

    void refused(CreateSnapshotRequest.Builder request, ErrorReason reason, Image named) {
      Refusal.of(() -> bench.snapshots().create(request)).is(reason).tells("path", named.getPath());
      leftNothing();
    }

    void invalid(CreateSnapshotRequest.Builder request) {
      Refusal.of(() -> bench.snapshots().create(request))
          .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
          .names("field");
    }

    void leftNothing() {
      assertThat(bench.snapshots().list(domain)).isEmpty();
      assertThat(bench.jobs().of(domain)).isEmpty();
      assertThat(bench.world().look(overlay()).exists()).isFalse();
      bench.check(domain).now("vda", chain.images("active", "base"), chain.contents());
    }
  }

  private static BlockCopyRequest.Builder copy(String disk, Image destination) {
    return BlockCopyRequest.newBuilder().setDisk(disk).setDestination(destination);
  }

  private Image qcow2(String file) {
    return Image.newBuilder()
        .setPath(bench.path(file))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
