package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RepairChainResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Comparison and repair of chains on a real QEMU and on real headers (R8). */
@Tag("qemu")
class ChainRepairIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @Test
  void aChainAgreesWithItselfBeforeAndAfterAJobAndShutOff() { // R8
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      assertThat(bench.verify()).isEqualTo(consistent(bench.verify(), 4));
      Job job =
          bench
              .blockJobs()
              .commit(
                  bench.call(),
                  CommitIT.request(bench)
                      .setTop(bench.images().path("snap2").toString())
                      .setShallow(true)
                      .build());
      assertThat(bench.awaitEnd(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);

      consistent(bench.verify(), 3);
      assertThat(bench.repair(false).getRepairedList()).isEmpty();
      bench.stopQemu();
      ChainVerification off = bench.verify();
      assertThat(off.getConsistent()).as("%s", off).isTrue();
      assertThat(off.getHypervisorList()).isEmpty();
      assertThat(off.getHeadersList()).hasSize(3);
    }
  }

  @Test
  void aHeaderOfAnOpenImageIsRewrittenThroughQemu() { // R8: relative names stay relative
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      rewriteHeader(bench, "snap2", "gone.qcow2");

      ChainDifference found = only(bench.verify());
      assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER);
      assertThat(found.getPath()).isEqualTo(bench.images().path("snap2").toString());
      assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
      assertThat(bench.repair(true).getRepairedList()).containsExactly(found);
      assertThat(only(bench.verify())).as("validate_only changes nothing").isEqualTo(found);

      RepairChainResponse repaired = bench.repair(false);
      assertThat(repaired.getRepairedList()).containsExactly(found);
      consistent(repaired.getVerification(), 4);
      assertThat(repaired.getVerification().getHypervisor(1).getBackingReference())
          .isEqualTo("snap1.qcow2");
      assertThat(bench.repair(false).getRepairedList()).as("once only").isEmpty();
      bench.assertNothingLost();
    }
  }

  @Test
  void aHeaderRewrittenWhileTheDomainIsOffIsPutBackWhereAJobKnowsIt() { // 9, R8
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job =
          bench
              .blockJobs()
              .commit(
                  bench.call(),
                  CommitIT.request(bench).setTop(bench.images().path("snap2").toString()).build());
      bench.awaitEnd(job.getId());
      bench.stopQemu();
      TestImages.run(
          List.of(
              "qemu-img",
              "rebase",
              "-u",
              "-f",
              "qcow2",
              "-b",
              bench.images().path("gone").toString(),
              "-F",
              "qcow2",
              bench.images().path("active").toString()));

      ChainDifference found = only(bench.verify());
      assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER);
      assertThat(found.getFound()).endsWith("gone.qcow2");
      RepairChainResponse repaired = bench.repair(false);
      assertThat(repaired.getVerification().getConsistent()).isTrue();
      assertThat(bench.definedChain()).isEqualTo(CommitIT.files("active base"));
      bench.assertNothingLost();
    }
  }

  @Test
  void aMissingImageIsToldAndNothingIsGuessed() throws IOException { // moved directories
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.stopQemu();
      Files.move(bench.images().path("snap1"), bench.images().path("moved"));

      ChainDifference found = only(bench.verify());
      assertThat(found.getKind())
          .isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_MISSING);
      assertThat(found.getPath()).isEqualTo(bench.images().path("snap1").toString());
      assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
      assertThat(bench.repair(false).getRepairedList()).isEmpty();
      Files.move(bench.images().path("moved"), bench.images().path("snap1"));
      assertThat(bench.verify().getConsistent()).isTrue();
    }
  }

  @Test
  void aRepairIsRefusedWhileAJobHoldsTheDisk() { // 1F
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = bench.blockJobs().copy(bench.call(), CopyIT.slow(bench, "copy").build());

      assertThatThrownBy(() -> bench.repair(false))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE));
      ChainVerification during = bench.verify();
      assertThat(during.getJobId()).isEqualTo(job.getId());
      assertThat(during.getConsistent()).as("the job's filter is no difference").isTrue();
      bench.jobs().cancel(bench.call(), CopyIT.cancel(job));
      consistent(bench.verify(), 4);
    }
  }

  static void rewriteHeader(BlockBench bench, String image, String reference) {
    var graph = bench.live().disk("vda");
    bench
        .live()
        .execute(
            new BlockCommand.ChangeBackingFile(
                graph.active().formatNode(),
                graph.at(bench.images().path(image).toString()).orElseThrow().formatNode(),
                reference));
  }

  static ChainVerification consistent(ChainVerification verification, int images) {
    assertThat(verification.getDifferencesList()).isEmpty();
    assertThat(verification.getConsistent()).isTrue();
    assertThat(verification.getHypervisorList()).hasSize(images);
    assertThat(verification.getHeadersList()).hasSize(images);
    return verification;
  }

  static ChainDifference only(ChainVerification verification) {
    assertThat(verification.getDifferencesList()).hasSize(1);
    return verification.getDifferences(0);
  }
}
