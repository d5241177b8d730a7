package dev.drover.benchmarks;

import dev.drover.client.Drover;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** {@code droverd} in a process of its own, so that its memory is nobody else's. */
final class DaemonProcess implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_MILLISECONDS = 20;
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin");

  /** One line for each generation of the heap. */
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  /** Collects twice: the first leaves what has to be cleaned up before it can go. */
  private static final String QUESTIONS =
      """
      GC.run
      GC.run
      GC.heap_info
      """;

  private final Path socket;
  private final Path questions;
  private final Process process;

  /**
   * Memory of the daemon.
   *
   * @param heap what the heap holds after a collection, in KiB
   * @param resident what the process has of the host's memory then, in KiB
   */
  record Memory(long heap, long resident) {}

  /**
   * Starts a daemon and waits until it listens.
   *
   * @param directory where its files are; it is made
   * @param config its configuration
   */
  DaemonProcess(Path directory, String config) {
    this.socket = directory.resolve("droverd.sock");
    try {
      Files.createDirectory(directory);
      this.questions = Files.writeString(directory.resolve("questions"), QUESTIONS);
      Path file = Files.writeString(directory.resolve("droverd.toml"), config);
      Path output = directory.resolve("output");
      this.process =
          new ProcessBuilder(
                  JAVA.resolve("java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-Dguice_custom_class_loading=CHILD",
                  "-XX:+UseSerialGC",
                  // What is dead is not left in place, so that the heap says what is held.
                  "-XX:MarkSweepAlwaysCompactCount=1",
                  "-XX:+ExitOnOutOfMemoryError",
                  "-Dio.netty.leakDetection.level=disabled",
                  "-Djdk.virtualThreadScheduler.parallelism=64",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "dev.drover.server.Droverd",
                  "--mode",
                  "session",
                  "--log-level",
                  "warn",
                  "--config",
                  file.toString(),
                  "--state-directory",
                  directory.resolve("state").toString(),
                  "--runtime-directory",
                  directory.resolve("run").toString(),
                  "--socket",
                  socket.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      awaitListening(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitListening(Path output) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!Files.exists(socket)) {
        if (process.waitFor(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
          close();
          throw new IllegalStateException("droverd did not start: " + Files.readString(output));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new IllegalStateException("interrupted while droverd started", e);
    }
  }

  /** A client of the test driver, for the caller to close. */
  Drover connect() {
    return Drover.builder().uri("test+unix:///default?socket=" + socket).deadline(PATIENCE).build();
  }

  /** Time that processors have spent on it. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Collects garbage, and says what is left. */
  Memory memory() {
    String told =
        Programs.run(
            List.of(
                JAVA.resolve("jcmd").toString(),
                Long.toString(process.pid()),
                "-f",
                questions.toString()));
    long heap = USED.matcher(told).results().mapToLong(DaemonProcess::number).sum();
    if (heap == 0) {
      throw new IllegalStateException("the heap's size is not told in the form that is known");
    }
    try {
      String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
      return new Memory(
          heap, RESIDENT.matcher(status).results().mapToLong(DaemonProcess::number).sum());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long number(MatchResult found) {
    return Long.parseLong(found.group(1));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while droverd ended", e);
    }
  }
}
