package dev.drover.conformance.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListDisksRequest;
import java.util.List;
import java.util.function.BiConsumer;

/** Block calls that name what is not there, or contradict the chain (section 1B). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_COMMIT,
  Capability.CAPABILITY_BLOCK_PULL,
  Capability.CAPABILITY_BLOCK_COPY
})
public final class BlockArgumentCases {

  private final Bench bench;

  /** Works on a bench. */
  public BlockArgumentCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A call that names a disk.
   *
   * @param name name of the RPC
   * @param call calls it on a domain's disk
   */
  public record DiskCall(String name, BiConsumer<Bench, DiskName> call) {

    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A disk as a call names it.
   *
   * @param domain the domain
   * @param disk target or source
   * @param bandwidth a speed limit
   */
  public record DiskName(DomainRef domain, String disk, Bandwidth bandwidth) {}

  /** Every call that starts a job. */
  public static List<DiskCall> starting() {
    return List.of(
        new DiskCall(
            "BlockPull",
            (bench, name) ->
                bench
                    .jobs()
                    .pull(
                        BlockPullRequest.newBuilder()
                            .setDomain(name.domain())
                            .setDisk(name.disk())
                            .setBandwidth(name.bandwidth()))),
        new DiskCall(
            "BlockCommit",
            (bench, name) ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(name.domain())
                            .setDisk(name.disk())
                            .setActive(true)
                            .setBandwidth(name.bandwidth()))),
        new DiskCall(
            "BlockCopy",
            (bench, name) ->
                bench
                    .jobs()
                    .copy(
                        BlockCopyRequest.newBuilder()
                            .setDomain(name.domain())
                            .setDisk(name.disk())
                            .setDestination(copy(bench))
                            .setBandwidth(name.bandwidth()))),
        new DiskCall(
            "BlockRebase",
            (bench, name) ->
                bench
                    .jobs()
                    .rebase(
                        BlockRebaseRequest.newBuilder()
                            .setDomain(name.domain())
                            .setDisk(name.disk())
                            .setBandwidth(name.bandwidth()))));
  }

  @Case("a disk that the domain does not have is refused")
  @Requirement({"B1"})
  @EachOf("starting")
  @Needs(off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @InStates
  public void noSuchDisk(DiskCall call, PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start(state);

    Refusal.of(() -> call.call().accept(bench, name(domain, "vdq")))
        .is(ErrorReason.ERROR_REASON_DISK_NOT_FOUND)
        .tells("domain", domain.name())
        .tells("disk", "vdq");
    nothing(domain);
  }

  @Case("a domain that does not exist is refused")
  @Requirement({"A4"})
  @EachOf("starting")
  public void noSuchDomain(DiskCall call) {
    DomainRef absent = DomainRef.newBuilder().setName(bench.name("absent")).build();

    Refusal.of(
            () ->
                call.call()
                    .accept(bench, new DiskName(absent, "vda", Bandwidth.getDefaultInstance())))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
    Refusal.of(
            () ->
                bench
                    .calls()
                    .blocks()
                    .listDisks(ListDisksRequest.newBuilder().setDomain(absent).build()))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
  }

  @Case("a source that belongs to two disks is ambiguous; the target is not")
  @Requirement({"B1"})
  @InStates
  public void ambiguous(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    Disk first = chain.disk().toBuilder().setReadOnly(true).build();
    TestDomain domain =
        bench
            .define(bench.spec(bench.name("vm"), first, first.toBuilder().setTarget("vdb").build()))
            .start(state);

    Refusal.of(() -> domain.chain(chain.path("active")))
        .is(ErrorReason.ERROR_REASON_DISK_AMBIGUOUS)
        .names("targets");
    assertThat(domain.chain("vdb").getImagesCount()).isEqualTo(2);
  }

  @Case("a read-only disk takes no job")
  @Requirement({"B5"})
  @EachOf("starting")
  @Needs(off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @InStates
  public void readOnlyDisk(DiskCall call, PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain =
        bench
            .define(
                bench.spec(bench.name("vm"), chain.disk().toBuilder().setReadOnly(true).build()))
            .start(state);

    Refusal.of(() -> call.call().accept(bench, name(domain, "vda")))
        .is(ErrorReason.ERROR_REASON_DISK_READ_ONLY)
        .tells("disk", "vda");
    nothing(domain);
  }

  @Case("a disk without a medium is refused at its definition, or takes no job")
  @Requirement({"B5"})
  @EachOf("starting")
  public void noSource(DiskCall call) {
    DomainSpec spec = bench.spec(bench.name("vm"), Disk.newBuilder().setTarget("vda").build());

    Refusal.of(
            () -> {
              TestDomain domain = bench.define(spec).start();
              call.call().accept(bench, name(domain, "vda"));
            })
        .isOneOf(
            ErrorReason.ERROR_REASON_DISK_HAS_NO_SOURCE,
            ErrorReason.ERROR_REASON_DOMAIN_SPEC_UNSUPPORTED);
  }

  @Case("a speed limit that overflows is refused")
  @Requirement({"A8", "C14"})
  @EachOf("starting")
  @InStates
  public void overflow(DiskCall call, PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start(state);

    for (Bandwidth limit :
        List.of(
            Bandwidth.newBuilder().setMebibytesPerSecond(8_796_093_022_208L).build(),
            Bandwidth.newBuilder().setBytesPerSecond(-1).build())) {
      Refusal.of(() -> call.call().accept(bench, new DiskName(domain.ref(), "vda", limit)))
          .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE)
          .names("field");
    }
    nothing(domain);
  }

  @Case("base and top must be in the chain, base below top, and top must have something below")
  @Requirement({"B4", "C15"})
  @Needs(off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @InStates
  public void wrongImages(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(() -> commit(domain, "/nowhere", chain.path("snap2")))
        .is(ErrorReason.ERROR_REASON_IMAGE_NOT_IN_CHAIN)
        .tells("image", "/nowhere")
        .names("chain");
    Refusal.of(() -> commit(domain, chain.path("base"), "/nowhere"))
        .is(ErrorReason.ERROR_REASON_IMAGE_NOT_IN_CHAIN);
    Refusal.of(() -> commit(domain, "vda[9]", chain.path("snap2")))
        .is(ErrorReason.ERROR_REASON_IMAGE_NOT_IN_CHAIN);
    Refusal.of(() -> commit(domain, chain.path("snap2"), chain.path("snap1")))
        .is(ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP)
        .tells("base", chain.path("snap2"))
        .tells("top", chain.path("snap1"));
    Refusal.of(() -> commit(domain, chain.path("snap1"), chain.path("snap1")))
        .is(ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP);
    Refusal.of(
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(chain.path("base"))))
        .is(ErrorReason.ERROR_REASON_TOP_HAS_NO_BACKING)
        .tells("top", chain.path("base"));
    nothing(domain);
    bench
        .check(domain)
        .now("vda", chain.images("active", "snap2", "snap1", "base"), chain.contents());
  }

  @Case("a destination with a path that is relative, or too long for a host, is refused")
  @Requirement({"A4", "R29"})
  public void impossibleDestination() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();

    for (String path : List.of("copy.qcow2", copy(bench).getPath() + "c".repeat(256))) {
      Refusal.of(
              () ->
                  bench
                      .jobs()
                      .copy(
                          BlockCopyRequest.newBuilder()
                              .setDomain(domain.ref())
                              .setDisk("vda")
                              .setDestination(copy(bench).toBuilder().setPath(path))))
          .is(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED)
          .tells("path", path);
    }
    nothing(domain);
  }

  private void commit(TestDomain domain, String base, String top) {
    var _ =
        bench
            .jobs()
            .commit(
                BlockCommitRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBase(base)
                    .setTop(top));
  }

  private void nothing(TestDomain domain) {
    assertThat(bench.jobs().of(domain)).as("jobs on record").isEmpty();
    assertThat(bench.world().look(copy(bench)).exists()).as("a destination").isFalse();
  }

  private static DiskName name(TestDomain domain, String disk) {
    return new DiskName(domain.ref(), disk, Bandwidth.getDefaultInstance());
  }

  private static Image copy(Bench bench) {
    return Image.newBuilder()
        .setPath(bench.path("copy.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
