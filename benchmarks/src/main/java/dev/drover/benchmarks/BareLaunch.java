package dev.drover.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The command line of a QEMU, as read from a running one that Drover started: so both sides differ
 * in nothing but who speaks to the monitor.
 *
 * @param arguments the program and its arguments
 */
record BareLaunch(List<String> arguments) {

  /** Copies the list. */
  BareLaunch {
    arguments = List.copyOf(arguments);
  }

  /** Reads the command line of a process. */
  static BareLaunch of(long process) {
    try {
      String line = Files.readString(Path.of("/proc", Long.toString(process), "cmdline"));
      return new BareLaunch(List.of(line.split("\0", -1))).withoutEnd();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Behind the last argument there is another separator. */
  private BareLaunch withoutEnd() {
    return new BareLaunch(arguments.subList(0, arguments.size() - 1));
  }

  /** The same with other directories. */
  BareLaunch moved(Path from, Path to) {
    return new BareLaunch(
        arguments.stream().map(argument -> argument.replace(from + "/", to + "/")).toList());
  }

  /** Directory of the process's own files. */
  Path runDirectory() {
    Path pidFile = Path.of(values("-pidfile").getFirst());
    Path directory = pidFile.getParent();
    if (directory == null) {
      throw new IllegalStateException("no directory in " + pidFile);
    }
    return directory;
  }

  /** Names of the disk's format nodes, from the active image down. */
  List<String> nodes() {
    JsonMapper json = JsonMapper.builder().build();
    return values("-blockdev").reversed().stream()
        .map(
            option -> {
              try {
                return json.readTree(option);
              } catch (JsonProcessingException e) {
                throw new IllegalStateException("-blockdev is not JSON: " + option, e);
              }
            })
        .filter(node -> node.has("file"))
        .map((JsonNode node) -> node.get("node-name").asText())
        .toList();
  }

  private List<String> values(String option) {
    return IntStream.range(0, arguments.size() - 1)
        .filter(index -> arguments.get(index).equals(option))
        .mapToObj(index -> arguments.get(index + 1))
        .toList();
  }
}
