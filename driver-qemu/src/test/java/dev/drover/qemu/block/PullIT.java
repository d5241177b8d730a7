package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pulls on a real QEMU (E1): which chain is left, and that the guest's data is in it. */
@Tag("qemu")
class PullIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @ParameterizedTest(name = "base={0}")
  @CsvSource({"'', active", "base, active base", "snap1, active snap1 base"})
  void pullKeepsOnlyTheImagesFromBaseDown(String base, String expected) {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      BlockPullRequest.Builder request =
          BlockPullRequest.newBuilder().setDomain(BlockBench.DOMAIN).setDisk("vda");
      if (!base.isEmpty()) {
        request.setBase(bench.images().path(base).toString());
      }

      Job started = bench.blockJobs().pull(bench.call(), request.build());
      bench.guestWrites(0xe1, 5);
      Job ended = bench.awaitEnd(started.getId());

      assertThat(started.getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getInvalidatedPathsList()).isEmpty();
      assertThat(bench.chain()).isEqualTo(CommitIT.files(expected));
      bench.guestWrites(0xe2, 6);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).isEqualTo(CommitIT.files(expected));
      assertThat(bench.journalEntries()).isZero();
    }
  }

  @Test
  void relativeReferencesStayRelative() {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job started =
          bench
              .blockJobs()
              .rebase(
                  bench.call(),
                  BlockRebaseRequest.newBuilder()
                      .setDomain(BlockBench.DOMAIN)
                      .setDisk("vda")
                      .setBase(bench.images().path("base").toString())
                      .setKeepRelative(true)
                      .build());
      Job ended = bench.awaitEnd(started.getId());

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getChainAfter(0).getBackingReference()).isEqualTo("base.qcow2");
      bench.assertNothingLost();
    }
  }
}
