package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.v1.DomainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandBatchTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void domains() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 2);
    daemon.domains.add("api", DomainState.DOMAIN_STATE_PAUSED, 1);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void aFileHasOneCommandPerLine(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("nightly"), "domstate web\n\ndomstate api\n");

    assertThat(drover.run("--file", file.toString()))
        .isEqualTo(new CommandLineRun.Result(0, "running\n\npaused\n\n", ""));
  }

  @Test
  void outputThatCannotBeWrittenEndsABatchAndIsAFailure() {
    String lost = "error: Standard output cannot be written, or is read no longer\n";

    assertThat(drover.into(new ClosedPipe(), "list"))
        .isEqualTo(new CommandLineRun.Result(1, "", lost));
    assertThat(drover.into(new ClosedPipe(), "list; destroy web"))
        .isEqualTo(
            new CommandLineRun.Result(
                1, "", lost + "error: command line:1: 'list' failed; what follows was not run\n"));
    assertThat(daemon.calls("DestroyDomain")).isZero();
  }

  @Test
  void aDashIsStandardInput() {
    CommandLineRun.Result expected = new CommandLineRun.Result(0, "running\n\n", "");

    assertThat(drover.input("domstate web").run("-")).isEqualTo(expected);
    assertThat(drover.input("domstate web").run("-f", "-")).isEqualTo(expected);
    assertThat(drover.input("domstate web").run("--quiet", "-").code()).isZero();
  }

  @Test
  void oneArgumentMayHoldSeveralCommands() {
    assertThat(drover.run("domstate web; domstate 'api'").out()).isEqualTo("running\n\npaused\n\n");
  }

  @Test
  void optionsBeforeAreThoseOfAllCommands() {
    assertThat(drover.run("-q", "-o", "json", "list; list -o table --name").out())
        .startsWith("[")
        .endsWith("api\nweb\n");
  }

  @Test
  void whatChangesIsRefusedEverywhereWhereItIsReadOnly() {
    assertThat(drover.run("-r", "domstate web; suspend web").err())
        .contains("error: Failed to suspend domain 'web'", "command line:1: 'suspend web' failed");
  }

  @Test
  void theFirstCommandThatFailsEndsIt() {
    CommandLineRun.Result result = drover.input("domstate web\ndomstate no\ndomid web\n").run("-");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEqualTo("running\n\n");
    assertThat(result.err())
        .startsWith("error: ")
        .endsWith("error: -:2: 'domstate no' failed; what follows was not run\n");
  }

  @Test
  void quitEndsIt() {
    assertThat(drover.run("domstate web; quit; domstate no"))
        .isEqualTo(new CommandLineRun.Result(0, "running\n\n", ""));
  }

  @Test
  void aFileThatIsNotThereIsToldOnce() {
    assertThat(drover.run("-f", "/nowhere"))
        .isEqualTo(new CommandLineRun.Result(1, "", "error: File '/nowhere' does not exist\n"));
  }

  @Test
  void anUnknownCommandIsOneInABatchToo() {
    assertThat(drover.run("domstate web; frobnicate").err())
        .startsWith("error: unknown command: 'frobnicate'\n");
  }

  @Test
  void withoutATerminalACommandIsNeeded() {
    CommandLineRun.Result result = drover.run();

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("error: a command is needed; 'drover -' reads");
  }
}
