package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest { // R19
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

  @Test
  void aTerminalShowsOneLineThatIsDrawnOver() {
    ProgressLine line = new ProgressLine(out, true, 120);

    line.show(job(JobState.JOB_STATE_RUNNING, 512L << 20, 1280L << 20));
    line.show(job(JobState.JOB_STATE_READY, 1280L << 20, 1280L << 20));
    line.end();

    assertThat(text().split("\r"))
        .containsExactly(
            "",
            "Active Block Commit: [40.00 %] [#########---------------] 512.0 MiB of 1.3 GiB, 85.0"
                + " MiB/s, ETA 0:08, running",
            "Active Block Commit: [100.00 %] [########################] 1.3 GiB of 1.3 GiB, ready"
                + " ".repeat(25)
                + "\n");
  }

  @Test
  void aNarrowTerminalGetsNoBarAndNoLineBreak() {
    ProgressLine line = new ProgressLine(out, true, 60);

    line.show(job(JobState.JOB_STATE_RUNNING, 512L << 20, 1280L << 20));

    assertThat(text()).hasSizeLessThanOrEqualTo(60).doesNotContain("#").doesNotContain("\n");
  }

  @Test
  void elsewhereEachTenthAndEachPhaseIsALine() {
    ProgressLine line = new ProgressLine(out, false, 80);

    line.show(job(JobState.JOB_STATE_PENDING, 0, 0));
    for (long percent = 0; percent <= 25; percent++) {
      line.show(job(JobState.JOB_STATE_RUNNING, percent << 20, 100L << 20));
    }
    line.show(job(JobState.JOB_STATE_READY, 100L << 20, 100L << 20));
    line.end();

    assertThat(text().lines())
        .containsExactly(
            "Active Block Commit: [ 0.00 %] pending",
            "Active Block Commit: [ 0.00 %] 0 B of 100.0 MiB, 85.0 MiB/s, ETA 0:08, running",
            "Active Block Commit: [10.00 %] 10.0 MiB of 100.0 MiB, 85.0 MiB/s, ETA 0:08, running",
            "Active Block Commit: [20.00 %] 20.0 MiB of 100.0 MiB, 85.0 MiB/s, ETA 0:08, running",
            "Active Block Commit: [100.00 %] 100.0 MiB of 100.0 MiB, ready");
  }

  @Test
  void equalOffsetAndTotalAreNotTheEnd() { // R5
    ProgressLine line = new ProgressLine(out, false, 80);

    line.show(job(JobState.JOB_STATE_RUNNING, 100, 100));

    assertThat(text()).startsWith("Active Block Commit: [99.99 %]");
  }

  @Test
  void whatBlocksAJobIsSaid() { // C20
    ProgressLine line = new ProgressLine(out, false, 80);

    line.show(
        job(JobState.JOB_STATE_RUNNING, 1, 100).toBuilder()
            .setBlocked(true)
            .setBlockedDetail("no space left")
            .build());

    assertThat(text()).endsWith("running, blocked: no space left\n");
  }

  @Test
  void aRemarkDoesNotMixWithTheLine() {
    ProgressLine line = new ProgressLine(out, true, 100);

    line.show(job(JobState.JOB_STATE_RUNNING, 1, 2));
    line.remark("Connection lost");

    assertThat(text()).endsWith("running\nConnection lost\n");
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static Job job(JobState state, long offset, long total) {
    return Job.newBuilder()
        .setKind(JobKind.JOB_KIND_ACTIVE_COMMIT)
        .setState(state)
        .setProgress(
            JobProgress.newBuilder()
                .setOffsetBytes(offset)
                .setTotalBytes(total)
                .setRateBytesPerSecond(85L << 20)
                .setRemainingMilliseconds(7600))
        .build();
  }
}
