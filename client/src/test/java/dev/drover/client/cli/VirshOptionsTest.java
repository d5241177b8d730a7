package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.drover.client.FakeDaemon;
import dev.drover.v1.DomainState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What scripts say to virsh is understood where Drover has the thing, or nothing is asked for. */
class VirshOptionsTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void domains() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 2);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-k0 domstate web",
        "-k 5 -K 3 domstate web",
        "--keepalive-interval=5 --keepalive-count 3 domstate web",
        "-d 4 domstate web",
        "--debug=0 -l /nowhere/virsh.log domstate web",
        "-e ^] domstate web",
        "-rq domstate --domain web"
      })
  void whatStandsBeforeACommandChangesNothing(String line) {
    CommandLineRun.Result result = drover.run(line.split(" "));

    assertThat(result.err()).isEmpty();
    assertThat(result.out().strip()).isEqualTo("running");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-v", "-V", "--version"})
  void theVersionIsToldByEachOfItsNames(String option) {
    assertThat(drover.run(option).out()).startsWith("drover ");
  }

  @Test
  void whatACommandTakesIsTold() {
    assertThat(drover.run("-t", "domstate", "web").out())
        .matches("running\n\n\\(Time: \\d+[.]\\d{3} ms\\)\n\n");
    assertThat(drover.run("--timing", "domstate web; domid web").out())
        .containsPattern("^running\n\n[(]Time: .*[)]\n\n2\n\n[(]Time: .*[)]\n\n$");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start web --bypass-cache --reset-nvram",
        "snapshot-revert web one --reset-nvram",
        "snapshot-current web --security-info",
        "blockcopy web vda /dev/vg/lv --blockdev",
        "domblkinfo web --device vda",
        "domblkinfo --device=vda --domain=web",
        "create --validate --reset-nvram /nowhere"
      })
  void isNoMistakeInTheOptions(String line) {
    Surroundings surroundings = drover.surroundings();
    try (Connections connections = new Connections(surroundings)) {
      CommandLine root =
          new CommandRunner(surroundings, connections).everything(new GlobalOptions());
      List<String> words = NamedArguments.rewrite(root, List.of(line.split(" ")));

      assertThatCode(() -> root.parseArgs(words.toArray(String[]::new))).doesNotThrowAnyException();
    }
  }

  @Test
  void groupsOfNumbersThatThereAreNotTellNothing() {
    assertThat(drover.run("domstats", "--cpu-total", "--vcpu", "web").out())
        .isEqualTo("Domain: 'web'\n  vcpu.current=2\n  vcpu.maximum=2\n\n");
    assertThat(drover.run("domstats", "--perf", "web").out()).isEqualTo("Domain: 'web'\n\n");
    assertThat(drover.run("domstats", "--perf", "--enforce", "web"))
        .isEqualTo(
            new CommandLineRun.Result(
                1,
                "",
                "error: There are the groups --state, --balloon, --vcpu and --block, and no"
                    + " others\n"));
  }

  @Test
  void aBatchGoesOverToAnotherDriver() {
    CommandLineRun.Result result =
        drover.run(
            "-c",
            "qemu:///session",
            "domid web; connect test:///default --readonly; domid web; suspend web");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEqualTo("2\n\n2\n\n");
    assertThat(result.err()).startsWith("error: Failed to suspend domain 'web'\n");
    assertThat(daemon.calls())
        .extracting(FakeDaemon.Call::uri, FakeDaemon.Call::readOnly)
        .contains(
            org.assertj.core.groups.Tuple.tuple(Optional.of("qemu:///session"), false),
            org.assertj.core.groups.Tuple.tuple(Optional.of("test:///default"), true));
  }

  @Test
  void aBatchThatCannotGoOverEnds() {
    CommandLineRun.Result result = drover.run("connect --nam x; domid web");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .startsWith("error: command 'connect' does not have the option --nam\n")
        .endsWith("'connect --nam x' failed; what follows was not run\n");
    assertThat(drover.run("connect one two; domid web").err())
        .startsWith("error: command 'connect' takes one URI: unexpected 'two'\n");
  }

  @Test
  void theShellShowsThatItOnlyReads() {
    Queue<String> typed =
        new ArrayDeque<>(
            List.of("connect --name test:///default --readonly", "connect --name=test:///default"));
    List<String> prompts = new ArrayList<>();
    CommandLineRun.Result result =
        drover.inside(
            surroundings -> {
              try (Connections connections = new Connections(surroundings)) {
                return new CommandShell(
                        new CommandRunner(surroundings, connections),
                        new GlobalOptions(),
                        surroundings,
                        prompt -> {
                          prompts.add(prompt);
                          return Optional.ofNullable(typed.poll());
                        })
                    .run();
              }
            });

    assertThat(result.err()).isEmpty();
    assertThat(prompts).containsExactly("drover # ", "drover > ", "drover # ");
  }
}
