package dev.drover.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The program behind {@code bin/benchmark}: measures what is asked for and prints tables. */
@Command(
    name = "benchmark",
    mixinStandardHelpOptions = true,
    description = {
      "Runs jobs through a whole daemon, side by side with the same jobs driven by hand on a QEMU"
          + " that was started with the same command line, and prints Markdown for"
          + " docs/benchmarks.md.",
      "Names: throughput, offline, pivot, journal, isolation, watch. Without any, all are measured."
    })
public final class Benchmark implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", description = "what to measure")
  private List<String> names = List.of();

  @Option(
      names = "--directory",
      paramLabel = "DIRECTORY",
      description =
          "existing directory for the images; they take three times --mebibytes. Default: that of"
              + " temporary files")
  private Path parent = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(
      names = "--mebibytes",
      paramLabel = "N",
      description = "data that a job moves. Default: 1024")
  private long mebibytes = Scale.FULL.mebibytes();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "pairs of each kind of job. Default: 5")
  private int rounds = Scale.FULL.rounds();

  @Option(
      names = "--small",
      description = "only enough of everything to see that it works here; the figures say nothing")
  private boolean small;

  /** Runs the program. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Benchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    List<Measurement> wanted =
        Arrays.stream(Measurement.values())
            .filter(one -> names.isEmpty() || names.contains(one.title()))
            .toList();
    if (names.size() > 0 && wanted.size() != names.stream().distinct().count()) {
      System.err.println("benchmark: unknown name among " + names + "; see --help");
      return CommandLine.ExitCode.USAGE;
    }
    Path directory = Files.createTempDirectory(parent, "bench");
    Stopwatch watch = new Stopwatch();
    System.out.println(environment());
    try {
      measure(
          wanted,
          small ? Scale.SMOKE : Scale.FULL.with(mebibytes << 20, rounds),
          directory,
          System.out,
          System.err::println);
    } finally {
      delete(directory);
    }
    System.err.printf("took %.0f s%n", watch.milliseconds() / 1000);
    return CommandLine.ExitCode.OK;
  }

  /** Measures, and prints each table as soon as it is complete. */
  static void measure(
      List<Measurement> wanted,
      Scale scale,
      Path directory,
      PrintStream out,
      Consumer<String> progress)
      throws IOException {
    try (DroverSide drover = new DroverSide(directory.resolve("daemon"))) {
      for (Measurement one : wanted) {
        Path own = Files.createDirectory(directory.resolve(one.title()));
        one.run(new Measurement.Bench(drover, scale, own, progress))
            .forEach(table -> out.print(table.markdown()));
        delete(own);
      }
    }
  }

  /** What the numbers depend on; neither host nor user are named. */
  private static String environment() {
    String qemu =
        Programs.run(List.of("qemu-system-x86_64", "--version")).lines().findFirst().orElse("");
    return "%s: %d processors, TCG, Linux %s, Java %s, %s%n"
        .formatted(
            LocalDate.now(ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.version"),
            Runtime.version().feature(),
            qemu);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
