package dev.drover.conformance.block.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** libvirt's older call, with all its flags (section 1E). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_PULL,
      Capability.CAPABILITY_BLOCK_COPY
    },
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
public final class RebaseCases {

  private static final List<Fill> WRITE = List.of(new Fill(9 * Fill.BLOCK, 3 * Fill.BLOCK, 0xe1));

  private final Bench bench;

  /** Works on a bench. */
  public RebaseCases(Bench bench) {
    this.bench = bench;
  }

  /** Every combination of flags. */
  public static List<RebaseFlags> flags() {
    return RebaseFlags.all();
  }

  @Case("each combination of flags pulls, copies or is refused as the matrix says")
  @Requirement({
    "A10", "A11", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E10", "E11", "E17", "R8"
  })
  @EachOf("flags")
  @InStates
  public void matrix(RebaseFlags flags, PowerState state) {
    DiskChain chain =
        switch (flags.source()) {
          case QCOW2_CHAIN -> bench.chain("vda", "base", "snap1", "snap2");
          case RAW_FILE -> bench.chain("vda", DiskSize.SMALL, DiskChain.Style.RAW_BASE, "snap2");
        };
    TestDomain domain = bench.define(chain).start(state);
    Image destination = destination(flags);
    BlockRebaseRequest.Builder request =
        flags.on(BlockRebaseRequest.newBuilder().setDomain(domain.ref()).setDisk("vda"));
    switch (flags.outcome()) {
      case PULL -> {
        Job end = bench.jobs().succeeded(bench.jobs().rebase(request));
        assertThat(end.getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
        bench.check(domain).everywhere("vda", chain.images("snap2"), chain.contents());
      }
      case REFUSED_WITHOUT_COPY -> {
        Refusal.of(() -> bench.jobs().rebase(request))
            .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
            .names("field");
        Refusal.of(() -> bench.jobs().rebase(request.setBase(destination.getPath())))
            .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
        nothingHappened(domain, chain);
      }
      case REFUSED_SHALLOW_RAW -> {
        Refusal.of(() -> bench.jobs().rebase(request.setBase(destination.getPath())))
            .is(ErrorReason.ERROR_REASON_SHALLOW_COPY_INTO_RAW)
            .tells("disk", "vda");
        assertThat(bench.world().look(destination).exists()).isFalse();
        nothingHappened(domain, chain);
      }
      case COPY -> copy(flags, state, chain, domain, destination, request);
    }
  }

  private void copy(
      RebaseFlags flags,
      PowerState state,
      DiskChain chain,
      TestDomain domain,
      Image destination,
      BlockRebaseRequest.Builder request) {
    if (flags.reuse()) {
      prepare(flags, chain, destination);
    }
    Job job = bench.jobs().rebase(request.setBase(destination.getPath()));
    assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_COPY);
    assertThat(bench.jobs().ready(job).getRequest().getDestination()).isEqualTo(destination);
    List<Fill> writes = state.guest(WRITE);
    domain.write("vda", writes);

    var _ = bench.jobs().pivot(job);

    List<Image> after = new ArrayList<>();
    after.add(destination);
    if (flags.keepsBacking()) {
      after.addAll(chain.images("snap1", "base"));
    }
    bench.check(domain).everywhere("vda", after, chain.contents().with(writes));
    bench.check(domain).shows(chain.active(), chain.contents().with(writes));
  }

  /** Makes the destination that the caller of reuse_external must bring. */
  private void prepare(RebaseFlags flags, DiskChain chain, Image destination) {
    boolean overlay = flags.keepsBacking();
    List<Fill> contents = new ArrayList<>();
    if (flags.shallow() && !overlay && flags.source() == RebaseFlags.Source.QCOW2_CHAIN) {
      contents.addAll(DiskSize.SMALL.layer(0));
      contents.addAll(DiskSize.SMALL.layer(1));
    }
    bench
        .world()
        .create(
            new ImageSetup(
                destination,
                DiskSize.SMALL.bytes(),
                overlay
                    ? Optional.of(new ImageSetup.Backing(chain.path("snap1"), chain.layer("snap1")))
                    : Optional.empty(),
                contents));
  }

  @Case("copy without a destination is refused")
  @Requirement({"A10"})
  public void copyWithoutBase() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "snap2")).start();

    Refusal.of(
            () ->
                bench
                    .jobs()
                    .rebase(
                        BlockRebaseRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setCopy(true)))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "base");
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("without copy, base names the image that a pull keeps")
  @Requirement({"E1", "E17"})
  @InStates
  public void pullWithBase(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "snap1", "snap2");
    TestDomain domain = bench.define(chain).start(state);

    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .rebase(
                        BlockRebaseRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setBase(chain.path("base"))));

    bench.check(domain).everywhere("vda", chain.images("snap2", "base"), chain.contents());
  }

  @Case("keep_relative is refused where the references are absolute, by the older call, too")
  @Requirement({"R8", "E1", "E17"})
  @InStates
  public void relativeImpossible(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "snap1", "active");
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(
            () ->
                bench
                    .jobs()
                    .rebase(
                        BlockRebaseRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setBase(chain.path("base"))
                            .setKeepRelative(true)))
        .is(ErrorReason.ERROR_REASON_RELATIVE_BACKING_IMPOSSIBLE)
        .tells("image", chain.path("active"));

    nothingHappened(domain, chain);
  }

  @Case("validate_only answers the pull or the copy that would be started and starts none")
  @Requirement({"R24", "E17"})
  @InStates
  public void validateOnly(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "snap1", "snap2");
    TestDomain domain = bench.define(chain).start(state);
    BlockRebaseRequest.Builder request =
        BlockRebaseRequest.newBuilder()
            .setDomain(domain.ref())
            .setDisk("vda")
            .setValidateOnly(true);
    Image copy =
        Image.newBuilder()
            .setPath(bench.path("copy.img"))
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();

    assertThat(bench.jobs().rebase(request.clone()).getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
    Job shown = bench.jobs().rebase(request.setCopy(true).setBase(copy.getPath()));

    assertThat(shown.getId()).isEmpty();
    assertThat(shown.getRequest().getDestination()).isEqualTo(copy);
    assertThat(bench.world().look(copy).exists()).isFalse();
    assertThat(bench.jobs().of(domain)).isEmpty();
    bench.check(domain).now("vda", chain.images("snap2", "snap1", "base"), chain.contents());
  }

  private Image destination(RebaseFlags flags) {
    return Image.newBuilder()
        .setPath(bench.path("copy.img"))
        .setFormat(
            flags.rawDestination() ? ImageFormat.IMAGE_FORMAT_RAW : ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private void nothingHappened(TestDomain domain, DiskChain chain) {
    assertThat(bench.jobs().of(domain)).isEmpty();
    bench.check(domain).shows(chain.active(), chain.contents());
  }
}
