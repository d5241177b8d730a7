package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.client.FakeBlocks;
import dev.drover.client.FakeDaemon;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.DomainState;
import dev.drover.v1.JobErrorPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a person types about errors and convergence, and what the daemon is asked for (C20, R19).
 */
@Timeout(60)
class PolicyOptionsTest {
  private static final String JOB = FakeBlocks.JOB;

  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void domain() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void policiesBecomeFields() {
    drover.run("blockpull", "web", "vda", "--on-error", "report");
    drover.run("blockcommit", "web", "vda", "--active", "--on-error", "stop");
    drover.run(
        "blockcopy",
        "web",
        "vda",
        "/copy",
        "--format",
        "raw",
        "--max-pause",
        "1.5s",
        "--converge-within",
        "10m");
    drover.run("blockcopy", "web", "vda", "/copy", "--format", "raw", "--synchronous-writes");

    assertThat(daemon.blocks.pulls.getFirst().getOnError())
        .isEqualTo(JobErrorPolicy.JOB_ERROR_POLICY_REPORT);
    assertThat(daemon.blocks.commits.getFirst().getOnError())
        .isEqualTo(JobErrorPolicy.JOB_ERROR_POLICY_STOP);
    assertThat(daemon.blocks.commits.getFirst().hasConvergence()).isFalse();
    BlockCopyRequest held = daemon.blocks.copies.get(0);
    assertThat(held.getOnError()).isEqualTo(JobErrorPolicy.JOB_ERROR_POLICY_UNSPECIFIED);
    assertThat(held.getConvergence().getPolicy())
        .isEqualTo(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE);
    assertThat(held.getConvergence().getMaxPause()).isEqualTo(Durations.fromMillis(1500));
    assertThat(held.getConvergence().getDeadline()).isEqualTo(Durations.fromSeconds(600));
    assertThat(daemon.blocks.copies.get(1).getConvergence().getPolicy())
        .isEqualTo(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "blockpull web vda --on-error ignore | --on-error 'ignore' is neither 'report' nor 'stop'",
        "blockcopy web vda /c --raw --max-pause soon | --max-pause 'soon' is not a duration",
        "blockcopy web vda /c --raw --max-pause 1s --synchronous-writes | mutually exclusive",
        "blockcommit web vda --active --converge-within -1s | is not a duration"
      })
  void whatMeansNothingIsRefused(String line, String why) {
    CommandLineRun.Result result = drover.run(line.split(" "));

    assertThat(result.code()).isNotZero();
    assertThat(result.err()).contains(why);
    assertThat(daemon.jobs.resumed).isEmpty();
  }

  @Test
  void blockedJobIsShownAndResumed() {
    drover.run("blockpull", "web", "vda");
    daemon.jobs.change(
        JOB, job -> job.setBlocked(true).setBlockedDetail("no space is left to write '/a'"));

    assertThat(drover.run("job", "list").out()).contains("running, blocked").doesNotContain("/a");
    assertThat(drover.run("job", "show", JOB).out())
        .contains("running, blocked: no space is left to write '/a'");
    daemon.blocks.hold(JOB);
    assertThat(drover.run("blockjob", "web", "vda", "--info").err()).contains("blocked");

    assertThat(drover.run("job", "resume", JOB).out()).isEqualTo("Job 'job-1' running\n\n");
    assertThat(daemon.jobs.resumed).containsExactly(JOB);
  }

  @ParameterizedTest
  @CsvSource({
    "18446744073709551616, false",
    "-1, false",
    "1.5, false",
    "8EiB, true",
    "9223372036854775808, true"
  })
  void speedThatIsNoNumberOfItsUnitIsRefused(String speed, boolean bytes) { // R19
    CommandLineRun.Result result =
        bytes
            ? drover.run("blockpull", "web", "vda", speed, "--bytes")
            : drover.run("blockpull", "web", "vda", "--bandwidth=" + speed);

    assertThat(result.code()).isNotZero();
    assertThat(daemon.blocks.pulls).isEmpty();
  }
}
