package dev.drover.conformance.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.EachOf;
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
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.StartDomainRequest;
import java.util.List;
import java.util.Optional;

/** Copies that begin at the moment of a snapshot (G12). */
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
public final class SnapshotCopyCases {

  private static final List<Fill> WRITE = List.of(new Fill(5 * Fill.BLOCK, 5 * Fill.BLOCK, 0xd1));
  private static final List<Fill> LATER = List.of(new Fill(8 * Fill.BLOCK, 5 * Fill.BLOCK, 0xd2));

  private final Bench bench;

  /** Works on a bench. */
  public SnapshotCopyCases(Bench bench) {
    this.bench = bench;
  }

  /** Formats that a copy of everything may have. */
  public static List<ImageFormat> formats() {
    return List.of(ImageFormat.IMAGE_FORMAT_QCOW2, ImageFormat.IMAGE_FORMAT_RAW);
  }

  @Case("a full copy follows the guest from the moment on, and stands alone after the pivot")
  @Requirement({"G12", "G13", "D11", "E16", "R15"})
  @EachOf("formats")
  public void full(ImageFormat format, PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy", format);

    CreateSnapshotResponse made =
        bench.snapshots().withCopies(request(domain).addCopies(copy("vda", copy)));

    Job job = made.getCopyJobs(0);
    assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_COPY);
    assertThat(job.getDisk()).isEqualTo("vda");
    assertThat(job.getRequest().getDestination()).isEqualTo(copy);
    assertThat(bench.jobs().of(domain)).extracting(Job::getId).containsExactly(job.getId());
    assertThat(bench.snapshots().list(domain)).containsExactly(made.getSnapshot());
    Image overlay = made.getSnapshot().getDisks(0).getOverlay();
    assertThat(domain.stored("vda")).isEqualTo(overlay);
    assertThat(domain.get().getStatus().getState()).isEqualTo(state.shown());
    domain.write("vda", state.guest(WRITE));

    Job end = bench.jobs().pivot(job);

