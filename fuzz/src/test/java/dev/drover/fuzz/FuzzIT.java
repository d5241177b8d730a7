package dev.drover.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.cli.HostileDocument;
import dev.drover.qemu.qmp.HostileQemu;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every target in a process of its own with little memory: a number of steps along one path, so
 * that a change fails by what it brings, and not by how quick a machine is. Where the environment
 * says for how long ({@code DROVER_FUZZ_SECONDS}), each run looks along a path of its own.
 */
class FuzzIT {

  private static final Optional<Long> ASKED_SECONDS =
      Optional.ofNullable(System.getenv("DROVER_FUZZ_SECONDS")).map(Long::parseLong);

  /** A machine that is slower than any goes less far. */
  private static final long SECONDS = ASKED_SECONDS.orElse(60L);

  /** Where the path begins; libFuzzer chooses one for 0. */
  private static final int SEED = ASKED_SECONDS.isPresent() ? 0 : 1;

  private static final int UNLIMITED = -1;

  /** To begin, to instrument classes and to write down what was found. */
  private static final long BESIDES_SECONDS = 600;

  @TempDir Path directory;

  /** What is read. */
  enum Target {
    QEMU(HostileQemu.class, 2000),
    AGENT(HostileAgent.class, 2000),
    FILE(HostileFile.class, 20_000),
    DOCUMENT(HostileDocument.class, 20_000),
    IMAGE(HostileImage.class, 20_000),
    MESSAGE(HostileMessage.class, 20_000),
    FRAMES(HostileFrames.class, 500);

    private final Class<?> code;
    private final int runs;

    Target(Class<?> code, int runs) {
      this.code = code;
      this.runs = runs;
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingThatSomebodyElseWritesDoesHarm(Target target) throws Exception {
    Path output = directory.resolve("output.txt");
    Process process =
        new ProcessBuilder(command(target))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(SECONDS + BESIDES_SECONDS, TimeUnit.SECONDS);
      String said = Files.readString(output, StandardCharsets.ISO_8859_1);
      assertThat(ended).as("it ends; it said %s", tail(said)).isTrue();
      assertThat(process.exitValue()).as(tail(said)).isZero();
      assertThat(said).as("it ran for its time").contains("Done ");
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> command(Target target) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+EnableDynamicAgentLoading",
            "--enable-native-access=ALL-UNNAMED",
            "-Dguice_custom_class_loading=CHILD",
            "-Djava.io.tmpdir=" + directory,
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.code.getName(),
            "--instrumentation_includes=dev.drover.**",
            "--instrumentation_excludes=dev.drover.v1.**:dev.drover.testing.v1.**",
            "--custom_hook_includes=dev.drover.**",
            "-max_total_time=" + SECONDS,
            "-seed=" + SEED,
            "-runs=" + (ASKED_SECONDS.isPresent() ? UNLIMITED : target.runs),
            "-max_len=4096",
            "-rss_limit_mb=0",
            corpus(target).toString()));
    return command;
  }

  /** Honest examples to start from. */
  private Path corpus(Target target) throws IOException {
    Path corpus = Files.createDirectory(directory.resolve("corpus"));
    List<byte[]> examples =
        switch (target) {
          case MESSAGE -> HostileMessage.examples();
          case FRAMES -> List.of();
          case QEMU, AGENT, FILE, DOCUMENT, IMAGE -> recorded(target);
        };
    for (int i = 0; i < examples.size(); i++) {
      Files.write(corpus.resolve("example-" + i), examples.get(i));
    }
    return corpus;
  }

  private static List<byte[]> recorded(Target target) throws IOException {
    Path folder = Path.of("src", "test", "examples", target.name().toLowerCase(Locale.ROOT));
    List<byte[]> examples = new ArrayList<>();
    try (var files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        examples.add(Files.readAllBytes(file));
      }
    }
    return examples;
  }

  private static String tail(String said) {
    return said.substring(Math.max(0, said.length() - 6000));
  }
}
