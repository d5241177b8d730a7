package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.v1.DomainState;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R20: domains and jobs at a glance. */
@Timeout(60)
class TopCommandTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void world() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
    daemon.domains.add("db", DomainState.DOMAIN_STATE_PAUSED, 2);
    daemon.domains.add("old", DomainState.DOMAIN_STATE_SHUT_OFF, 0);
    daemon.jobs.put(
        Job.newBuilder()
            .setId("job-1")
            .setKind(JobKind.JOB_KIND_COPY)
            .setState(JobState.JOB_STATE_RUNNING)
            .setDomainName("web")
            .setDisk("vda")
            .setBlocked(true)
            .setBlockedDetail("the disk is full")
            .setProgress(
                JobProgress.newBuilder()
                    .setOffsetBytes(25)
                    .setTotalBytes(100)
                    .setRateBytesPerSecond(2048)
                    .setRemainingMilliseconds(61_000))
            .build());
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void onceShowsActiveDomainsAndJobs() {
    CommandLineRun.Result result = drover.terminal().run("top", "--once");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("2 domains, 0 unresponsive; 1 jobs, 1 blocked\n\n Id   Name")
        .containsPattern(" 2 +db +paused ")
        .containsPattern(" 1 +web +running ")
        .containsPattern(
            " job-1 +Block Copy +web +vda +25.00 % +2.00? ?KiB/s +1:01 +running, blocked: the disk"
                + " is full\n")
        .doesNotContain("old");
  }

  @Test
  void withoutATerminalOnceIsEnough() {
    assertThat(drover.run("top", "--all").out())
        .startsWith("3 domains")
        .containsPattern(" - +old +shut off ");
  }

  @Test
  void programsGetBothLists() {
    assertThat(drover.run("top", "-o", "json").out())
        .startsWith("{\"domains\": [{")
        .contains("\"jobs\": [{", "\"job-1\"");
  }

  @Test
  void aDelayTooShortIsRefused() {
    CommandLineRun.Result result = drover.run("top", "--delay", "1ms");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("--delay must be at least 100ms");
  }

  @Test
  void theScreenIsDrawnOverUntilQIsPressed() throws IOException {
    ByteArrayOutputStream screenBytes = new ByteArrayOutputStream();
    try (PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream pressed = new PipedInputStream(keys)) {
      Terminal terminal =
          new ExternalTerminal("test", "xterm", pressed, screenBytes, StandardCharsets.UTF_8);
      terminal.setSize(new Size(40, 3));
      try (TopScreen screen = new TopScreen(terminal)) {
        screen.show(List.of("first line", "second", "third", "does not fit"));
        assertThat(screen.stays(Duration.ofMillis(150))).as("nothing was pressed").isTrue();
        screen.show(List.of("changed line"));
        keys.write('x');
        keys.write('q');
        keys.flush();
        assertThat(screen.stays(Duration.ofSeconds(30))).as("q was pressed").isFalse();
      }
    }
    assertThat(screenBytes.toString(StandardCharsets.UTF_8))
        .contains("first line", "third", "changed")
        .doesNotContain("does not fit");
  }
}