    assertThat(end.getResult().getChainBefore(0).getPath()).isEqualTo(overlay.getPath());
    bench.check(domain).shows(chain.active(), chain.contents());
    bench.check(domain).everywhere("vda", List.of(copy), chain.contents().with(state.guest(WRITE)));
    assertThat(bench.snapshots().list(domain)).containsExactly(made.getSnapshot());
  }

  @Case("a shallow copy holds what was written since the moment, above the image that holds it")
  @Requirement({"G12", "E5", "R8"})
  public void shallow(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy", ImageFormat.IMAGE_FORMAT_QCOW2);
    Job job =
        only(
            bench
                .snapshots()
                .withCopies(request(domain).addCopies(copy("vda", copy).setShallow(true))));
    domain.write("vda", state.guest(WRITE));

    var _ = bench.jobs().pivot(job);

    bench.check(domain).shows(chain.active(), chain.contents());
    bench
        .check(domain)
        .everywhere(
            "vda",
            List.of(copy, chain.layer("active"), chain.layer("base")),
            chain.contents().with(state.guest(WRITE)));
  }

  @Case("a shallow copy above somebody's own copy of the moment gets all that was written since")
  @Requirement({"G12", "E7", "E13"})
  public void elsewhere(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    // What the disk holds at the moment, as somebody copies it while the guest goes on.
    Image moment = image("moment", ImageFormat.IMAGE_FORMAT_QCOW2);
    bench
        .world()
        .create(
            new ImageSetup(
                moment,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(chain.path("active"), chain.layer("active"))),
                List.of()));
    Image copy = image("copy", ImageFormat.IMAGE_FORMAT_QCOW2);
    bench
        .world()
        .create(
            new ImageSetup(
                copy,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(moment.getPath(), moment)),
                List.of()));
    Job job =
        only(
            bench
                .snapshots()
                .withCopies(
                    request(domain)
                        .addCopies(copy("vda", copy).setShallow(true).setReuseExternal(true))));
    domain.write("vda", state.guest(WRITE));

    var _ = bench.jobs().pivot(job);

    bench
        .check(domain)
        .everywhere(
            "vda",
            List.of(copy, moment, chain.layer("active"), chain.layer("base")),
            chain.contents().with(state.guest(WRITE)));
  }

  @Case("a copy that is kept shows its end, and the disk stays on the overlay of the snapshot")
  @Requirement({"G12", "G13", "D9", "D11"})
  public void keep(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy", ImageFormat.IMAGE_FORMAT_QCOW2);
    CreateSnapshotResponse made =
        bench.snapshots().withCopies(request(domain).addCopies(copy("vda", copy)));
    Job ready = bench.jobs().ready(only(made));
    domain.write("vda", state.guest(WRITE));

    assertThat(bench.jobs().complete(ready, JobCompletion.JOB_COMPLETION_KEEP).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    DiskContents kept = chain.contents().with(state.guest(WRITE));
    domain.write("vda", state.guest(LATER));
    bench.check(domain).shows(copy, kept);
    bench.check(domain).everywhere("vda", onOverlay(made, chain), kept.with(state.guest(LATER)));
  }

  @Case("copies of several disks begin at one moment; disks without one take part as ever")
  @Requirement({"G12", "G1", "D7", "D16"})
  public void severalDisks(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "active");
    DiskChain third = bench.chain("vdc", "active");
    TestDomain domain = bench.define(first, second, third).start(state);
    Image one = image("one", ImageFormat.IMAGE_FORMAT_QCOW2);
    Image three = image("three", ImageFormat.IMAGE_FORMAT_RAW);

    CreateSnapshotResponse made =
        bench
            .snapshots()
            .withCopies(
                request(domain)
                    .addCopies(
                        copy("vdc", three).setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT))
                    .addCopies(copy("vda", one).setShallow(true)));

    assertThat(made.getCopyJobsList()).extracting(Job::getDisk).containsExactly("vdc", "vda");
    assertThat(bench.jobs().succeeded(made.getCopyJobs(0)).getResult().getPivoted()).isTrue();
    var _ = bench.jobs().pivot(made.getCopyJobs(1));
    domain.write("vdb", state.guest(WRITE));
    bench
        .check(domain)
        .now(
            "vdb",
            List.of(made.getSnapshot().getDisks(1).getOverlay(), second.active()),
            second.contents().with(state.guest(WRITE)));
    bench.check(domain).now("vdc", List.of(three), third.contents());
    bench
        .check(domain)
        .everywhere(
            "vda", List.of(one, first.layer("active"), first.layer("base")), first.contents());
  }

  @Case("a copy that is cancelled undoes nothing of the snapshot, and its destination goes")
  @Requirement({"G12", "G13", "D9", "A11"})
  public void cancel(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy", ImageFormat.IMAGE_FORMAT_QCOW2);
    CreateSnapshotResponse made =
        bench
            .snapshots()
            .withCopies(request(domain).addCopies(copy("vda", copy).setBandwidth(JobCalls.CRAWL)));
    Refusal.of(() -> bench.snapshots().create(request(domain).setName("two")))
        .is(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE)
        .tells("job", only(made).getId());

    assertThat(bench.jobs().cancel(only(made)).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);

    assertThat(bench.world().look(copy).exists()).isFalse();
    assertThat(bench.snapshots().list(domain))
        .as("the snapshot of the copy")
        .containsExactly(made.getSnapshot());
    bench.check(domain).everywhere("vda", onOverlay(made, chain), chain.contents());
  }

  @Case("a shut-off domain is held by the copy until it ends")
  @Requirement({"G12", "C16", "C18"})
  @InStates(PowerState.OFF)
  public void held(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    CreateSnapshotResponse made =
        bench
            .snapshots()
            .withCopies(
                request(domain)
                    .addCopies(
                        copy("vda", image("copy", ImageFormat.IMAGE_FORMAT_QCOW2))
                            .setBandwidth(JobCalls.CRAWL)));

    Refusal.of(
            () -> {
              var _ =
                  bench
                      .calls()
                      .domains()
                      .startDomain(StartDomainRequest.newBuilder().setDomain(domain.ref()).build());
            })
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", only(made).getId());

    var _ = bench.jobs().cancel(only(made));
    bench.check(domain).everywhere("vda", onOverlay(made, chain), chain.contents());
  }

  @Case("with memory a copy begins at the same moment, and the guest goes on as it was")
  @Requirement({"G12", "R9"})
  @Needs(Capability.CAPABILITY_SNAPSHOT_MEMORY)
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  @OfSnapshot(kind = Kind.EXTERNAL_MEMORY, operation = Operation.CREATE)
  public void withMemory(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy", ImageFormat.IMAGE_FORMAT_QCOW2);

    CreateSnapshotResponse made =
        bench
            .snapshots()
            .withCopies(
                request(domain)
                    .setMemory(SnapshotMemory.newBuilder().setPath(bench.path("memory")))
                    .addCopies(copy("vda", copy).setShallow(true)));

    assertThat(made.getSnapshot().getMemory().getSizeBytes()).isPositive();
    assertThat(domain.get().getStatus().getState()).isEqualTo(state.shown());
    domain.write("vda", WRITE);
    var _ = bench.jobs().pivot(only(made));
    bench.check(domain).shows(chain.active(), chain.contents());
    bench
        .check(domain)
        .everywhere(
            "vda",
            List.of(copy, chain.layer("active"), chain.layer("base")),
            chain.contents().with(WRITE));
  }

  @Case("without a record of the snapshot the copies are made all the same")
  @Requirement({"G12"})
  public void withoutRecord(PowerState state) {
    DiskChain chain = bench.chain("vda", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy", ImageFormat.IMAGE_FORMAT_QCOW2);

    Job job =
        only(
            bench
                .snapshots()
                .withCopies(request(domain).setNoMetadata(true).addCopies(copy("vda", copy))));

    var _ = bench.jobs().pivot(job);
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).everywhere("vda", List.of(copy), chain.contents());
  }

  @Case("validate_only shows snapshot and jobs, and makes neither")
  @Requirement({"G12", "R24"})
  public void validateOnly(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy", ImageFormat.IMAGE_FORMAT_QCOW2);

    CreateSnapshotResponse shown =
        bench
            .snapshots()
            .withCopies(request(domain).setValidateOnly(true).addCopies(copy("vda", copy)));

    Image overlay = shown.getSnapshot().getDisks(0).getOverlay();
    assertThat(only(shown).getId()).isEmpty();
    assertThat(only(shown).getRequest().getTop()).isEqualTo(overlay.getPath());
    assertThat(only(shown).getRequest().getDestination()).isEqualTo(copy);
    assertThat(bench.world().look(copy).exists()).isFalse();
    assertThat(bench.world().look(overlay).exists()).isFalse();
    assertThat(bench.jobs().of(domain)).isEmpty();
    assertThat(bench.snapshots().list(domain)).isEmpty();
    bench.check(domain).now("vda", chain.images("active", "base"), chain.contents());
  }

  private DiskChain large() {
    return bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
  }

  private static Job only(CreateSnapshotResponse made) {
    assertThat(made.getCopyJobsList()).hasSize(1);
    return made.getCopyJobs(0);
  }

  /** The images of the first disk, of a chain of two, once it is on its overlay. */
  private static List<Image> onOverlay(CreateSnapshotResponse made, DiskChain chain) {
    Snapshot snapshot = made.getSnapshot();
    return List.of(snapshot.getDisks(0).getOverlay(), chain.layer("active"), chain.layer("base"));
  }

  private static CreateSnapshotRequest.Builder request(TestDomain domain) {
    return SnapshotRequests.create(domain, "one");
  }

  private static BlockCopyRequest.Builder copy(String disk, Image destination) {
    return BlockCopyRequest.newBuilder().setDisk(disk).setDestination(destination);
  }

  private Image image(String name, ImageFormat format) {
    return Image.newBuilder().setPath(bench.path(name)).setFormat(format).build();
  }
}
