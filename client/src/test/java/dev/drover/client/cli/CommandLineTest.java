package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.client.FakeDomains;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import io.grpc.Status;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @BeforeEach
  void domains() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 2);
    daemon.domains.add("api", DomainState.DOMAIN_STATE_PAUSED, 1);
    daemon.domains.add("old", DomainState.DOMAIN_STATE_SHUT_OFF, 0);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void listShowsActiveDomainsInVirshsTable() {
    assertThat(drover.run("list"))
        .isEqualTo(
            new CommandLineRun.Result(
                0,
                """
                 Id   Name   State
                ----------------------
                 1    api    paused
                 2    web    running

                """,
                ""));
  }

  @Test
  void listAllEndsWithTheInactiveOnes() {
    assertThat(drover.run("list", "--all", "--title").out())
        .isEqualTo(
            """
             Id   Name   State      Title
            -----------------------------------------
             1    api    paused     The api machine
             2    web    running    The web machine
             -    old    shut off   The old machine

            """);
  }

  @ParameterizedTest
  @CsvSource({
    "list --name, api|web",
    "list --all --name, api|web|old",
    "list --inactive --name, old",
    "list --state-shutoff --name, old",
    "list --state-paused --name, api",
    "list --id, 1|2",
    "list --name --id, api 1|web 2",
    "list --quiet --inactive, ' -   old   shut off'",
    "list --no-headers --inactive, ' -   old   shut off|'",
  })
  void listChoosesDomainsAndWords(String command, String lines) {
    String expected = lines.replace('|', '\n') + "\n";
    assertThat(drover.run(command.split(" ")).out().stripTrailing())
        .isEqualTo(expected.stripTrailing());
  }

  @Test
  void listAsJsonIsTheApisMessages() {
    CommandLineRun.Result result = drover.run("-o", "json", "list", "--inactive");

    assertThat(result.out())
        .startsWith("[{\n")
        .contains("\"name\": \"old\"", "\"memory_bytes\": \"134217728\"")
        .endsWith("}]\n");
  }

  @Test
  void actionsConfirmInVirshsWordsUnlessQuiet() {
    assertThat(drover.run("start", "old").out()).isEqualTo("Domain 'old' started\n\n");
    assertThat(drover.run("destroy", "old", "-q").out()).isEmpty();
    assertThat(drover.run("undefine", "old").out())
        .isEqualTo("Domain 'old' has been undefined\n\n");
  }

  @Test
  void aDomainThatRunsIsToldInVirshsWords() {
    daemon.refuseNext(
        FakeDaemon.error(
            ErrorReason.ERROR_REASON_DOMAIN_ALREADY_RUNNING,
            Status.Code.FAILED_PRECONDITION,
            "domain 'web' is already running",
            Map.of("domain", "web")));
    assertThat(drover.run("start", "web"))
        .isEqualTo(new CommandLineRun.Result(1, "", "error: Domain is already active\n"));
  }

  @Test
  void aFailedCallIsTwoErrorLinesAndExitCodeOne() { // R18
    assertThat(drover.run("start", "nobody"))
        .isEqualTo(
            new CommandLineRun.Result(
                1,
                "",
                """
                error: Failed to start domain 'nobody'
                error: Domain 'nobody' does not exist; 'list --all' shows those that do
                """));
  }

  @Test
  void aDaemonThatIsNotThereIsSaidWithoutStackTrace() throws InterruptedException {
    daemon.stop();

    CommandLineRun.Result result = drover.run("list");

    assertThat(result.code()).isOne();
    assertThat(result.err().lines()).hasSize(2).first().isEqualTo("error: Failed to list domains");
    assertThat(result.err()).contains("Cannot reach the daemon").doesNotContain("\tat ");
    daemon.start();
  }

  @Test
  void stackTracesAreForDroverDebug() {
    drover.environment.put("DROVER_DEBUG", "1");

    assertThat(drover.run("start", "nobody").err()).contains("\tat ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "frobnicate | error: unknown command: 'frobnicate'",
        "start | error: Missing required parameter: 'DOMAIN'",
        "start web --fast | error: Unknown option: '--fast'",
        "list -o xml | error: Invalid value for option '--output'",
        "domain | error: 'drover domain' needs one of: show, chain, template",
        "blockcommit web vda --pivot --keep-overlay | error: Options --pivot and --keep-overlay are"
            + " mutually exclusive",
        "blockcommit web vda --async | error: --async needs --wait",
        "blockcommit web vda --wait --timeout 0 | error: --timeout must be at least 1 second",
        "blockcommit web vda fast | error: Bandwidth 'fast' is not a whole number of MiB/s",
        "snapshot-create-as web one --diskspec vda,snapshot=external | error: Say whether memory is"
            + " taken: --disk-only leaves it out, and --memspec names a file for it",
        "event | error: One of --list, --all or an event type is required",
        "event nothing | error: Event type 'nothing' is not known",
        "job complete 7 8 --keep --async | error: Several jobs are ended while you wait: leave out"
            + " --async",
        "blockjob web vda --abort --hold-guest | error: --hold-guest needs --pivot",
        "job complete 7 | error: Say how the job is to end: --pivot or --keep",
        "-c qemu+http://h/system list | error: Failed to list domains",
      })
  void mistakesOnTheCommandLineAreNamed(String command, String error) {
    CommandLineRun.Result result = drover.run(command.split(" "));

    assertThat(result.code()).isOne();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith(error).doesNotContain("\tat ");
  }

  @Test
  void theConnectionUriComesFromTheOptionElseTheEnvironment() {
    drover.environment.put("DROVER_URI", "test:///default");

    drover.run("list");
    drover.run("list", "-c", "qemu:///session", "--readonly");

    assertThat(daemon.calls())
        .extracting(FakeDaemon.Call::uri, FakeDaemon.Call::readOnly)
        .contains(
            org.assertj.core.groups.Tuple.tuple(Optional.of("test:///default"), false),
            org.assertj.core.groups.Tuple.tuple(Optional.of("qemu:///session"), true));
  }

  @Test
  void aDomainIsDefinedFromStandardInput() {
    CommandLineRun.Result result =
        drover.input("name: new\nmemory_bytes: 64MiB\n").run("define", "-", "--validate-only");

    assertThat(result.out()).isEqualTo("Domain 'new' validated from -\n\n");
    assertThat(daemon.domains.defined)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getSpec().getMemoryBytes()).isEqualTo(64 << 20);
              assertThat(request.getValidateOnly()).isTrue();
            });
  }

  @Test
  void whatShowPrintsCanBeDefinedAgainUnchanged() {
    String shown = drover.run("domain", "show", "web").out();

    drover.input(shown).run("define", "-");

    assertThat(daemon.domains.defined)
        .extracting(DefineDomainRequest::getSpec, DefineDomainRequest::getEtag)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 2).getSpec(),
                "etag-web"));
  }

  @Test
  void aTransientDomainIsCreated() {
    assertThat(drover.input("name: quick").run("create", "-", "--paused").out())
        .isEqualTo("Domain 'quick' created from -\n\n");
  }

  @Test
  void dominfoHasVirshsLabels() {
    assertThat(drover.run("dominfo", "1").out())
        .isEqualTo(
            """
            Id:             1
            Name:           api
            UUID:           %s
            OS Type:        hvm
            State:          paused
            CPU(s):         2
            Max memory:     131072 KiB
            Used memory:    65536 KiB
            Persistent:     yes
            Autostart:      disable
            Snapshots:      0

            """
                .formatted(FakeDomains.uuid("api")));
  }

  @ParameterizedTest
  @CsvSource({
    "domstate old, shut off",
    "domstate web --reason, running (booted)",
    "domid web, 2",
    "domid old, -",
    "domname 2, web",
    "hostname, host.example",
    "uri, qemu:///session",
  })
  void oneQuestionGetsOneLine(String command, String line) {
    assertThat(drover.run(command.split(" ")).out()).isEqualTo(line + "\n\n");
  }

  @Test
  void disksAndChainsAreTables() {
    assertThat(drover.run("domblklist", "web").out())
        .isEqualTo(
            """
             Target   Source
            -----------------------------
             vda      /images/two.qcow2
             sda      -

            """);
    assertThat(drover.run("domblklist", "web", "--details").out())
        .isEqualTo(
            """
             Type   Device   Target   Source
            ---------------------------------------------
             file   disk     vda      /images/two.qcow2
             file   disk     sda      -

            """);
    assertThat(drover.run("domain", "chain", "web").out())
        .isEqualTo(
            """
             Image    Path                    Format   Virtual    Allocated
            -----------------------------------------------------------------
             vda[0]   /images/two.qcow2       qcow2    10.0 GiB   192.0 KiB
             vda[1]   +- /images/one.qcow2    qcow2    10.0 GiB   1.0 MiB
             vda[2]     +- /images/base.raw   raw      10.0 GiB   -

            """);
  }

  @Test
  void hostCommandsPrintVirshsLines() {
    assertThat(drover.run("nodeinfo").out())
        .contains("CPU model:           x86_64", "Memory size:         8388608 KiB");
    assertThat(drover.run("version").out())
        .contains("Using library: drover-client ", "Running hypervisor: QEMU 7.2.0");
    assertThat(drover.run("capabilities").out()).contains("- CAPABILITY_BLOCK_COMMIT");
    assertThat(drover.run("capabilities", "-o", "json").out())
        .contains("\"CAPABILITY_BLOCK_COMMIT\"");
  }

  /** R23: scripts can ask, too. */
  @Test
  void permissionsAreExplainedAndARefusalIsTheExitCode() {
    var allowed = drover.run("policy", "explain", "uid:1000", "StartDomain", "web");
    assertThat(allowed.out()).isEqualTo("uid:1000 may\n\n");
    assertThat(allowed.code()).isZero();
    var refused = drover.run("policy", "explain", "uid:1000", "StartDomain", "-o", "json");
    assertThat(refused.out()).contains("\"method\": \"drover.v1.DomainService/StartDomain\"");
    assertThat(refused.code()).isEqualTo(1);
  }

  @Test
  void helpAndVersionNeedNoDaemon() throws InterruptedException {
    daemon.stop();

    assertThat(drover.run("help", "start").out()).startsWith("Usage: drover start");
    assertThat(drover.run("start", "--help").code()).isZero();
    assertThat(drover.run("--version").out()).matches("drover [0-9].*\\n");
    assertThat(drover.run("domain", "template").out()).contains("memory_bytes: 512MiB");
    daemon.start();
  }
}
