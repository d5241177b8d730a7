package dev.drover.qemu.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that outlives the daemon. It is started by {@code setsid}, which makes a session of its
 * own and then becomes the program, so the program is the daemon's child under the known pid and
 * its exit code can be read; {@code -daemonize} would give up both that and its error output.
 * Output goes to a file, as a pipe would break when the daemon ends. After a restart of the daemon
 * the same process is adopted by its identity and watched by looking at it.
 */
public final class QemuProcess {
  /** Name of the file in the run directory that holds the {@link ProcessIdentity}. */
  public static final String IDENTITY_FILE = "process.identity";

  private static final Logger logger = LoggerFactory.getLogger(QemuProcess.class);
  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final Path DEV_NULL = Path.of("/dev/null");

  /** A killed process is gone at once unless the kernel itself is stuck on its behalf. */
  private static final Duration KILL_DEADLINE = Duration.ofSeconds(5);

  /** How long a killed process may have no memory and still be there before that is its end. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** How often a wait for a start looks; the whole start takes 10 to 60 ms. */
  private static final Duration START_INTERVAL = Duration.ofMillis(2);

  /** Longest wait for a start: what is not idle then may be talked to all the same. */
  private static final Duration START_LIMIT = Duration.ofSeconds(5);

  /** How often a wait for the end of an adopted process looks at it. */
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(10);

  private final ProcessIdentity identity;
  private final Path outputFile;
  private final ProcessHandle handle;
  private final boolean child;
  private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();

  private QemuProcess(
      ProcessIdentity identity, Path outputFile, ProcessHandle handle, boolean child) {
    this.child = child;
    this.identity = identity;
    this.outputFile = outputFile;
    this.handle = handle;
  }

  /**
   * Starts a process and writes its identity to the run directory. A program that ends at once, for
   * example over a disk it cannot open, is a started process whose {@link #exit} soon completes.
   *
   * @throws IOException when it cannot be started at all; nothing is left running then
   */
  public static QemuProcess spawn(SpawnSpec spec) throws IOException {
    Path program = Path.of(spec.command().getFirst());
    if (!Files.isExecutable(program)) {
      throw new IOException(
          program + (Files.exists(program) ? " may not be executed" : " does not exist"));
    }
    keepPrevious(spec.outputFile());
    List<String> command = new ArrayList<>();
    command.add(SETSID.toString());
    command.addAll(spec.command());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(spec.runDirectory().toFile())
            .redirectInput(DEV_NULL.toFile())
            .redirectErrorStream(true)
            .redirectOutput(outputTo(spec.outputFile()));
    builder.environment().clear();
    builder.environment().putAll(spec.environment());
    Process child = builder.start();
    try {
      ProcessIdentity identity = ProcessIdentity.ofChild(child.pid());
      identity.write(spec.runDirectory().resolve(IDENTITY_FILE));
      QemuProcess process = new QemuProcess(identity, spec.outputFile(), child.toHandle(), true);
      process.completeWhenChildEnds(child);
      return process;
    } catch (IOException | RuntimeException e) {
      child.destroyForcibly();
      throw e;
    }
  }

