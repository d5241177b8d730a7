package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R4: what {@code drover debug} prints. */
@Timeout(60)
class DebugCommandsTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void saysWhoWaitsForWhat() {
    CommandLineRun.Result result = drover.run("debug", "stuck");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("Domains of qemu\n Domain   Unanswered")
        .contains("query-status for 1:35, given up, and 1 more   start for 1:35   -")
        .contains("unresponsive: no answer to query-status\n")
        .contains("Jobs of qemu\n")
        .contains(" job-1   Block Copy   web      vda    running   1:35      the disk is full\n")
        .contains("number 1 in the queue (limits.jobs = 1), behind job-1\n")
        .contains("Calls\n")
        .contains(" 0.5 s   drover.v1.DomainService/StartDomain   uid:1000   web      -     c0ffee")
        .contains("Store: a transaction has lasted 1:35; 3 wait for it\n");
  }

  @Test
  void saysThatNothingIsStuck() {
    assertThat(drover.run("debug", "stuck", "--older-than", "10m").out())
        .isEqualTo("Nothing is stuck\n\n");
  }

  @Test
  void givesProgramsTheMessage() {
    assertThat(drover.run("debug", "stuck", "-o", "json").out())
        .contains("\"oldest_command\"", "\"query-status\"", "\"blocked_detail\"");
  }

  @Test
  void refusesWhatIsNoTime() {
    CommandLineRun.Result result = drover.run("debug", "stuck", "--older-than", "long");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("--older-than 'long' is not a duration");
  }
}
