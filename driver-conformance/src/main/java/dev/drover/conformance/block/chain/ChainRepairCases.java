package dev.drover.conformance.block.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
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
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Definition, hypervisor and headers are compared, and mended only without a guess (R8). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_PULL,
  Capability.CAPABILITY_BLOCK_COMMIT,
  Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
  Capability.CAPABILITY_BLOCK_COPY,
  Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
  Capability.CAPABILITY_CHAIN_REPAIR
})
public final class ChainRepairCases {

  private final Bench bench;

  /** Works on a bench. */
  public ChainRepairCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A job that changes the chain.
   *
   * @param name what it does
   * @param run runs it to its end on the disk vda
   */
  public record Change(String name, BiConsumer<Bench, TestDomain> run) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** One job of every kind, a mirror that is cancelled, and a snapshot. */
  public static List<Change> changes() {
    return List.of(
        new Change(
            "pull", (bench, domain) -> bench.jobs().succeeded(bench.jobs().pull(pull(domain)))),
        new Change(
            "intermediate commit",
            (bench, domain) ->
                bench
                    .jobs()
                    .succeeded(
                        bench.jobs().commit(commit(domain).setTop("vda[1]").setDelete(true)))),
        new Change(
            "active commit",
            (bench, domain) ->
                bench.jobs().pivot(bench.jobs().commit(commit(domain).setActive(true)))),
        new Change(
            "cancelled active commit",
            (bench, domain) ->
                bench
                    .jobs()
                    .cancel(
                        bench.jobs().ready(bench.jobs().commit(commit(domain).setActive(true))))),
        new Change(
            "copy", (bench, domain) -> bench.jobs().pivot(bench.jobs().copy(copy(bench, domain)))),
        new Change(
            "snapshot",
            (bench, domain) -> bench.snapshots().create(SnapshotRequests.create(domain, "one"))));
  }

  @Case("a chain agrees with itself, and a repair does nothing")
  @Requirement({"R8"})
  @InStates
  public void agrees(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);
    ChainVerification off = consistent(domain);
    assertThat(off.getHypervisorList()).as("nothing is open").isEmpty();
    assertThat(off.getHeadersCount()).isEqualTo(4);

    domain.start(state);

    ChainVerification open = consistent(domain);
    assertThat(open.getDisk()).isEqualTo("vda");
    if (state != PowerState.OFF) {
      assertThat(open.getHypervisorCount()).isEqualTo(4);
      assertThat(open.getHypervisor(0).getPath()).isEqualTo(chain.path("active"));
    }
    RepairChainResponse repaired = repair(domain, false);
    assertThat(repaired.getRepairedList()).isEmpty();
    assertThat(repaired.getVerification().getConsistent()).isTrue();
  }

  @Case("definition, hypervisor and headers agree after every kind of change, and after the end")
  @Requirement({"R8", "C17"})
  @EachOf("changes")
  public void afterJobs(Change change) {
    TestDomain domain = bench.define(bench.fourLayers()).start();

    change.run().accept(bench, domain);

    consistent(domain);
    domain.destroy();
    consistent(domain);
  }

  @Case("a repair is refused while a job holds the disk, and the comparison names the job")
  @Requirement({"R8", "C11"})
  public void underAJob() {
    TestDomain domain =
        bench
            .define(bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active"))
            .start();
    Job job = bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));

    Refusal.of(() -> repair(domain, false)).is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE);
    Refusal.of(() -> repair(domain, true)).is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE);
    assertThat(verify(domain).getJobId()).isEqualTo(job.getId());

    var _ = bench.jobs().cancel(job);
    assertThat(consistent(domain).getJobId()).isEmpty();
  }

  @Case("an image that is missing below a shut-off domain's disk is told, and nothing is guessed")
  @Requirement({"R8"})
  public void missing() {
    Image gone = image("gone.qcow2");
    Image active = image("active.qcow2");
    bench
        .world()
        .create(
            new ImageSetup(
                active,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(gone.getPath(), gone)),
                List.of()));
    TestDomain domain =
        bench.define(
            bench.spec(
                bench.name("vm"), Disk.newBuilder().setTarget("vda").setSource(active).build()));

    ChainVerification found = verify(domain);

    assertThat(found.getConsistent()).isFalse();
    assertThat(found.getDifferencesCount()).isEqualTo(1);
    ChainDifference difference = found.getDifferences(0);
    assertThat(difference.getKind())
        .isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_MISSING);
    assertThat(difference.getPath()).isEqualTo(gone.getPath());
    assertThat(difference.getExpected()).isNotBlank().isNotEqualTo(difference.getFound());
    assertThat(difference.getFound()).as("what there is in its place").isNotBlank();
    assertThat(difference.getExplanation()).isNotEmpty();
    assertThat(difference.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
    RepairChainResponse repaired = repair(domain, false);
    assertThat(repaired.getRepairedList()).isEmpty();
    assertThat(repaired.getVerification()).isEqualTo(found);
  }

  @Case("a disk that the domain does not have has no chain to compare")
  @Requirement({"B1"})
  public void noSuchDisk() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active"));

    Refusal.of(
            () ->
                bench
                    .calls()
                    .blocks()
                    .verifyChain(
                        VerifyChainRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vdx")
                            .build()))
        .is(ErrorReason.ERROR_REASON_DISK_NOT_FOUND);
  }

  private Image image(String file) {
    return Image.newBuilder()
        .setPath(bench.path(file))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private ChainVerification consistent(TestDomain domain) {
    ChainVerification found = verify(domain);
    assertThat(found.getDifferencesList()).isEmpty();
    assertThat(found.getConsistent()).isTrue();
    return found;
  }

  private ChainVerification verify(TestDomain domain) {
    return bench
        .calls()
        .blocks()
        .verifyChain(VerifyChainRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").build())
        .getVerification();
  }

  private RepairChainResponse repair(TestDomain domain, boolean validateOnly) {
    return bench
        .calls()
        .blocks()
        .repairChain(
            RepairChainRequest.newBuilder()
                .setDomain(domain.ref())
                .setDisk("vda")
                .setValidateOnly(validateOnly)
                .build());
  }

  private static BlockPullRequest.Builder pull(TestDomain domain) {
    return BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private static BlockCommitRequest.Builder commit(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private static BlockCopyRequest.Builder copy(Bench bench, TestDomain domain) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(
            Image.newBuilder()
                .setPath(bench.path("copy.qcow2"))
                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));
  }
}
