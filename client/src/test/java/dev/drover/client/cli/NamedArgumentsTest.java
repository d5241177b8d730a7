package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class NamedArgumentsTest {
  private final FakeDaemon daemon = new FakeDaemon();

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @ParameterizedTest
  @CsvSource({
    "start web, start web",
    "start --domain web, start -- web",
    "start --domain=web --paused, start --paused -- web",
    "-c test:///default start --domain web, -c test:///default start -- web",
    "blockcommit --domain web --path vda --wait, blockcommit --wait -- web vda",
    "blockcommit web vda --base x --bandwidth 5, blockcommit --base x -- web vda 5",
    "blockcommit --path vda web, blockcommit -- web vda",
    "blockcommit --path vda -q web 7, blockcommit -q -- web vda 7",
    "job list --domain web, job list --domain web",
    "domain chain --path vda web, domain chain -- web vda",
    "job wait --timeout 5 --id 7, job wait --timeout 5 -- 7",
    "start --domain, start --domain",
    "event --domain web --all, event --domain web --all",
  })
  void argumentsMayBeGivenByNameAsInVirsh(String given, String rewritten) {
    List<String> words = List.of(given.split(" "));
    Surroundings surroundings = new CommandLineRun(daemon).surroundings();
    try (Connections connections = new Connections(surroundings)) {
      Session session = new Session(new GlobalOptions(), surroundings, connections);
      CommandLine root = CommandTable.commandLine(new GlobalOptions(), session, words);

      assertThat(NamedArguments.rewrite(root, words)).containsExactly(rewritten.split(" "));
    }
  }

  @Test
  void aRewrittenCommandRuns() {
    assertThat(new CommandLineRun(daemon).run("blockjob", "--path", "vda", "--domain", "web").out())
        .startsWith("No current block job for vda");
  }
}
