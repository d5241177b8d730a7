package dev.drover.conformance.block.copy;

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
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Copies and their ends (E11 to E18). */
@Needs(
    value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_COPY},
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
public final class CopyCases {

  private static final List<Fill> WRITE = List.of(new Fill(5 * Fill.BLOCK, 5 * Fill.BLOCK, 0xf1));
  private static final List<Fill> LATER = List.of(new Fill(8 * Fill.BLOCK, 5 * Fill.BLOCK, 0xf2));

  private final Bench bench;

  /** Works on a bench. */
  public CopyCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A format on each side.
   *
   * @param source style of the source
   * @param destination format of the copy
   */
  public record Formats(DiskChain.Style source, ImageFormat destination) {

    @Override
    public String toString() {
      return source + " to " + destination.name().substring("IMAGE_FORMAT_".length());
    }
  }

  /** Every format into every other. */
  public static List<Formats> formats() {
    List<Formats> formats = new ArrayList<>();
    for (DiskChain.Style style : List.of(DiskChain.Style.QCOW2, DiskChain.Style.RAW_BASE)) {
      for (ImageFormat format :
          List.of(ImageFormat.IMAGE_FORMAT_RAW, ImageFormat.IMAGE_FORMAT_QCOW2)) {
        formats.add(new Formats(style, format));
      }
    }
    return formats;
  }

  @Case("a copy has the format that was asked for, whatever the source has")
  @Requirement({"E16", "E4", "G14", "E19", "D3", "D5", "D8"})
  @EachOf("formats")
  @InStates
  public void anyFormat(Formats formats, PowerState state) {
    DiskChain chain = bench.chain("vda", DiskSize.SMALL, formats.source(), "image");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(formats.destination());
    assertThat(domain.get().getStatus().getPersistent()).as("no transient domain needed").isTrue();

    var _ = bench.jobs().pivot(bench.jobs().copy(request(domain, copy)));

    bench.check(domain).everywhere("vda", List.of(copy), chain.contents());
  }

  @Case("keeping the source leaves the copy as it was at that moment")
  @Requirement({"D9", "D11", "E15", "D18"})
  @InStates
  public void keep(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);
    Job job = bench.jobs().ready(bench.jobs().copy(request(domain, copy)));
    domain.write("vda", state.guest(WRITE));

