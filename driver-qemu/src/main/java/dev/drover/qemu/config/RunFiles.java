package dev.drover.qemu.config;

import dev.drover.v1.DomainSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The files of one running QEMU.
 *
 * @param directory directory of its own, mode 0700
 */
public record RunFiles(Path directory) {

  /** Longest path that a unix socket can be bound to, in bytes. */
  public static final int MAX_SOCKET_PATH_BYTES = 107;

  /** Monitor that the driver uses. */
  public Path monitor() {
    return directory.resolve("qmp");
  }

  /** Second monitor, for people who look while the driver works. */
  public Path diagnostics() {
    return directory.resolve("qmp-diag");
  }

  /** File into which QEMU writes its process id. */
  public Path pidFile() {
    return directory.resolve("qemu.pid");
  }

  /** What QEMU prints. */
  public Path output() {
    return directory.resolve("qemu.log");
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
