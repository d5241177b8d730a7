package dev.drover.qemu.probe;

import dev.drover.qemu.process.ProcessExit;
import dev.drover.spi.DurationWords;
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
 * proves nothing: under some nested hypervisors guests hang, or crawl so far behind emulation that
 * a real guest never comes up. So the same guest runs under emulation first, and KVM has to keep
 * pace with that; on a host where KVM works it is the faster of the two. The answer holds for the
 * life of this object, which is that of the daemon.
 */
public final class AccelerationProbe {
  /** Longest time either guest may take: ten times what a slow host needs under emulation. */
  public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(5);

  /** Spared a comparison of two short times, which chance would decide. */
  private static final Duration ALWAYS_FAST_ENOUGH = Duration.ofMillis(500);

  /** How much slower than emulation a guest may look because the host was busy meanwhile. */
  private static final int ALLOWANCE = 2;

  private final Path runDirectory;
  private final Duration limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Path, Acceleration> known = new HashMap<>();

  /**
   * @param runDirectory where the guest's disk and output are put meanwhile
   * @param limit how long each guest may take
   */
  public AccelerationProbe(Path runDirectory, Duration limit) {
    this.runDirectory = runDirectory;
    this.limit = limit;
  }

  /**
   * How guests of this binary run; measured at the first call, which takes at most twice the limit
   * and a few seconds for killing. Callers that ask at the same time wait for the same measurement.
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
    return switch (run(binary, "tcg", limit)) {
      case Finished emulated -> measureKvm(binary, emulated.took());
      case Failed failed ->
          new Acceleration.Tcg("kvm was not tried, for lack of a comparison: " + failed.reason());
    };
  }

  private Acceleration measureKvm(Path binary, Duration emulated) throws InterruptedException {
    Duration pace = emulated.multipliedBy(ALLOWANCE);
    Duration enough = pace.compareTo(ALWAYS_FAST_ENOUGH) < 0 ? ALWAYS_FAST_ENOUGH : pace;
    return switch (run(binary, "kvm", enough.compareTo(limit) < 0 ? enough : limit)) {
      case Finished accelerated -> new Acceleration.Kvm(accelerated.took());
      case Failed failed ->
          new Acceleration.Tcg(
              "%s, while emulation took %s".formatted(failed.reason(), DurationWords.of(emulated)));
    };
  }

  /** How a guest of the probe ended. */
  sealed interface Trial {}

  /**
   * It finished as it should.
   *
   * @param took time from start to end of the process
   */
  record Finished(Duration took) implements Trial {}

  /**
   * It did not.
   *
   * @param reason what went wrong, for people
   */
  record Failed(String reason) implements Trial {}

  /** Runs the guest, for at most this long. */
  Trial run(Path binary, String accelerator, Duration atMost) throws InterruptedException {
    long start = System.nanoTime();
    try (ThrowAwayQemu qemu =
        ThrowAwayQemu.start(runDirectory, dir -> commandLine(binary, accelerator, dir))) {
      Optional<ProcessExit> exit = qemu.process().awaitExit(atMost);
      if (exit.isEmpty()) {
        return new Failed(
            "%s is present but not usable: a guest of one boot sector did not finish within %s"
                .formatted(accelerator, DurationWords.of(atMost)));
      }
      if (exit.get().exitCode().equals(OptionalInt.of(ProbeGuest.EXPECTED_EXIT_CODE))) {
        return new Finished(Duration.ofNanos(System.nanoTime() - start));
      }
      return new Failed(
          "%s is not usable: a tiny guest failed, %s: %s"
              .formatted(accelerator, exit.get().describe(), exit.get().outputTail().strip()));
    } catch (IOException e) {
      return new Failed("%s could not be tried: %s".formatted(accelerator, e.getMessage()));
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
