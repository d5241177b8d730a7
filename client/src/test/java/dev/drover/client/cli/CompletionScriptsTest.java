package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionScriptsTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void bashCompletesVerbsOptionsAndDomains(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path script =
        Files.writeString(
            directory.resolve("completion.bash"), drover.run("completion", "bash").out());

    assertThat(complete(script, "drover blockcom")).contains("blockcommit");
    assertThat(complete(script, "drover blockcommit --piv")).contains("--pivot");
    assertThat(complete(script, "drover start we")).contains("web");
    assertThat(complete(script, "drover snapshot-delete we")).contains("web");
    assertThat(complete(script, "drover snapshot-delete --chil"))
        .contains("--children", "--children-only");
    assertThat(complete(script, "drover job list we")).doesNotContain("web");
    for (String option : List.of("-c test:///x", "--connect 'test:///x'", "--connect=test:///x")) {
      assertThat(complete(script, "drover " + option + " start d")).contains("domain-of-test:///x");
    }
  }

  /** Lets bash complete the last word; `drover` itself is a function that knows two domains. */
  private static String complete(Path script, String line)
      throws IOException, InterruptedException {
    String program =
        """
        drover() {
          if [[ $1 = --connect ]]; then echo "domain-of-$2"; else echo web; echo api; fi
        }
        source '%s'
        read -r -a COMP_WORDS <<<"%s"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMP_LINE="%s"
        COMP_POINT=${#COMP_LINE}
        _complete_drover_with_domains
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(script, line, line);
    Process bash =
        new ProcessBuilder("bash", "-c", program)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String completed =
        new String(bash.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    bash.waitFor();
    return completed;
  }

  @Test
  void zshKnowsVerbsOptionsValuesAndDomains() {
    assertThat(drover.run("completion", "zsh").out())
        .startsWith("#compdef drover\n")
        .contains(
            "'start:Start a defined domain.'",
            "'(--pivot)--pivot[",
            "'(-o --output)--output=[",
            ":FORMAT:(TABLE JSON YAML)'",
            "'1:DOMAIN:_drover_domains'",
            "$(drover $connect --quiet list --all --name 2>/dev/null)");
  }

  @Test
  void fishKnowsVerbsOptionsAndDomains() {
    assertThat(drover.run("completion", "fish").out())
        .contains(
            "complete -c drover -n __drover_needs_verb -a start -d 'Start a defined domain.'",
            "complete -c drover -n __drover_needs_verb -s c -l connect -r -d ",
            "complete -c drover -n '__fish_seen_subcommand_from define' -F",
            "complete -c drover -n '__fish_seen_subcommand_from blockcommit' -l pivot -d ",
            "complete -c drover -n '__fish_seen_subcommand_from domain' -a chain -d ",
            "-a '(__drover_domains)'");
  }
}
