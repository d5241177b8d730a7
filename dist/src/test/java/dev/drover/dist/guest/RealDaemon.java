package dev.drover.dist.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.Drover;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A daemon in a process of its own, which can be killed and started again on the same state. */
final class RealDaemon implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final Path socket;
  private Process process;

  /** Starts a daemon whose state, sockets and log are in this directory. */
  RealDaemon(Path directory) {
    this.directory = directory;
    this.socket = directory.resolve("droverd.sock");
    this.process = spawn();
  }

  private Process spawn() {
    try {
      Process started =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-Dguice_custom_class_loading=CHILD",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "dev.drover.server.Droverd",
                  "--mode",
                  "session",
                  "--state-directory",
                  directory.resolve("state").toString(),
                  "--runtime-directory",
                  directory.resolve("run").toString(),
                  "--socket",
                  socket.toString())
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve("droverd.log").toFile()))
              .start();
      Awaitility.await("the daemon listens")
          .atMost(PATIENCE)
          .until(() -> Files.exists(socket) && started.isAlive());
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects a client to the QEMU driver. */
  Drover connect() {
    return connect(PATIENCE);
  }

  /** The same for calls that may take this long. */
  Drover connect(Duration deadline) {
    return Drover.builder()
        .uri("qemu+unix:///session?socket=" + socket)
        .deadline(deadline)
        .reconnectFor(PATIENCE)
        .build();
  }

  /** Ends the daemon as the kernel does: at once, without asking it. */
  void kill() {
    process.destroyForcibly();
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the daemon is gone").isTrue();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts the next daemon on the same state. */
  void startAgain() {
    process = spawn();
  }

  /** What every daemon so far has logged. */
  List<String> log() {
    try {
      return Files.readAllLines(directory.resolve("droverd.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
