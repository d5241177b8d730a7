package dev.drover.conformance.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drover.client.Drover;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.spi.BlockJobs;
import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.DriverProvider;
import dev.drover.spi.NodeInfoSource;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.DomainSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R16: the suite as a program, against a daemon that somebody else has started. */
class ConformanceCommandTest {
  @TempDir Path directory;

  private record Result(int code, String out, String err) {}

  private static Result run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        ConformanceCommand.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private EmbeddedDaemon daemon(Path socket) {
    return EmbeddedDaemon.in(directory.resolve("daemon"), new TestDriverProvider())
        .onSocket(socket);
  }

  @Test
  void casesRunAgainstAnyAddress() throws IOException {
    Path socket = directory.resolve("s.sock");
    Path junit = directory.resolve("junit.xml");
    Path markdown = directory.resolve("table.md");
    try (EmbeddedDaemon _ = daemon(socket)) {
      Result result =
          run(
              "run",
              "--connect",
              "test+unix:///default?socket=" + socket,
              "--only",
              "OnceCases,r27",
              "--verbose",
              "--junit",
              junit.toString(),
              "--markdown",
              markdown.toString());

      assertThat(result.err()).isEmpty();
      assertThat(result.code()).isZero();
      assertThat(result.out())
          .contains(
              "passed       OnceCases.define: ",
              "unsupported  LifecycleCases.adoption: ",
              ", 1 declared unsupported, 0 failed in ");
    }
    assertThat(Files.readString(junit))
        .contains("<testcase classname=\"OnceCases\" name=\"define\"", "<skipped message=");
    assertThat(Files.readString(markdown)).contains("**test-default**", "| R7 |");
  }

  @Test
  void aTemplateMayReplaceTheSmallDomain() throws IOException {
    Path socket = directory.resolve("s.sock");
    Path template =
        Files.writeString(directory.resolve("domain.json"), "{\"memoryBytes\": 134217728}");
    try (EmbeddedDaemon _ = daemon(socket)) {
      assertThat(
              run(
                  "run",
                  "-c",
                  "test+unix:///default?socket=" + socket,
                  "--only",
                  "OnceCases.define",
                  "--domain-template",
                  template.toString()))
          .matches(result -> result.code() == 0 && result.out().contains("1 passed"));
    }
  }

  @Test
  void whatCannotBeRunIsTold() throws IOException {
    Path template =
        Files.writeString(directory.resolve("domain.json"), "{\"disks\": [{\"target\": \"vda\"}]}");

    assertThat(run("run", "--only", "nosuch"))
        .isEqualTo(
            new Result(
                2, "", "error: no case is meant by nosuch; see 'drover conformance list'\n"));
    assertThat(run("run", "-c", "test+unix:///default?socket=/nowhere/s").err())
        .startsWith("error: test:///default cannot be tested: no daemon answers there; start one");
    assertThat(run("run", "--domain-template", template.toString()).err()).contains("has disks");
    assertThat(run("run", "--private").err()).contains("is not there to be started");
    assertThat(run("run", "-c", "nonsense").code()).isEqualTo(2);
  }

  @Test
  void aDaemonThatRunsAlreadyMayBeTestedAgainAndKeepsItsOwnDomains() {
    Path socket = directory.resolve("s.sock");
    String uri = "test+unix:///default?socket=" + socket;
    try (EmbeddedDaemon _ = daemon(socket);
        Drover drover = Drover.connect(uri)) {
      // Called as the domains of the first case used to be.
      var _ =
          drover
              .domains()
              .define(DomainSpec.newBuilder().setName("conf-1-vm").setMemoryBytes(1 << 20).build());
      for (int time = 1; time <= 2; time++) {
        assertThat(run("run", "-c", uri, "--only=OfflineCases.speed"))
            .as("run %d", time)
            .matches(result -> result.code() == 0 && result.out().contains("1 passed"));
      }
      assertThat(drover.domains().list())
          .extracting(domain -> domain.getSpec().getName())
          .containsExactlyInAnyOrder("test", "conf-1-vm");
    }
  }

  @Test
  void aSlipOfTheHandBesideAnIdLeavesNothingOut() {
    assertThat(run("run", "--only", "OnceCases,nosuch,LimitCase,neither"))
        .isEqualTo(
            new Result(
                2,
                "",
                "error: no case is meant by nosuch, neither; see 'drover conformance list'\n"));
  }

