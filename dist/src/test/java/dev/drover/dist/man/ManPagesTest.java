package dev.drover.dist.man;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManPagesTest {
  private static final List<String> REQUESTS =
      List.of(".TH ", ".SH ", ".PP", ".TP", ".nh", ".ad l");

  private Map<String, String> pages = Map.of();

  @BeforeAll
  void make() {
    pages = ManPages.pages(new PageMaker("1.2.3", LocalDate.of(2026, 1, 31)));
  }

  @Test
  void thereIsOneForEveryCommand() {
    assertThat(pages)
        .containsKeys(
            "drover.1",
            "drover-list.1",
            "drover-blockcommit.1",
            "drover-job.1",
            "drover-job-wait.1",
            "droverd.8",
            "droverd.conf.5");
  }

  @Test
  void aCommandIsTold() {
    assertThat(pages.get("drover-job-wait.1"))
        .startsWith(
            """
            .TH "DROVER\\-JOB\\-WAIT" 1 2026-01-31 "Drover 1.2.3" "Drover"
            .nh
            .ad l
            .SH "NAME"
            drover\\-job\\-wait \\- follow a job until it has ended, or is ready and waits for somebody to end it
            .SH "SYNOPSIS"
            \\fBdrover job wait\\fR [\\fIOPTION\\fR]... \\fIID\\fR
            """)
        .contains(".TP\n\\fB\\-\\-timeout\\fR=\\fISECONDS\\fR\nGive up after this time.\n")
        .contains("\\fBdrover\\-job\\fR(1), \\fBdrover\\fR(1), which has the options");
  }

  @Test
  void theProgramPageHasTheOptionsOfEveryCommand() {
    assertThat(pages.get("drover.1"))
        .contains("\\fB\\-c\\fR \\fIURI\\fR, \\fB\\-\\-connect\\fR=\\fIURI\\fR")
        .contains("\\fBdrover\\-snapshot\\-create\\-as\\fR(1)");
    assertThat(pages.get("drover-list.1")).doesNotContain("\\-\\-connect");
  }

  @Test
  void theConfigurationPageHasKeysOfDaemonAndDrivers() {
    assertThat(pages.get("droverd.conf.5"))
        .contains("\\fBshutdown_grace_seconds\\fR = \\fI10\\fR")
        .contains(".SH \"[driver.qemu]\"");
  }

  @Test
  void noTextIsTakenForARequest() {
    pages.forEach(
        (name, page) ->
            assertThat(page.lines().filter(line -> line.startsWith(".") || line.startsWith("'")))
                .as(name)
                .allMatch(line -> REQUESTS.stream().anyMatch(line::startsWith)));
  }
}