    Job end = bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_KEEP);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(end.getResult().getPivoted()).isFalse();
    DiskContents moment = chain.contents().with(state.guest(WRITE));
    domain.write("vda", state.guest(LATER));
    bench.check(domain).shows(copy, moment);
    bench
        .check(domain)
        .everywhere("vda", chain.images("active", "base"), moment.with(state.guest(LATER)));
  }

  @Case("cancelling in READY keeps the source, and the copy holds the moment")
  @Requirement({"D9", "E15"})
  @InStates
  public void cancelReady(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_RAW);
    Job job = bench.jobs().ready(bench.jobs().copy(request(domain, copy)));
    domain.write("vda", state.guest(WRITE));

    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(end.getResult().getPivoted()).isFalse();
    bench.check(domain).shows(copy, chain.contents().with(state.guest(WRITE)));
    bench
        .check(domain)
        .everywhere(
            "vda", chain.images("active", "base"), chain.contents().with(state.guest(WRITE)));
  }

  @Case("cancelling before READY keeps the source")
  @Requirement({"D9", "C11", "D10", "D13"})
  @InStates
  public void cancelEarly(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);
    Job job = bench.jobs().copy(request(domain, copy).setBandwidth(JobCalls.CRAWL));

    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_NOT_READY);
    domain.write("vda", state.guest(WRITE));
    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(bench.world().look(copy).exists())
        .as("the destination, which was made for the job and holds no copy, is there")
        .isFalse();
    bench
        .check(domain)
        .everywhere("vda", chain.images("active"), chain.contents().with(state.guest(WRITE)));
  }

  @Case("guest writes reach the copy with either way of mirroring")
  @Requirement({"E11", "R19"})
  @InStates
  public void synchronousWrites(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);
    Job job =
        bench
            .jobs()
            .ready(
                bench
                    .jobs()
                    .copy(
                        request(domain, copy)
                            .setConvergence(
                                Convergence.newBuilder()
                                    .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING))
                            .setGranularityBytes(65_536)
                            .setBufferSizeBytes(1 << 20)));
    domain.write("vda", state.guest(WRITE));

    assertThat(job.getRequest().getConvergence().getPolicy())
        .isEqualTo(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING);
    var _ = bench.jobs().pivot(job);
    bench.check(domain).everywhere("vda", List.of(copy), chain.contents().with(state.guest(WRITE)));
  }

  @Case("a destination brought along keeps its relative backing reference")
  @Requirement({"E7", "E13", "R8"})
  @InStates
  public void relativeDestination(PowerState state) {
    DiskChain chain =
        bench.chain("vda", DiskSize.SMALL, DiskChain.Style.RELATIVE, "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);
    bench
        .world()
        .create(
            new ImageSetup(
                copy,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing("vda-base.qcow2", chain.layer("base"))),
                List.of()));

    var _ =
        bench
            .jobs()
            .pivot(
                bench.jobs().copy(request(domain, copy).setShallow(true).setReuseExternal(true)));

    assertThat(bench.world().look(copy).backingReference()).isEqualTo("vda-base.qcow2");
    bench.check(domain).everywhere("vda", List.of(copy, chain.layer("base")), chain.contents());
  }

  @Case("auto_complete pivots once the copy is READY")
  @Requirement({"D7"})
  @InStates
  public void completesItself(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);

    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .copy(
                        request(domain, copy).setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)));

    assertThat(end.getResult().getPivoted()).isTrue();
    bench.check(domain).everywhere("vda", List.of(copy), chain.contents());
  }

  @Case("a destination that exists and is not empty is refused and left as it is")
  @Requirement({"E18"})
  @InStates
  public void destinationExists(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    DiskChain other = bench.chain("vdb", "other");

    Refusal.of(() -> bench.jobs().copy(request(domain, other.active())))
        .is(ErrorReason.ERROR_REASON_DESTINATION_EXISTS)
        .tells("path", other.active().getPath());
    Refusal.of(() -> bench.jobs().copy(request(domain, chain.layer("base"))))
        .is(ErrorReason.ERROR_REASON_DESTINATION_EXISTS);

    bench.check(domain).shows(other.active(), other.contents());
    assertThat(bench.jobs().of(domain)).isEmpty();
    bench.check(domain).now("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a destination to be reused must exist")
  @Requirement({"E18", "E6"})
  @InStates
  public void destinationMissing(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);

    Refusal.of(() -> bench.jobs().copy(request(domain, copy).setReuseExternal(true)))
        .is(ErrorReason.ERROR_REASON_DESTINATION_MISSING)
        .tells("path", copy.getPath());

    assertThat(bench.world().look(copy).exists()).isFalse();
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("a reused destination of another format than declared is refused, never guessed")
  @Requirement({"E12"})
  @InStates
  public void destinationFormat(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image raw = destination(ImageFormat.IMAGE_FORMAT_RAW);
    bench.world().create(new ImageSetup(raw, DiskSize.SMALL.bytes(), Optional.empty(), List.of()));
    Image declared = raw.toBuilder().setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();

    Refusal.of(() -> bench.jobs().copy(request(domain, declared).setReuseExternal(true)))
        .is(ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH)
        .tells("path", raw.getPath());
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("validate_only makes no destination")
  @Requirement({"R24"})
  @InStates
  public void validateOnly(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);

    Job shown = bench.jobs().copy(request(domain, copy).setValidateOnly(true));

    assertThat(shown.getId()).isEmpty();
    assertThat(shown.getRequest().getDestination()).isEqualTo(copy);
    assertThat(bench.world().look(copy).exists()).isFalse();
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("destroying the domain cancels the copy and keeps the source")
  @Requirement({"F3", "D9"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void destroy(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Job job =
        bench
            .jobs()
            .ready(bench.jobs().copy(request(domain, destination(ImageFormat.IMAGE_FORMAT_QCOW2))));
    domain.write("vda", WRITE);

    domain.destroy();

    Job ended = bench.jobs().ended(job);
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    bench.check(domain).stored("vda", chain.images("active", "base"), chain.contents().with(WRITE));
    Image copy = job.getRequest().getDestination();
    assertThat(ended.getResult().getDeletedPathsList()).containsExactly(copy.getPath());
    assertThat(bench.world().look(copy).exists()).as("a copy that nobody had finished").isFalse();
  }

  @Case("a destination brought along is told as invalid when its domain is destroyed")
  @Requirement({"F3", "D9"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void destroyWithDestination(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_RAW);
    bench.world().create(new ImageSetup(copy, DiskSize.SMALL.bytes(), Optional.empty(), List.of()));
    Job job = bench.jobs().ready(bench.jobs().copy(request(domain, copy).setReuseExternal(true)));

    domain.destroy();

    Job ended = bench.jobs().ended(job);
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(ended.getResult().getInvalidatedPathsList()).containsExactly(copy.getPath());
    assertThat(bench.world().look(copy).exists()).isTrue();
  }

  @Case("a shallow copy beside its source names the image below as its source does")
  @Requirement({"E5", "R8"})
  @InStates
  public void shallowBesideItsSource(PowerState state) {
    DiskChain chain =
        bench.chain("vda", DiskSize.SMALL, DiskChain.Style.RELATIVE, "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);

    var _ = bench.jobs().pivot(bench.jobs().copy(request(domain, copy).setShallow(true)));

    assertThat(bench.world().look(copy).backingReference()).isEqualTo("vda-base.qcow2");
    bench.check(domain).everywhere("vda", List.of(copy, chain.layer("base")), chain.contents());
  }

  @Case("a pivot under way when the daemon ends is finished by the next daemon")
  @Requirement({"D12", "D13", "R2", "R8"})
  @Needs(Capability.CAPABILITY_DOMAIN_ADOPTION)
  @InStates
  public void restartWhilePivoting(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = destination(ImageFormat.IMAGE_FORMAT_QCOW2);
    Job job = bench.jobs().ready(bench.jobs().copy(request(domain, copy)));
    List<Fill> writes = state.guest(WRITE);
    domain.write("vda", writes);
    var _ = bench.jobs().order(job, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(bench.target().restartDaemon()).as("the target can restart its daemon").isTrue();

    assertThat(bench.jobs().succeeded(job).getResult().getPivoted()).isTrue();
    bench.check(domain).everywhere("vda", List.of(copy), chain.contents().with(writes));
  }

  private DiskChain large() {
    return bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "active");
  }

  private Image destination(ImageFormat format) {
    return Image.newBuilder().setPath(bench.path("copy.img")).setFormat(format).build();
  }

  private static BlockCopyRequest.Builder request(TestDomain domain, Image destination) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(destination);
  }
}
