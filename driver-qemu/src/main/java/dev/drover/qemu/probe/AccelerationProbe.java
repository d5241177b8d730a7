package dev.drover.qemu.probe;

import dev.drover.qemu.process.ProcessExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Proves that KVM works by running a guest in it (R25). That {@code /dev/kvm} exists and opens
 * proves nothing: under some nested hypervisors every guest hangs. A guest that works needs about
 * 0.2 s; one that has not finished within the limit is killed. The answer holds for the life of
 * this object, which is that of the daemon.
 */
public final class AccelerationProbe {
  /** Ten times what a slow host needs. */
  public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(5);

  private final Path runDirectory;
  private final Duration limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Path, Acceleration> known = new HashMap<>();

  /**
   * @param runDirectory where the guest's disk and output are put meanwhile
   * @param limit how long the guest may take
   */
  public AccelerationProbe(Path runDirectory, Duration limit) {
    this.runDirectory = runDirectory;
    this.limit = limit;
  }

  /**
   * How guests of this binary run; measured at the first call, which takes at most the limit and a
   * few seconds for killing. Callers that ask at the same time wait for the same measurement.
   *
   * @param binary a QEMU system emulator for x86
   * @throws InterruptedException when the thread is interrupted
   */
  public Acceleration acceleration(Path binary) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Acceleration found = known.get(binary);
      if (found == null) {
        found = measure(binary);
        known.put(binary, found);
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  private Acceleration measure(Path binary) throws InterruptedException {
    long start = System.nanoTime();
    Optional<String> obstacle = obstacleTo(binary, "kvm");
    return obstacle.isPresent()
        ? new Acceleration.Tcg(obstacle.get())
        : new Acceleration.Kvm(Duration.ofNanos(System.nanoTime() - start));
  }

  /** Runs the guest and tells what went wrong; empty when it finished as it should. */
  Optional<String> obstacleTo(Path binary, String accelerator) throws InterruptedException {
    try (ThrowAwayQemu qemu =
        ThrowAwayQemu.start(runDirectory, dir -> commandLine(binary, accelerator, dir))) {
      Optional<ProcessExit> exit = qemu.process().awaitExit(limit);
      if (exit.isEmpty()) {
        return Optional.of(
            "%s is present but not usable: a guest of one boot sector did not finish within %d ms"
                .formatted(accelerator, limit.toMillis()));
      }
      if (exit.get().exitCode().equals(OptionalInt.of(ProbeGuest.EXPECTED_EXIT_CODE))) {
        return Optional.empty();
      }
      return Optional.of(
          "%s is not usable: a tiny guest failed, %s: %s"
              .formatted(accelerator, exit.get().describe(), exit.get().outputTail().strip()));
    } catch (IOException e) {
      return Optional.of("%s could not be tried: %s".formatted(accelerator, e.getMessage()));
    }
  }

  private static List<String> commandLine(Path binary, String accelerator, Path directory)
      throws IOException {
    Path disk = directory.resolve("disk");
    Files.write(disk, ProbeGuest.disk());
    return List.of(
        binary.toAbsolutePath().toString(),
        "-M",
        "pc",
        "-accel",
        accelerator,
        "-m",
        "16",
        "-nodefaults",
        "-no-user-config",
        "-no-reboot",
        "-display",
        "none",
        "-drive",
        // In a -drive a comma inside a value is written twice.
        "if=ide,format=raw,file=" + disk.toString().replace(",", ",,"),
        "-device",
        "isa-debug-exit,iobase=0x%x,iosize=4".formatted(ProbeGuest.EXIT_PORT));
  }
}
