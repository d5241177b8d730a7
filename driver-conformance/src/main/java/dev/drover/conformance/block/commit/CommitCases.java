package dev.drover.conformance.block.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.List;
import java.util.Optional;

/** Commits in every state of a domain (section 1C). */
@Needs(
    value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_COMMIT},
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
public final class CommitCases {

  private static final List<Fill> BEFORE = List.of(new Fill(6 * Fill.BLOCK, 3 * Fill.BLOCK, 0xb1));
  private static final List<Fill> AT_READY =
      List.of(
          new Fill(8 * Fill.BLOCK, 2 * Fill.BLOCK, 0xb2),
          new Fill(120 * Fill.BLOCK, Fill.BLOCK, 0xb3));

  private final Bench bench;

  /** Works on a bench. */
  public CommitCases(Bench bench) {
    this.bench = bench;
  }

  /** Spellings of commits of the active image. */
  public static List<Equivalence> active() {
    return Equivalence.all().stream().filter(Equivalence::activeImage).toList();
  }

  /** Spellings of commits of an image between others. */
  public static List<Equivalence> intermediate() {
    return Equivalence.all().stream().filter(one -> !one.activeImage()).toList();
  }

  @Case("an intermediate commit ends by itself with the chain that section 1C names")
  @Requirement({"A1", "A2", "B2", "B3", "C4", "C5", "C6", "C9", "C10", "D4", "R1", "R8", "R15"})
  @EachOf("intermediate")
  @InStates
  public void intermediateCommit(Equivalence commit, PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", state.guest(BEFORE));

    Job job = bench.jobs().commit(commit.request(chain).setDomain(domain.ref()));
    Job end = bench.jobs().succeeded(job);

    assertThat(end.getKind()).isEqualTo(JobKind.JOB_KIND_COMMIT);
    assertThat(end.getResult().getPivoted()).isFalse();
    asRequested(end, chain, commit);
    spared(chain, commit);
    assertThat(domain.get().getStatus().getState())
        .as("a job leaves the guest's processors alone")
        .isEqualTo(state.shown());
    bench
        .check(domain)
        .everywhere("vda", images(chain, commit), chain.contents().with(state.guest(BEFORE)));
  }

  @Case("an active commit waits in READY, and pivots to the chain that section 1C names")
  @Requirement({
    "A1", "A2", "B2", "B3", "C1", "C2", "C7", "C8", "C9", "D1", "D2", "D3", "D5", "D8", "R1", "R5",
    "R8", "R15"
  })
  @Needs(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT)
  @EachOf("active")
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void activeCommit(Equivalence commit, PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", BEFORE);

    Job job = bench.jobs().commit(commit.request(chain).setDomain(domain.ref()).setActive(true));
    Job ready = bench.jobs().ready(job);
    assertThat(ready.getKind()).isEqualTo(JobKind.JOB_KIND_ACTIVE_COMMIT);
    assertThat(ready.hasReadyTime()).isTrue();
    assertThat(domain.disks().getFirst().getJobId()).isEqualTo(job.getId());
    domain.write("vda", AT_READY);
    Job end = bench.jobs().pivot(job);

    asRequested(end, chain, commit);
    spared(chain, commit);
    assertThat(domain.get().getStatus().getState())
        .as("a job leaves the guest's processors alone")
        .isEqualTo(state.shown());
    bench
        .check(domain)
        .everywhere("vda", images(chain, commit), chain.contents().with(BEFORE).with(AT_READY));
  }

  @Case("a commit of a shut-off domain's active image ends by itself, and the definition follows")
  @Requirement({
    "A1", "A2", "B2", "B3", "C1", "C2", "C7", "C8", "C9", "C10", "C16", "C17", "D1", "D2", "D4",
    "R1", "R8", "R15"
  })
  @EachOf("active")
  @InStates(PowerState.OFF)
  public void activeCommitOffline(Equivalence commit) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    Job job = bench.jobs().commit(commit.request(chain).setDomain(domain.ref()));
    Job end = bench.jobs().succeeded(job);