  /** Keeps the last output of the run before, so that a tail is always of this run. */
  private static void keepPrevious(Path outputFile) throws IOException {
    if (Files.exists(outputFile)) {
      Files.move(
          outputFile,
          outputFile.resolveSibling(outputFile.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static ProcessBuilder.Redirect outputTo(Path outputFile) {
    File file = outputFile.toFile();
    return ProcessBuilder.Redirect.appendTo(file);
  }

  private void completeWhenChildEnds(Process child) {
    var _ = child.onExit().thenAccept(ended -> completeExit(OptionalInt.of(ended.exitValue())));
  }

  /**
   * Takes over a process that another run of the daemon started. It is looked at periodically; call
   * {@link #checkNow} when there is a hint, such as the end of its QMP connection.
   *
   * @param identity who it must be
   * @param outputFile where its output goes
   * @param poller runs the looks, each of which takes microseconds
   * @param interval time between looks
   * @return empty when that process does not live any more
   * @throws IOException when the system does not tell
   */
  public static Optional<QemuProcess> adopt(
      ProcessIdentity identity, Path outputFile, ScheduledExecutorService poller, Duration interval)
      throws IOException {
    Optional<ProcessHandle> handle = ProcessHandle.of(identity.pid());
    // The handle remembers its own start time, so from here on no signal can reach a successor.
    if (handle.isEmpty() || !identity.isAlive()) {
      return Optional.empty();
    }
    QemuProcess process = new QemuProcess(identity, outputFile, handle.get(), false);
    ScheduledFuture<?> looks =
        poller.scheduleWithFixedDelay(
            process::checkNow, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    var _ = process.exit.whenComplete((ended, failure) -> looks.cancel(false));
    return Optional.of(process);
  }

  /** Looks whether an adopted process still lives and completes {@link #exit} when it does not. */
  public void checkNow() {
    try {
      if (!exit.isDone() && !child && !identity.isAlive()) {
        completeExit(OptionalInt.empty());
      }
    } catch (IOException e) {
      logger.warn("Cannot tell whether process {} lives; will look again", identity.pid(), e);
    }
  }

  private void completeExit(OptionalInt exitCode) {
    completeExit(exitCode, false);
  }

  private void completeExit(OptionalInt exitCode, boolean lingers) {
    String tail;
    try {
      tail = outputTail();
    } catch (UncheckedIOException e) {
      logger.warn("Cannot read the output of process {}", identity.pid(), e);
      tail = "(its output could not be read: " + e.getMessage() + ")";
    }
    exit.complete(new ProcessExit(exitCode, tail, lingers));
  }

  /** Who it is. */
  public ProcessIdentity identity() {
    return identity;
  }

  /** Process id; equal to the pid of the QMP peer. */
  public long pid() {
    return identity.pid();
  }

  /** Completes when the process has ended. For an adopted one at the next look. */
  public CompletableFuture<ProcessExit> exit() {
    return exit.copy();
  }

  /** Whether it has not been seen to end. */
  public boolean isAlive() {
    checkNow();
    return !exit.isDone() && handle.isAlive();
  }

  /**
   * Waits until a QEMU or storage daemon has started: its pid file, the last thing that it makes,
   * is there, and all of its threads sleep. While it starts, its monitor moves from the main thread
   * to one of its own; a client that comes before both are done with that may be taken by both,
   * which leaves one of them waiting for another client, or crashes it (7.2: 1 start in 350 on a
   * busy host). Gives up after 5 s, and when the process ends.
   *
   * @param pidFile the file that it was told to make
   * @param atMost longest wait, where that is less than 5 s
   * @throws InterruptedException when the thread is interrupted
   */
  public void awaitStart(Path pidFile, Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + Math.min(START_LIMIT.toNanos(), atMost.toNanos());
    while (!hasStarted(pidFile) && System.nanoTime() < end) {
      if (awaitExit(START_INTERVAL).isPresent()) {
        return;
      }
    }
  }

  private boolean hasStarted(Path pidFile) {
    try {
      return Files.exists(pidFile)
          && ProcStat.readThreads(identity.pid()).stream().allMatch(ProcStat::sleeps);
    } catch (IOException e) {
      logger.debug("Cannot tell what the threads of process {} do", identity.pid(), e);
      return false;
    }
  }

  /**
   * The last of what it printed, at most 4 KiB.
   *
   * @throws UncheckedIOException when the file cannot be read
   */
  public String outputTail() {
    try {
      return OutputTail.read(outputFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Ends the process: SIGTERM, and SIGKILL when that was not enough. QEMU takes about 15 ms for the
   * first, which flushes its disks.
   *
   * @param grace time between the two
   * @return how it ended, {@link ProcessExit#lingers} included; empty when even SIGKILL did not end
   *     it within 5 s, which means that the kernel is stuck in a call of its
   * @throws InterruptedException when the thread is interrupted; the process may still live then
   */
  public Optional<ProcessExit> terminate(Duration grace) throws InterruptedException {
    handle.destroy();
    Optional<ProcessExit> ended = awaitExit(grace);
    return ended.isPresent() ? ended : kill();
  }

  /** Asks the process to end (SIGTERM) and does not wait; QEMU flushes its disks and goes. */
  public void requestEnd() {
    handle.destroy();
  }

  /** Kills the process (SIGKILL) and does not wait. */
  public void requestKill() {
    handle.destroyForcibly();
  }

  /** Ends the process with SIGKILL; like {@link #terminate} without grace. */
  public Optional<ProcessExit> kill() throws InterruptedException {
    handle.destroyForcibly();
    for (Duration wait : List.of(LINGER, KILL_DEADLINE.minus(LINGER))) {
      if (awaitExit(wait).isPresent() || endLingering()) {
        return Optional.of(exit.join());
      }
    }
    return Optional.empty();
  }

  /**
   * Takes a killed process for ended whose program is gone for good, where the kernel waits for a
   * file system to close a file: it may do so for ever, and nothing more is written by then. Its
   * locks of images hold until they are closed.
   */
  private boolean endLingering() {
    try {
      List<ProcStat> threads = ProcStat.readThreads(identity.pid());
      if (threads.isEmpty() || !threads.stream().allMatch(ProcStat::hasLeft)) {
        return false;
      }
    } catch (IOException e) {
      logger.warn("Cannot tell what is left of process {}", identity.pid(), e);
      return false;
    }
    logger.warn(
        "Process {} was killed and has no memory any more; the kernel has yet to close its files",
        identity.pid());
    completeExit(OptionalInt.empty(), true);
    return true;
  }

  /**
   * Waits for the end.
   *
   * @param timeout longest wait
   * @return empty when it still lives
   */
  public Optional<ProcessExit> awaitExit(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    try {
      while (true) {
        long left = end - System.nanoTime();
        long wait = child ? left : Math.min(left, LOOK_INTERVAL.toNanos());
        try {
          return Optional.of(exit.get(Math.max(0, wait), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
          checkNow();
          if (!exit.isDone() && end - System.nanoTime() <= 0) {
            return Optional.empty();
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the watch of process " + identity.pid() + " failed", e);
    }
  }
}
