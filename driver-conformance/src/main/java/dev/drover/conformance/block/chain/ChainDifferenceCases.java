package dev.drover.conformance.block.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.BackingHeader;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;
import java.util.List;

/** What somebody does to images past the daemon is noticed, told, and mended when told (R3, R8). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_COMMIT,
  Capability.CAPABILITY_CHAIN_REPAIR,
  Capability.CAPABILITY_TEST_CONTROL
})
public final class ChainDifferenceCases {

  private final Bench bench;

  /** Works on a bench. */
  public ChainDifferenceCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a header that was rewritten under a running domain is put back when told")
  @Requirement({"R8"})
  public void headerRewritten() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();
    change(chain.path("snap2"), header(chain.path("base"), "qcow2"));

    ChainDifference found = only(verify(domain));
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER);
    assertThat(found.getPath()).isEqualTo(chain.path("snap2"));
    assertThat(found.getExpected()).as("what the hypervisor reads").isEqualTo(chain.path("snap1"));
    assertThat(found.getFound()).as("what the header says").isEqualTo(chain.path("base"));
    assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
    assertThat(repair(domain, true).getRepairedList()).containsExactly(found);
    assertThat(only(verify(domain))).as("validate_only changes nothing").isEqualTo(found);

    RepairChainResponse repaired = repair(domain, false);

    assertThat(repaired.getRepairedList()).containsExactly(found);
    assertThat(repaired.getVerification().getConsistent()).isTrue();
    assertThat(repair(domain, false).getRepairedList()).as("once only").isEmpty();
    bench
        .check(domain)
        .everywhere("vda", chain.images("active", "snap2", "snap1", "base"), chain.contents());
  }

  @Case("a header that lost its backing format under a running domain gets it back when told")
  @Requirement({"R8", "E12"})
  public void formatLost() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();
    change(chain.path("active"), header(chain.path("snap2"), ""));

    ChainDifference found = only(verify(domain));
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_BACKING_FORMAT);
    assertThat(found.getExpected()).isEqualTo("qcow2");
    assertThat(found.getFound()).as("in place of the format").isNotBlank().isNotEqualTo("qcow2");
    assertThat(repair(domain, false).getVerification().getConsistent()).isTrue();
  }

  @Case("an image that was put in the place of another is told, and never deleted for it")
  @Requirement({"R3", "R8", "C13"})
  public void replaced() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();
    change(chain.path("snap2"), ChangeImageRequest.newBuilder().setReplace(true));

    ChainDifference found = only(verify(domain));
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_REPLACED);
    assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
    assertThat(repair(domain, false).getRepairedList()).isEmpty();

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

    assertThat(end.getResult().getDeletedPathsList()).containsExactly(chain.path("snap1"));
    assertThat(end.getResult().getWarningsList())
        .anySatisfy(warning -> assertThat(warning).contains(chain.path("snap2")));
  }

  @Case("an image that was removed under a running domain is told, and nothing is guessed")
  @Requirement({"R8"})
  public void removed() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();
    change(chain.path("snap1"), ChangeImageRequest.newBuilder().setRemove(true));

    ChainDifference found = only(verify(domain));
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_MISSING);
    assertThat(found.getPath()).isEqualTo(chain.path("snap1"));
    assertThat(repair(domain, false).getRepairedList()).isEmpty();
  }

  @Case("what a guest reads is saved by a copy where an image of its chain was removed")
  @Requirement({"R8", "E3"})
  @Needs(Capability.CAPABILITY_BLOCK_COPY)
  public void saved() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();
    change(chain.path("snap1"), ChangeImageRequest.newBuilder().setRemove(true));
    Image copy =
        Image.newBuilder()
            .setPath(bench.path("saved.qcow2"))
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();

    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .copy(
                        BlockCopyRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setDestination(copy)
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)));

    assertThat(end.getResult().getPivoted()).isTrue();
    assertThat(verify(domain).getConsistent()).isTrue();
    bench.check(domain).everywhere("vda", List.of(copy), chain.contents());
  }

  @Case("a header that leads nowhere is put back where the last job says what stood there")
  @Requirement({"R8"})
  public void putBack() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();
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
                            .setTop(chain.path("snap2"))));
    domain.destroy();
    change(chain.path("active"), header(bench.path("nowhere.qcow2"), "qcow2"));

    ChainDifference found = only(verify(domain));
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER);
    assertThat(repair(domain, false).getVerification().getConsistent()).isTrue();
    bench.check(domain).stored("vda", chain.images("active", "base"), chain.contents());
  }

  private void change(String path, ChangeImageRequest.Builder request) {
    var _ =
        TestControlServiceGrpc.newBlockingStub(bench.calls().channel())
            .changeImage(request.setPath(path).build());
  }

  private static ChangeImageRequest.Builder header(String reference, String format) {
    return ChangeImageRequest.newBuilder()
        .setHeader(BackingHeader.newBuilder().setReference(reference).setFormat(format));
  }

  private static ChainDifference only(ChainVerification verification) {
    assertThat(verification.getConsistent()).isFalse();
    assertThat(verification.getDifferencesCount()).isEqualTo(1);
    return verification.getDifferences(0);
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
}
