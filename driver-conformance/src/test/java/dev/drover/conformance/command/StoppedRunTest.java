package dev.drover.conformance.command;

import static dev.drover.conformance.bench.Waiting.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.Drover;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.ListDomainsRequest;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever stops a run finds nothing of it afterwards. */
class StoppedRunTest {
  private static final String STOP = "told to stop here";

  @TempDir Path directory;

  @Test
  void casesUnderWayEndAndRemoveWhatTheyMade() throws IOException, InterruptedException {
    Path socket = directory.resolve("s.sock");
    Path report = directory.resolve("junit.xml");
    String uri = "test+unix:///default?socket=" + socket;
    try (EmbeddedDaemon _ =
            EmbeddedDaemon.in(directory.resolve("daemon"), new TestDriverProvider())
                .onSocket(socket);
        Drover drover = Drover.connect(uri)) {
      Process run =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  ConformanceCommand.class.getName(),
                  "run",
                  "--verbose",
                  "--junit=" + report,
                  "--connect=" + uri)
              .redirectErrorStream(true)
              .start();
      try (BufferedReader lines = run.inputReader(UTF_8)) {
        List<String> told = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("passed ") && told.stream().noneMatch(one -> one.equals(STOP))) {
            told.add(STOP);
            // The handle: a Process closes what can still be read of it.
            var _ = run.toHandle().destroy();
          }
          told.add(line);
        }
        assertThat(told)
            .contains(STOP)
            .anyMatch(
                line ->
                    line.matches("error: stopped when \\d+ of \\d+ cases had run; no report .*"));
      }
      assertThat(run.waitFor(2, TimeUnit.MINUTES)).isTrue();

      assertThat(run.exitValue()).as("ended by SIGTERM").isEqualTo(128 + 15);
      assertThat(
              DomainServiceGrpc.newBlockingStub(drover.channel())
                  .listDomains(ListDomainsRequest.getDefaultInstance())
                  .getDomainsList())
          .extracting(domain -> domain.getSpec().getName())
          .as("the domain that was there before")
          .containsExactly("test");
      assertThat(report).doesNotExist();
    }
  }

  @Test
  void aDaemonThatIsGoneEndsTheRun() {
    Path socket = directory.resolve("s.sock");
    EmbeddedDaemon daemon =
        EmbeddedDaemon.in(directory.resolve("daemon"), new TestDriverProvider()).onSocket(socket);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(
            () ->
                ConformanceCommand.run(
                    new PrintStream(out, true, UTF_8),
                    new PrintStream(err, true, UTF_8),
                    "run",
                    "--verbose",
                    "--connect=test+unix:///default?socket=" + socket),
            Thread::startVirtualThread);
    await("cases run")
        .atMost(Duration.ofMinutes(2))
        .until(() -> out.toString(UTF_8).contains("passed "));
    daemon.close();

    assertThat(code).succeedsWithin(Duration.ofMinutes(2)).isEqualTo(ConformanceCommand.UNUSABLE);
    assertThat(err.toString(UTF_8))
        .matches(
            "error: the daemon was gone in \\S.*, when \\d+ of \\d+ cases had run; no report.*\\n");
    assertThat(out.toString(UTF_8)).doesNotContain("FAILED");
  }

  @Test
  void whatOutlivesADaemonOfTheRunEndsWithTheRun() throws IOException, InterruptedException {
    Path mine = Files.createDirectory(directory.resolve("run-1"));
    Process left = reader(mine.resolve("qemu.pid"));
    Process other = reader(directory.resolve("run-10/qemu.pid"));
    try {
      PrivateDaemon.endWhatIsLeft(mine);

      assertThat(left.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(other.isAlive()).as("what belongs to another run").isTrue();
    } finally {
      left.destroy();
      other.destroy();
    }
  }

  /** A process that waits for input, with a path in its command line. */
  private static Process reader(Path file) throws IOException {
    return new ProcessBuilder("sh", "-c", "read -r _; exit 0", file.toString()).start();
  }
}
