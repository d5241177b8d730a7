package dev.drover.qemu;

import dev.drover.spi.NodeInfoSource;
import dev.drover.v1.NodeInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The host as {@code /proc} describes it, which answers from the kernel's memory. */
final class HostNode implements NodeInfoSource {

  private static final long KIBIBYTE = 1024;
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private final String cpuModel = value(lines(PROCESSORS), "model name").orElse(architecture());

  @Override
  public NodeInfo nodeInfo() {
    List<String> memory = lines(MEMORY);
    return NodeInfo.newBuilder()
        .setCpuModel(cpuModel)
        .setCpus(Runtime.getRuntime().availableProcessors())
        .setMemoryBytes(bytes(memory, "MemTotal"))
        .setFreeMemoryBytes(bytes(memory, "MemAvailable"))
        .build();
  }

  private static long bytes(List<String> memory, String key) {
    return value(memory, key)
        .map(text -> Long.parseLong(text.replace(" kB", "")) * KIBIBYTE)
        .orElse(0L);
  }

  private static Optional<String> value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }

  /** A host without these files is one of which nothing is known. */
  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String architecture() {
    return Optional.ofNullable(System.getProperty("os.arch")).orElse("");
  }
}
