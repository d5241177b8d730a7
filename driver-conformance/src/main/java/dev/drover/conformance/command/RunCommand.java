package dev.drover.conformance.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.v1.DomainSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code drover conformance run}: the cases against one driver. */
@Command(
    name = "run",
    description = {
      "Run the cases against a driver. Where the driver does not declare what a case needs, the"
          + " documented refusal is checked in its place. Every case makes its own domains and"
          + " images, and removes them.",
      "Without a daemon at hand one is started for the run, with everything it has in a directory"
          + " of its own."
    })
final class RunCommand implements Callable<Integer> {
  @Option(
      names = {"-c", "--connect"},
      paramLabel = "URI",
      defaultValue = "test:///default",
      description =
          "Daemon and driver, as in 'drover -c'. Images of a qemu driver are made on this host, so"
              + " that its daemon has to be on it. Default: ${DEFAULT-VALUE}.")
  private String uri = "";

  @Option(
      names = "--private",
      description = "Start a daemon for the run even where one is running already.")
  private boolean alone;

  @Option(
      names = "--daemons",
      paramLabel = "N",
      description =
          "How many daemons of the run's own share the cases. Default: one more than there are"
              + " processors, at most 4.")
  private Optional<Integer> daemons = Optional.empty();

  @Option(
      names = "--domain-template",
      paramLabel = "FILE",
      description =
          "Domain that every case starts from, without disks, as JSON of DomainSpec. It has to"
              + " start within seconds. Default: 32 MiB of memory and a serial console.")
  private Optional<Path> template = Optional.empty();

  @Option(
      names = "--only",
      paramLabel = "ID",
      split = ConformanceCase.BETWEEN_IDS,
      splitSynopsisLabel = ",",
      arity = "1..*",
      description = "Requirements, or parts of the ids of cases.")
  private List<String> only = new ArrayList<>();

  @Option(names = "--junit", paramLabel = "FILE", description = "Write a JUnit report.")
  private Optional<Path> junit = Optional.empty();

  @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table of results.")
  private Optional<Path> markdown = Optional.empty();

  @Option(names = "--verbose", description = "Print every case, not only those that fail.")
  private boolean verbose;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CaseChoice choice = new CaseChoice(only);
    Optional<DomainSpec> domain =
        template.isPresent() ? Optional.of(read(template.get())) : Optional.empty();
    SuiteRun run =
        new SuiteRun(choice.cases(), choice.everything(), spec.commandLine().getOut(), verbose);
    Stream.of(junit, markdown).flatMap(Optional::stream).forEach(RunCommand::requireWritable);
    RunReport report;
    try (OrderlyEnd _ = OrderlyEnd.by(run::stop)) {
      try (Targets targets = Targets.open(uri, alone, daemons, domain)) {
        report = run.against(targets.all());
      }
      Optional<String> broken = run.broken(report);
      if (broken.isPresent()) {
        spec.commandLine().getErr().println("error: " + broken.get());
        return ConformanceCommand.UNUSABLE;
      }
    }
    junit.ifPresent(file -> write(file, report::writeJunit));
    markdown.ifPresent(file -> write(file, report::writeMarkdown));
    return report.failed() == 0 ? ConformanceCommand.PASSED : ConformanceCommand.FAILED;
  }

  /** Minutes of cases are not run for a report that has no place. */
  private static void requireWritable(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new UnusableTarget("%s cannot be written: its directory is not there".formatted(file));
    }
    if (Files.isDirectory(file)) {
      throw new UnusableTarget(file + " cannot be written: it is a directory");
    }
    if (!Files.isWritable(Files.exists(file) ? file : directory)) {
      throw new UnusableTarget(file + " cannot be written: this user may not write there");
    }
  }

  /** Writes a report. */
  private interface Writing {
    void to(Path file) throws IOException;
  }

  private static void write(Path file, Writing report) {
    try {
      report.to(file);
    } catch (IOException e) {
      throw new UnusableTarget(
          "the cases have run, but %s cannot be written: %s".formatted(file, e), e);
    }
  }

  private static DomainSpec read(Path file) {
    DomainSpec.Builder domain = DomainSpec.newBuilder();
    try {
      JsonFormat.parser().merge(Files.readString(file), domain);
    } catch (InvalidProtocolBufferException e) {
      throw new UnusableTarget("%s is no DomainSpec: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new UnusableTarget("%s cannot be read: %s".formatted(file, e), e);
    }
    if (domain.getDisksCount() > 0) {
      throw new UnusableTarget(file + " has disks; the cases add their own, so leave them out");
    }
    return domain.build();
  }
}
