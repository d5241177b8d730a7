package dev.drover.qemu.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.process.ProcessExit;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QueryCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks QEMU binaries what they can do, by starting each once without a machine. It takes about 0.15
 * s and is remembered in memory and in the cache directory until the binary changes. Live domains
 * are never asked: some questions make QEMU load modules, which kills it after a package upgrade.
 */
public final class QemuProbe {
  /** For all of it: start, answers, end. */
  static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Duration MESSAGE_PATIENCE = Duration.ofSeconds(2);

  private final QmpEventLoop loop;
  private final Path runDirectory;
  private final CapabilityCache cache;
  private final ConcurrentHashMap<BinaryStamp, CompletableFuture<QemuCapabilities>> known =
      new ConcurrentHashMap<>();

  /**
   * Ends probes that an earlier daemon left behind.
   *
   * @param loop serves the probes' connections
   * @param runDirectory where probes have their sockets; a short path, as socket paths end at 107
   *     bytes
   * @param cacheDirectory where answers are kept
   * @throws IOException when the directories cannot be read
   */
  public QemuProbe(QmpEventLoop loop, Path runDirectory, Path cacheDirectory) throws IOException {
    this.loop = loop;
    this.runDirectory = runDirectory;
    this.cache = new CapabilityCache(cacheDirectory);
    ThrowAwayQemu.sweep(runDirectory);
  }

  /**
   * What a binary can do. Callers that ask at the same time share one probe.
   *
   * @throws ProbeFailedException when it does not start, does not answer in 30 s, or is not QEMU;
   *     the next call tries again
   * @throws InterruptedException when the thread is interrupted
   */
  public QemuCapabilities capabilities(Path binary)
      throws ProbeFailedException, InterruptedException {
    BinaryStamp stamp;
    try {
      stamp = BinaryStamp.of(binary);
    } catch (IOException e) {
      throw new ProbeFailedException("cannot find the QEMU binary " + binary, e);
    }
    CompletableFuture<QemuCapabilities> mine = new CompletableFuture<>();
    Optional<CompletableFuture<QemuCapabilities>> others =
        Optional.ofNullable(known.putIfAbsent(stamp, mine));
    if (others.isEmpty()) {
      probeInto(mine, stamp, binary);
    }
    CompletableFuture<QemuCapabilities> shared = others.orElse(mine);
    try {
      return shared.get(DEADLINE.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ProbeFailedException failure
          ? new ProbeFailedException(String.valueOf(failure.getMessage()), failure)
          : new ProbeFailedException("probing %s failed: %s".formatted(binary, e), e);
    } catch (TimeoutException e) {
      throw new ProbeFailedException("probing %s takes too long".formatted(binary), e);
    }
  }

  private void probeInto(
      CompletableFuture<QemuCapabilities> result, BinaryStamp stamp, Path binary) {
    try {
      Optional<ObjectNode> kept = cache.read(stamp);
      ObjectNode answers = kept.isPresent() ? kept.get() : ask(binary);
      QemuCapabilities capabilities = decode(binary, answers);
      if (kept.isEmpty()) {
        cache.write(stamp, answers);
      }
      result.complete(capabilities);
    } catch (ProbeFailedException | RuntimeException e) {
      known.remove(stamp, result);
      result.completeExceptionally(e);
    }
  }

  private static QemuCapabilities decode(Path binary, ObjectNode answers)
      throws ProbeFailedException {
    try {
      return new QemuCapabilities(
          binary,
          new QueryCommand.QueryVersion().decode(answers.path("version")),
          QmpSchema.of(answers.path("schema")),
          new QueryCommand.QueryMachines().decode(answers.path("machines")),
          new QueryCommand.QueryCpuDefinitions().decode(answers.path("cpuModels")));
    } catch (QmpException | IllegalArgumentException e) {
      throw new ProbeFailedException(
          "%s gave answers that make no sense: %s".formatted(binary, e.getMessage()), e);
    }
  }

  private ObjectNode ask(Path binary) throws ProbeFailedException {
    try (ThrowAwayQemu qemu = ThrowAwayQemu.start(runDirectory, dir -> commandLine(binary, dir))) {
      return ask(binary, qemu);
    } catch (IOException e) {
      throw new ProbeFailedException("cannot start %s: %s".formatted(binary, e.getMessage()), e);
    }
  }

  private ObjectNode ask(Path binary, ThrowAwayQemu qemu) throws ProbeFailedException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    try (QmpConnection connection =
        QmpConnection.connectWhenListening(
            loop, socket(qemu.directory()), DEADLINE, qemu.process()::isAlive)) {
      ObjectNode answers = cache.newEntry();
      answers.set("version", answer(connection, new QueryCommand.QueryVersion(), end));
      answers.set("schema", answer(connection, new QueryCommand.QueryQmpSchema(), end));
      answers.set("machines", answer(connection, new QueryCommand.QueryMachines(), end));
      answers.set("cpuModels", answer(connection, new QueryCommand.QueryCpuDefinitions(), end));
      return answers;
    } catch (IOException | QmpException e) {
      throw new ProbeFailedException(
          "%s does not work as QEMU: %s%s".formatted(binary, e.getMessage(), ending(qemu)), e);
    }
  }

  private static JsonNode answer(QmpConnection connection, QueryCommand<?> question, long end) {
    Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    return connection.executeUndecoded(question, left);
  }

  /** Why the process ended, if it did, with what it printed. */
  private static String ending(ThrowAwayQemu qemu) {
    try {
      Optional<ProcessExit> exit = qemu.process().awaitExit(MESSAGE_PATIENCE);
      return exit.map(
              ended ->
                  "; %s and printed: %s".formatted(ended.describe(), ended.outputTail().strip()))
          .orElse("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static Path socket(Path directory) {
    return directory.resolve("qmp");
  }

  private static List<String> commandLine(Path binary, Path directory) {
    return List.of(
        binary.toAbsolutePath().toString(),
        "-M",
        "none",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-S",
        "-chardev",
        // In a -chardev a comma inside a value is written twice.
        "socket,id=monitor,server=on,wait=off,path="
            + socket(directory).toString().replace(",", ",,"),
        "-mon",
        "chardev=monitor,mode=control");
  }
}