    assertThat(end.getKind())
        .as("nobody writes to the image meanwhile, so that there is no second phase")
        .isEqualTo(JobKind.JOB_KIND_COMMIT);
    assertThat(end.getResult().getPivoted()).isFalse();
    asRequested(end, chain, commit);
    spared(chain, commit);
    bench.check(domain).everywhere("vda", images(chain, commit), chain.contents());
  }

  @Case("delete of a shut-off domain's active image removes the file that was committed")
  @Requirement({"C3", "C13", "C17", "R3"})
  @InStates(PowerState.OFF)
  public void deletesActiveOffline() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setBase(chain.path("snap2"))
                            .setDelete(true)));

    assertThat(end.getResult().getDeletedPathsList()).containsExactly(chain.path("active"));
    assertThat(bench.world().look(chain.active()).exists()).isFalse();
    bench.check(domain).everywhere("vda", chain.images("snap2", "snap1", "base"), chain.contents());
  }

  @Case("a disk names the job that has it, in both phases, and no job once it has ended")
  @Requirement({"D6", "C10", "R1"})
  @Needs(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT)
  @InStates
  public void heldUntilTheEnd(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    boolean mirrors = state != PowerState.OFF;
    Job job =
        bench
            .jobs()
            .commit(
                BlockCommitRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setActive(mirrors)
                    .setBandwidth(JobCalls.CRAWL));

    assertThat(domain.disks().getFirst().getJobId()).isEqualTo(job.getId());
    Job first = bench.jobs().get(job);
    assertThat(first.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(first.getDisk()).isEqualTo("vda");
    assertThat(first.hasReadyTime()).isFalse();
    var _ = bench.jobs().unleash(job);
    if (mirrors) {
      assertThat(bench.jobs().ready(job).hasReadyTime()).isTrue();
      assertThat(domain.disks().getFirst().getJobId()).isEqualTo(job.getId());
      assertThat(domain.disks().getFirst().getSource())
          .as("the disk reads its own image until the pivot")
          .isEqualTo(chain.active());
      var _ = bench.jobs().pivot(job);
    } else {
      var _ = bench.jobs().succeeded(job);
    }
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents());
  }

  @Case("images may be named by their place in the chain and by the reference in a header")
  @Requirement({"B1", "B4"})
  @InStates
  public void namedByPlace(PowerState state) {
    DiskChain chain =
        bench.chain(
            "vda", DiskSize.SMALL, DiskChain.Style.RELATIVE, "base", "snap1", "snap2", "active");
    TestDomain domain = bench.define(chain).start(state);

    Job job =
        bench
            .jobs()
            .commit(
                BlockCommitRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk(chain.path("active"))
                    .setTop("vda[1]")
                    .setBase("vda-snap1.qcow2"));

    assertThat(job.getRequest().getTop()).isEqualTo(chain.path("snap2"));
    assertThat(job.getRequest().getBase()).isEqualTo(chain.path("snap1"));
    var _ = bench.jobs().succeeded(job);
    bench
        .check(domain)
        .everywhere("vda", chain.images("active", "snap1", "base"), chain.contents());
  }

  @Case("a relative reference in a header stays relative")
  @Requirement({"R8", "E13"})
  @InStates
  public void staysRelative(PowerState state) {
    DiskChain chain =
        bench.chain("vda", DiskSize.SMALL, DiskChain.Style.RELATIVE, "base", "snap1", "active");
    TestDomain domain = bench.define(chain).start(state);

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
                            .setTop(chain.path("snap1"))
                            .setKeepRelative(true)));

    assertThat(bench.world().look(chain.active()).backingReference()).isEqualTo("vda-base.qcow2");
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("keep_relative is refused where the references are absolute")
  @Requirement({"R8"})
  @InStates
  public void relativeImpossible(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(chain.path("snap2"))
                            .setKeepRelative(true)))
        .is(ErrorReason.ERROR_REASON_RELATIVE_BACKING_IMPOSSIBLE);
    untouched(domain, chain);
  }

  @Case("delete removes the invalidated files after success, and only those")
  @Requirement({"C13", "R3"})
  @InStates
  public void deletes(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(chain.path("snap2"))
                            .setDelete(true)));

    assertThat(end.getResult().getDeletedPathsList())
        .containsExactlyInAnyOrder(chain.path("snap2"), chain.path("snap1"));
    assertThat(end.getResult().getInvalidatedPathsList()).isEmpty();
    assertThat(bench.world().look(chain.layer("snap2")).exists()).isFalse();
    assertThat(bench.world().look(chain.layer("snap1")).exists()).isFalse();
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a commit into a raw base works like any other")
  @Requirement({"C5", "E12"})
  @InStates
  public void rawBase(PowerState state) {
    DiskChain chain =
        bench.chain("vda", DiskSize.SMALL, DiskChain.Style.RAW_BASE, "base", "snap1", "active");
    TestDomain domain = bench.define(chain).start(state);

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
                            .setTop(chain.path("snap1"))));

    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a base smaller than the overlay grows")
  @Requirement({"C19"})
  @InStates
  public void baseGrows(PowerState state) {
    long half = DiskSize.SMALL.bytes() / 2;
    Image base = qcow2("small.qcow2");
    Image middle = qcow2("middle.qcow2");
    Image active = qcow2("active.qcow2");
    List<Fill> low = List.of(new Fill(0, half, 0x21));
    List<Fill> high = List.of(new Fill(half + Fill.BLOCK, 4 * Fill.BLOCK, 0x22));
    bench.world().create(new ImageSetup(base, half, Optional.empty(), low));
    bench.world().create(new ImageSetup(middle, 2 * half, backing(base), high));
    bench.world().create(new ImageSetup(active, 2 * half, backing(middle), List.of()));
    TestDomain domain =
        bench
            .define(
                bench.spec(
                    bench.name("vm"), Disk.newBuilder().setTarget("vda").setSource(active).build()))
            .start(state);

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
                            .setTop(middle.getPath())));

    bench
        .check(domain)
        .everywhere(
            "vda", List.of(active, base), DiskContents.zeros(2 * half).with(low).with(high));
  }

  @Case("a cancelled commit leaves chain and contents, and the disk is free for the next job")
  @Requirement({"C11", "C12", "C13"})
  @InStates
  public void cancel(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    BlockCommitRequest.Builder request =
        BlockCommitRequest.newBuilder()
            .setDomain(domain.ref())
            .setDisk("vda")
            .setTop(chain.path("snap1"))
            .setDelete(true);
    Job job = bench.jobs().commit(request.clone().setBandwidth(JobCalls.CRAWL));
    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);

    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(Refusal.reasonOf(end.getError())).contains(ErrorReason.ERROR_REASON_JOB_CANCELLED);
    assertThat(bench.world().look(chain.layer("snap1")).exists())
        .as("nothing is deleted after a cancel")
        .isTrue();
    bench.check(domain).now("vda", chain.images("active", "snap1", "base"), chain.contents());
    assertThat(bench.jobs().cancel(job)).as("cancelling again answers the same").isEqualTo(end);

    var _ = bench.jobs().succeeded(bench.jobs().commit(request.setDelete(false)));
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("the speed limit is reported in bytes a second, whatever unit it was given in")
  @Requirement({"A8", "C14"})
  @InStates
  public void bandwidth(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Job job =
        bench
            .jobs()
            .commit(
                BlockCommitRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setTop(chain.path("snap1"))
                    .setBandwidth(Bandwidth.newBuilder().setMebibytesPerSecond(3)));

    assertThat(bench.jobs().get(job).getSpeedBytesPerSecond()).isEqualTo(3L << 20);
    assertThat(bench.jobs().unleash(job).getSpeedBytesPerSecond()).isZero();
    var _ = bench.jobs().succeeded(job);
    bench.check(domain).now("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("shallow together with a base is refused, and no job is on record")
  @Requirement({"A5"})
  @InStates
  public void shallowWithBase(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    for (boolean active : List.of(false, true)) {
      Refusal.of(
              () ->
                  bench
                      .jobs()
                      .commit(
                          BlockCommitRequest.newBuilder()
                              .setDomain(domain.ref())
                              .setDisk("vda")
                              .setBase(chain.path("snap2"))
                              .setShallow(true)
                              .setActive(active)))
          .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
          .tells("field", "base");
    }

    untouched(domain, chain);
  }

  @Case("validate_only answers the job that would be started and starts none")
  @Requirement({"R24"})
  @InStates
  public void validateOnly(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Job shown =
        bench
            .jobs()
            .commit(
                BlockCommitRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setTop(chain.path("snap2"))
                    .setShallow(true)
                    .setValidateOnly(true));

    assertThat(shown.getId()).isEmpty();
    assertThat(shown.getKind()).isEqualTo(JobKind.JOB_KIND_COMMIT);
    assertThat(shown.getRequest().getBase()).isEqualTo(chain.path("snap1"));
    untouched(domain, chain);
  }

  private DiskChain large() {
    return bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "snap1", "active");
  }

  private Image qcow2(String file) {
    return Image.newBuilder()
        .setPath(bench.path(file))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private static Optional<ImageSetup.Backing> backing(Image image) {
    return Optional.of(new ImageSetup.Backing(image.getPath(), image));
  }

  private void untouched(TestDomain domain, DiskChain chain) {
    assertThat(bench.jobs().of(domain)).as("jobs on record").isEmpty();
    bench
        .check(domain)
        .now("vda", chain.images("active", "snap2", "snap1", "base"), chain.contents());
  }

  private static List<Image> images(DiskChain chain, Equivalence commit) {
    return chain.images(commit.after().toArray(String[]::new));
  }

  /** What is invalid is deleted only on demand (C13). */
  private void spared(DiskChain chain, Equivalence commit) {
    for (String invalidated : commit.invalidated()) {
      assertThat(bench.world().look(chain.layer(invalidated)).exists())
          .as("%s, whose deletion nobody asked for, exists", invalidated)
          .isTrue();
    }
  }

  private static void asRequested(Job end, DiskChain chain, Equivalence commit) {
    assertThat(end.getRequest().getTop()).isEqualTo(chain.path(commit.invalidated().getFirst()));
    assertThat(end.getResult().getInvalidatedPathsList())
        .containsExactlyElementsOf(commit.invalidated().stream().map(chain::path).toList());
    assertThat(end.getResult().getDeletedPathsList()).isEmpty();
    assertThat(end.getResult().getChainBeforeList().stream().map(ChainImage::getPath))
        .containsExactly(
            chain.path("active"), chain.path("snap2"), chain.path("snap1"), chain.path("base"));
    assertThat(end.getResult().getChainAfterList().stream().map(ChainImage::getPath))
        .containsExactlyElementsOf(commit.after().stream().map(chain::path).toList());
  }
}
