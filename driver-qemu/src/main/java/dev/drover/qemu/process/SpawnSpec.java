package dev.drover.qemu.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to start.
 *
 * @param command absolute path of the program and its arguments
 * @param runDirectory working directory; receives the identity file
 * @param outputFile receives standard output and error; an existing one is kept as {@code <name>.1}
 * @param environment the whole environment of the process
 */
public record SpawnSpec(
    List<String> command, Path runDirectory, Path outputFile, Map<String, String> environment) {

  /** What a QEMU needs: nothing of the daemon's own environment reaches it. */
  public static final Map<String, String> MINIMAL_ENVIRONMENT =
      Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C.UTF-8");

  /** Checks and copies. */
  public SpawnSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (command.isEmpty() || !Path.of(command.getFirst()).isAbsolute()) {
      throw new IllegalArgumentException("a program is started by its absolute path: " + command);
    }
  }

  /** With {@link #MINIMAL_ENVIRONMENT}. */
  public SpawnSpec(List<String> command, Path runDirectory, Path outputFile) {
    this(command, runDirectory, outputFile, MINIMAL_ENVIRONMENT);
  }
}
