package dev.drover.qemu.config;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The files of one running QEMU or storage daemon.
 *
 * @param directory directory of its own, mode 0700
 */
public record RunFiles(Path directory) {

  /** Name of the channel to the guest's agent: of its socket, and of its character device. */
  public static final String AGENT = "agent";

  /** Longest path that a unix socket can be bound to, in bytes. */
  private static final int MAX_SOCKET_PATH_BYTES = 107;

  /** Monitor that the driver uses. */
  public Path monitor() {
    return directory.resolve("qmp");
  }

  /** Second monitor, for people who look while the driver works. */
  public Path diagnostics() {
    return directory.resolve("qmp-diag");
  }

  /** Channel to the agent in the guest, where the domain has one. */
  public Path agent() {
    return directory.resolve(AGENT);
  }

  /** Socket on which the driver takes the guest's memory from QEMU. */
  public Path memorySource() {
    return directory.resolve("mem-out");
  }

  /** Socket on which a starting QEMU takes the guest's memory from the driver. */
  public Path memorySink() {
    return directory.resolve("mem-in");
  }

  /** Socket of exports that nobody uses. */
  public Path exports() {
    return directory.resolve("exports");
  }

  /** File into which QEMU writes its process id. */
  public Path pidFile() {
    return directory.resolve("qemu.pid");
  }

  /** What QEMU prints. */
  public Path output() {
    return directory.resolve("qemu.log");
  }

  /**
   * Refuses a directory in which no socket can be bound.
   *
   * @throws DriverException PATH_NOT_ALLOWED
   */
  public void requireShort() {
    Path longest = diagnostics();
    if (longest.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH_BYTES) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
          ("the daemon's runtime directory is too long a path for sockets, which end at %d bytes:"
                  + " '%s'; choose a shorter one")
              .formatted(MAX_SOCKET_PATH_BYTES, longest),
          "path",
          longest.toString());
    }
  }

  /** The log files of a domain's serial consoles, in the order of the spec. */
  public List<Path> serialLogs(DomainSpec spec) {
    return IntStream.range(0, spec.getSerialConsolesCount())
        .mapToObj(
            index -> {
              String chosen = spec.getSerialConsoles(index).getLogPath();
              return chosen.isEmpty()
                  ? directory.resolve("serial" + index + ".log")
                  : Path.of(chosen);
            })
        .toList();
  }
}