  @Test
  void anIdIsTakenAsItIsPrinted() {
    String id = "CommitCases.intermediateCommit[C4 (-, snap2, shallow) OFF]";

    assertThat(run("list", id + ",OnceCases.define").out().lines())
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).startsWith(id + "  "),
            line -> assertThat(line).startsWith("OnceCases.define  "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--junit", "--markdown"})
  void aReportWithoutAPlaceIsToldBeforeTheFirstCase(String option) {
    Path nowhere = directory.resolve("nowhere/report");

    assertThat(run("run", option, nowhere.toString()))
        .isEqualTo(
            new Result(
                2,
                "",
                "error: %s cannot be written: its directory is not there\n".formatted(nowhere)));
    assertThat(run("run", option, directory.toString()).err())
        .isEqualTo("error: %s cannot be written: it is a directory\n".formatted(directory));
  }

  @Test
  void aReportThatCannotBeWrittenInTheEndIsNoFailedCase() {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();
    Path socket = directory.resolve("s.sock");
    try (EmbeddedDaemon _ = daemon(socket)) {
      assertThat(
              run(
                  "run",
                  "-c",
                  "test+unix:///default?socket=" + socket,
                  "--only=OnceCases.define",
                  "--junit",
                  full.toString()))
          .matches(
              result -> result.code() == 2 && result.out().contains("1 passed"), "2, having passed")
          .extracting(Result::err)
          .asString()
          .startsWith("error: the cases have run, but /dev/full cannot be written: ");
    }
  }

  @Test
  void aDriverWithDisksNeedsSomebodyWhoMakesImages() {
    Path socket = directory.resolve("s.sock");
    try (EmbeddedDaemon _ =
        EmbeddedDaemon.in(directory.resolve("daemon"), new OtherProvider(true)).onSocket(socket)) {
      Result result = run("run", "-c", "other+unix:///default?socket=" + socket);

      assertThat(result.code()).isEqualTo(2);
      assertThat(result.err())
          .contains("how images are made for other:///default is not known here");
    }
  }

  @Test
  void aDriverWithoutDisksNeedsNobodyWhoKnowsIt() {
    Path socket = directory.resolve("s.sock");
    try (EmbeddedDaemon _ =
        EmbeddedDaemon.in(directory.resolve("daemon"), new OtherProvider(false)).onSocket(socket)) {
      Result result =
          run(
              "run",
              "-c",
              "other+unix:///default?socket=" + socket,
              "--only",
              "OnceCases.define,PullCases,RebaseCases,OfflineCases");

      assertThat(result.err()).isEmpty();
      assertThat(result.code()).isZero();
      assertThat(result.out()).contains("1 passed, ", " declared unsupported, 0 failed in ");
    }
  }

  /** The test driver under a scheme that the program has never heard of, with disks or without. */
  private record OtherProvider(boolean disks) implements DriverProvider {

    @Override
    public String scheme() {
      return "other";
    }

    @Override
    public String description() {
      return "another driver with disks";
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    @Override
    public Driver open(DriverContext context) {
      return new OtherDriver(new TestDriverProvider().open(context), disks);
    }
  }

  private record OtherDriver(Driver known, boolean disks) implements Driver {
    @Override
    public DriverInfo info() {
      DriverInfo info = known.info();
      return new DriverInfo(
          List.of("other:///default"),
          info.hypervisorName(),
          info.hypervisorVersion(),
          info.hypervisorPath(),
          disks ? info.declared() : Set.of(),
          info.accelerations(),
          info.machines(),
          info.unavailableDetail());
    }

    @Override
    public NodeInfoSource node() {
      return known.node();
    }

    @Override
    public Domains domains() {
      return known.domains();
    }

    @Override
    public Optional<BlockJobs> blockJobs() {
      return disks ? known.blockJobs() : Optional.empty();
    }

    @Override
    public void close() {
      known.close();
    }
  }

  @Test
  void casesAreListed() {
    assertThat(run("list", "C4").out())
        .contains("CommitCases.intermediateCommit[C4 (-, snap2, shallow) OFF]")
        .doesNotContain("OnceCases");
  }
}
