package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.DaemonMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line of the daemon, as far as it does not serve. */
class DroverdTest {

  @TempDir private Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return new Droverd(print(out), print(err), Map.of(), _ -> {}).run(arguments);
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "--config",
            "--state-directory",
            "--runtime-directory",
            "--socket",
            "--mode",
            "--log-level",
            "--ephemeral",
            "--print-config",
            "--check-policy",
            "--version");
  }

  @Test
  void theDefaultConfigurationIsPrinted() {
    assertThat(run("--print-config")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("[limits]", "#message_bytes = ");
  }

  @Test
  void anUnknownOptionIsAMistakeOfUse() {
    assertThat(run("--stat-directory", "x")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("error: ");
  }

  @Test
  void aDaemonForATestHasItsOwnDirectories() {
    assertThat(run("--ephemeral", "--state-directory", directory.toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("error: --ephemeral and --state-directory exclude each other\n");
  }

  @Test
  void everyMistakeOfTheConfigurationIsShown() throws IOException {
    Path file = Files.writeString(directory.resolve("d.toml"), "[limits]\nwatcher = 1\nfoo = 2\n");
    assertThat(run("--config", file.toString(), "--state-directory", directory.toString()))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("error: configuration: unknown key limits.watcher; did you mean \"watchers\"?")
        .contains("error: configuration: unknown key limits.foo");
  }

  @Test
  void aPolicyIsCheckedWithoutServing() throws IOException {
    Path file = Files.writeString(directory.resolve("p.toml"), "[[binding]]\nrole = \"vewer\"\n");
    assertThat(run("--check-policy", file.toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(
            "error: " + file + ": line 1: principals must be a list of at least one text",
            "error: " + file + ": line 2: unknown role \"vewer\"; did you mean \"viewer\"?");
    Files.writeString(file, "[[binding]]\nprincipals = [\"uid:1\"]\nrole = \"viewer\"\n");
    assertThat(run("--check-policy", file.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("can be used: 1 bindings");
  }

  @Test
  void aPolicyThatCannotBeUsedKeepsTheDaemonFromStarting() throws IOException {
    Path policy = Files.writeString(directory.resolve("p.toml"), "[rolls.x]\n");
    Path config =
        Files.writeString(
            directory.resolve("d.toml"), "[access]\npolicy_file = \"%s\"\n".formatted(policy));
    assertThat(
            run(
                "--config",
                config.toString(),
                "--state-directory",
                directory.resolve("s").toString(),
                "--runtime-directory",
                directory.resolve("r").toString()))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("line 1: unknown key \"rolls\"; did you mean \"roles\"?");
  }

  @Test
  void aStateDirectoryThatIsAFileIsTold() throws IOException {
    Path file = Files.writeString(directory.resolve("state"), "");
    assertThat(run("--state-directory", file.toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("error: " + file + " exists and is not a directory");
  }

  @Test
  void defaultDirectoriesFollowTheModeAndTheEnvironment() {
    DaemonOptions options = new DaemonOptions();
    assertThat(options.mode(0)).isEqualTo(DaemonMode.SYSTEM);
    assertThat(options.mode(1000)).isEqualTo(DaemonMode.SESSION);
    assertThat(options.stateDirectory(DaemonMode.SYSTEM, Map.of()))
        .isEqualTo(Path.of("/var/lib/drover"));
    assertThat(options.runtimeDirectory(DaemonMode.SYSTEM, Map.of()))
        .isEqualTo(Path.of("/run/drover"));
    assertThat(
            options.stateDirectory(
                DaemonMode.SESSION, Map.of("HOME", "/home/ada", "XDG_STATE_HOME", "not/absolute")))
        .isEqualTo(Path.of("/home/ada/.local/state/drover"));
    assertThat(options.stateDirectory(DaemonMode.SESSION, Map.of("XDG_STATE_HOME", "/x")))
        .isEqualTo(Path.of("/x/drover"));
    assertThat(options.runtimeDirectory(DaemonMode.SESSION, Map.of("XDG_RUNTIME_DIR", "/r")))
        .isEqualTo(Path.of("/r/drover"));
    assertThat(options.runtimeDirectory(DaemonMode.SESSION, Map.of("HOME", "/home/ada")))
        .isEqualTo(Path.of("/home/ada/.local/state/drover/run"));
    assertThat(options.socket(Path.of("/r/drover"))).isEqualTo(Path.of("/r/drover/droverd.sock"));
  }
}
