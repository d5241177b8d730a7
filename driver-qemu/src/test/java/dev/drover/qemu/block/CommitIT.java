package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Section 1C on a real QEMU: which chain each call leaves, and that the guest's data is in it. */
@Tag("qemu")
class CommitIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @ParameterizedTest(name = "{0}: base={1} top={2} shallow={3}")
  @CsvSource({
    "C4, '', snap2, true, active snap1 base",
    "C5, '', snap2, false, active base",
    "C5b, base, snap2, false, active base",
    "C6, '', snap1, false, active snap2 base",
    "C6b, base, snap1, false, active snap2 base",
    "C6c, '', snap1, true, active snap2 base"
  })
  void intermediateCommitLeavesTheNamedChain(
      String row, String base, String top, boolean shallow, String expected) {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      BlockCommitRequest.Builder request =
          request(bench).setTop(bench.images().path(top).toString()).setShallow(shallow);
      if (!base.isEmpty()) {
        request.setBase(bench.images().path(base).toString());
      }

      Job started = bench.blockJobs().commit(bench.call(), request.build());
      bench.guestWrites(0xe1, 5);
      Job ended = bench.awaitEnd(started.getId());

      assertThat(started.getKind()).isEqualTo(JobKind.JOB_KIND_COMMIT);
      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(bench.chain()).isEqualTo(files(expected));
      bench.guestWrites(0xe2, 6);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).isEqualTo(files(expected));
      assertThat(bench.journalEntries()).isZero();
    }
  }

  @ParameterizedTest(name = "{0}: base={1} shallow={2}")
  @CsvSource({
    "C1, '', false, base",
    "C1b, base, false, base",
    "C2, '', true, snap2 snap1 base",
    "C2b, snap2, false, snap2 snap1 base",
    "C7, snap1, false, snap1 base"
  })
  void activeCommitAndPivotLeaveTheNamedChain(
      String row, String base, boolean shallow, String expected) {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      BlockCommitRequest.Builder request = request(bench).setActive(true).setShallow(shallow);
      if (!base.isEmpty()) {
        request.setBase(bench.images().path(base).toString());
      }

      Job started = bench.blockJobs().commit(bench.call(), request.build());
      bench.guestWrites(0xe1, 5);
      bench.await(started.getId(), job -> job.getState() == JobState.JOB_STATE_READY);
      bench.guestWrites(0xe2, 6);
      Job ended = bench.jobs().complete(bench.call(), pivot(started));

      assertThat(started.getKind()).isEqualTo(JobKind.JOB_KIND_ACTIVE_COMMIT);
      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getPivoted()).isTrue();
      assertThat(bench.chain()).isEqualTo(files(expected));
      assertThat(Path.of(bench.definedSource().getPath()).getFileName())
          .hasToString(files(expected).getFirst());
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).isEqualTo(files(expected));
      assertThat(bench.journalEntries()).isZero();
    }
  }

  static BlockCommitRequest.Builder request(BlockBench bench) {
    return BlockCommitRequest.newBuilder().setDomain(BlockBench.DOMAIN).setDisk("vda");
  }

  static CompleteJobRequest pivot(Job job) {
    return CompleteJobRequest.newBuilder()
        .setJobId(job.getId())
        .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
        .build();
  }

  static List<String> files(String names) {
    return List.of(names.split(" ")).stream().map(name -> name + ".qcow2").toList();
  }
}
