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
 * Every target for some seconds, in a process of its own with little memory: along one path, so
 * that a change fails by what it brings. Where the environment says for how long ({@code
 * DROVER_FUZZ_SECONDS}), each run looks along a path of its own.
 */
class FuzzIT {

  private static final Optional<Long> ASKED_SECONDS =
      Optional.ofNullable(System.getenv("DROVER_FUZZ_SECONDS")).map(Long::parseLong);

  private static final long SECONDS = ASKED_SECONDS.orElse(5L);

  /** Where the path begins; libFuzzer chooses one for 0. */
  private static final int SEED = ASKED_SECONDS.isPresent() ? 0 : 1;

  /** To begin, to instrument classes and to write down what was found. */
  private static final long BESIDES_SECONDS = 600;

  @TempDir Path directory;

  /** What is read. */
  enum Target {
    QEMU(HostileQemu.class),
    AGENT(HostileAgent.class),
    FILE(HostileFile.class),
    DOCUMENT(HostileDocument.class),
    IMAGE(HostileImage.class),
    MESSAGE(HostileMessage.class),
    FRAMES(HostileFrames.class);

    private final Class<?> code;

    Target(Class<?> code) {
      this.code = code;
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
