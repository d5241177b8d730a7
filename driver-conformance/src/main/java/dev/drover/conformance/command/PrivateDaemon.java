package dev.drover.conformance.command;

import dev.drover.conformance.ConformancePolicy;
import dev.drover.conformance.SilentCollector;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@code droverd} of the run's own, with state, sockets and configuration in its directory. */
final class PrivateDaemon implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(1);
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final String READY = "droverd ready on ";
  private static final int LAST_WORDS = 20;

  /** Where the launcher of the daemon is told further flags of its JVM. */
  private static final String FLAGS = "DROVERD_JVM_FLAGS";

  /**
   * In the minute that a run takes, the thorough compiler needs more of the processors than its
   * code saves.
   */
  private static final String QUICK_COMPILER = "-XX:TieredStopAtLevel=1";

  private final List<String> command;
  private final Path directory;
  private final Path socket;
  private final SilentCollector collector;
  private Process process;

  private PrivateDaemon(
      List<String> command, Path directory, Path socket, SilentCollector collector) {
    this.command = command;
    this.directory = directory;
    this.socket = socket;
    this.collector = collector;
    this.process = start(command);
  }

  /**
   * Starts one.
   *
   * @param program the {@code droverd} of this installation
   * @param directory what it has all of its files in
   * @throws UnusableTarget where it does not start
   */
  static PrivateDaemon in(Path directory, Path program) {
    Path configuration = directory.resolve("droverd.toml");
    Path socket = directory.resolve("droverd.sock");
    SilentCollector collector = SilentCollector.start();
    try {
      Files.writeString(
          configuration, configuration(ConformancePolicy.in(directory), collector.endpoint()));
      return new PrivateDaemon(
          List.of(
              program.toString(),
              "--mode=session",
              "--config=" + configuration,
              "--state-directory=" + directory.resolve("state"),
              "--runtime-directory=" + directory.resolve("run"),
              "--socket=" + socket),
          directory,
          socket,
          collector);
    } catch (IOException e) {
      collector.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      collector.close();
      throw e;
    }
  }

  /**
   * What drivers are told: a machine whose KVM is slow to prove itself is not waited for, and the
   * disks of the test driver are as fast as those that QEMU's cases have, which end at once. Only
   * what a case asks for is traced.
   */
  private static String configuration(Path policy, URI collector) {
    return """
    [driver.qemu]
    acceleration = "tcg"
    [driver.test]
    disk_bytes_per_second = "671088640"
    [access]
    policy_file = "%s"
    [tracing]
    otlp_endpoint = "%s"
    sample_percent = 0
    """
        .formatted(policy, collector);
  }

  Path socket() {
    return socket;
  }

  /** Ends it as a service restart would, and starts it again on the same state. */
  void restart() {
    stop();
    process = start(command);
  }

  @Override
  public void close() {
    try (collector) {
      stop();
    } finally {
      endWhatIsLeft(directory);
    }
  }

  /**
   * Ends what outlives a daemon, as domains and the writers of their images do, where cases could
   * not end it themselves. Everything that runs for this daemon alone has its directory, whose name
   * no other run has, in its command line.
   */
  static void endWhatIsLeft(Path directory) {
    List<ProcessHandle> left =
        ProcessHandle.allProcesses()
            .filter(one -> one.pid() != ProcessHandle.current().pid())
            .filter(one -> one.info().commandLine().orElse("").contains(directory + File.separator))
            .toList();
    left.forEach(ProcessHandle::destroyForcibly);
    left.forEach(one -> one.onExit().orTimeout(STOP.toSeconds(), TimeUnit.SECONDS).join());
  }

  private static Process start(List<String> command) {
    Process started;
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      // What the caller says comes last, so that it decides.
      var _ =
          builder
              .environment()
              .merge(FLAGS, QUICK_COMPILER, (callers, quick) -> quick + " " + callers);
      started = builder.start();
    } catch (IOException e) {
      throw new UnusableTarget("%s cannot be started: %s".formatted(command.getFirst(), e), e);
    }
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    Deque<String> words = new ArrayDeque<>();
    Thread.startVirtualThread(() -> follow(started, ready, words));
    try {
      if (ready.get(START.toSeconds(), TimeUnit.SECONDS)) {
        return started;
      }
      throw new UnusableTarget("droverd did not start:\n" + String.join("\n", words));
    } catch (TimeoutException | ExecutionException e) {
      started.destroyForcibly();
      throw new UnusableTarget("droverd is not ready within " + START, e);
    } catch (InterruptedException e) {
      started.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new UnusableTarget("interrupted while droverd starts", e);
    }
  }

  /** Reads all it prints, so that it never waits for a reader; the last lines are for a failure. */
  private static void follow(
      Process started, CompletableFuture<Boolean> ready, Deque<String> words) {
    try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(READY)) {
          ready.complete(true);
        } else if (!ready.isDone()) {
          words.addLast(line);
          if (words.size() > LAST_WORDS) {
            words.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      words.addLast(e.toString());
    }
    ready.complete(false);
  }

  private void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("droverd did not end within " + STOP + " and was killed");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
