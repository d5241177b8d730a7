package dev.drover.conformance.suite;

import dev.drover.conformance.bench.PowerState;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The tables of {@code docs/conformance.md}: requirement, and kind of snapshot with operation, by
 * driver and version by state of the domain, from the reports of real runs. Targets with the same
 * driver share a column, and a cell tells them apart only where they differ.
 */
public final class ConformanceTable {

  private final Requirements requirements;
  private final DeclaredCells declared;
  private final List<Run> runs;
  private final Map<String, Integer> footnotes = new LinkedHashMap<>();

  /**
   * One report.
   *
   * @param target name of the target
   * @param driver name and version of the hypervisor
   * @param summary what came out, in numbers
   * @param tallies lines by id and state
   */
  private record Run(
      String target, String driver, String summary, Map<String, Map<String, Tally>> tallies) {

    /** The driver without what its distribution says of itself. */
    String column() {
      return driver.replaceFirst(" \\(.*", "");
    }

    static Run read(Path report) throws IOException {
      List<String> lines = Files.readAllLines(report);
      Map<String, Map<String, Tally>> tallies = new LinkedHashMap<>();
      for (String line : lines.subList(3, lines.size())) {
        Tally tally = Tally.parse(line);
        var _ =
            tallies
                .computeIfAbsent(tally.id(), _ -> new LinkedHashMap<>())
                .put(tally.state(), tally);
      }
      return new Run(lines.get(0), lines.get(1), lines.get(2), tallies);
    }
  }

  private ConformanceTable(Requirements requirements, DeclaredCells declared, List<Run> runs) {
    this.requirements = requirements;
    this.declared = declared;
    this.runs = runs;
  }

  /**
   * Prints the table.
   *
   * @param arguments the directory of the reports
   */
  public static void main(String[] arguments) throws IOException {
    System.out.print(of(Path.of(arguments[0])));
  }

  /** Makes the table of the reports in a directory. */
  public static String of(Path reports) throws IOException {
    return of(reports, Requirements.read(), DeclaredCells.read());
  }

  static String of(Path reports, Requirements requirements, DeclaredCells declared)
      throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(reports, "*.tsv")) {
      found.forEach(files::add);
    }
    List<Run> runs = new ArrayList<>();
    for (Path file : files.stream().sorted().toList()) {
      runs.add(Run.read(file));
    }
    return new ConformanceTable(requirements, declared, runs).text();
  }

  private String text() {
    Map<String, List<Run>> drivers =
        runs.stream()
            .collect(Collectors.groupingBy(Run::column, TreeMap::new, Collectors.toList()));
    List<String> lines = new ArrayList<>();
    lines.add("# Conformance");
    lines.add("");
    lines.add(
        """
        What the conformance suite found when it was run against each driver. Made from the reports of real runs
        (`bin/conformance-table`, `drover conformance run --markdown`); do not edit by hand. `pass (n)` counts the cases that show the
        requirement, in the state of the domain that the column names; `unsupported` that the driver does not
        declare what the cases need, and that its refusal was asserted to be the documented one, or that the
        daemon's configuration puts what a case shows out of its reach; `–` that no case belongs there. The numbers lead to the reasons below.\
        """);
    lines.add("");
    for (Run run : runs) {
      lines.add("- **%s** (%s): %s.".formatted(run.target(), run.driver(), run.summary()));
    }
    lines.add("");
    lines.add("## By state of the domain");
    lines.add("");
    List<String> states = new ArrayList<>();
    for (PowerState state : PowerState.values()) {
      states.add(state.name().toLowerCase(Locale.ROOT));
    }
    addHead(lines, "| id | requirement | ", drivers, states);
    List<String> stateless = new ArrayList<>();
    requirements
        .texts()
        .forEach(
            (id, sentence) -> {
              if (!byState(id)) {
                stateless.add(id);
                return;
              }
              lines.add("| %s | %s |".formatted(id, sentence) + cells(id, drivers));
            });
    lines.add("");
    addSnapshots(lines, drivers, states);
    lines.add("## Whatever state the domain is in");
    lines.add("");
    lines.add("| id | requirement | " + String.join(" | ", drivers.keySet()) + " |");
    lines.add("|---|---|" + "---|".repeat(drivers.size()));
    for (String id : stateless) {
      StringBuilder row =
          new StringBuilder("| %s | %s |".formatted(id, requirements.texts().get(id)));
      for (List<Run> same : drivers.values()) {
        row.append(' ').append(merged(id, Tally.STATELESS, same, "")).append(" |");
      }
      lines.add(row.toString());
    }
    lines.add("");
    lines.add("## Reasons");
    lines.add("");
    footnotes.forEach((reason, number) -> lines.add(number + ". " + reason));
    lines.add("");
    return String.join("\n", lines);
  }

  /** The kinds of snapshots with what is done to them. */
  private void addSnapshots(
      List<String> lines, Map<String, List<Run>> drivers, List<String> states) {
    lines.add("## Snapshots by kind, operation and state of the domain");
    lines.add("");
    addHead(lines, "| kind | operation | ", drivers, states);
    for (SnapshotRow row : SnapshotRow.all()) {
      lines.add(
          "| %s | %s |".formatted(row.kind().title(), row.operation().title())
              + cells(row.id(), drivers));
    }
    lines.add("");
  }

  private static void addHead(
      List<String> lines, String first, Map<String, List<Run>> drivers, List<String> states) {
    lines.add(
        first
            + drivers.keySet().stream()
                .map(driver -> driver + ": " + String.join(" | ", states))
                .collect(Collectors.joining(" | "))
            + " |");
    lines.add("|---|---|" + "---|".repeat(states.size() * drivers.size()));
  }

  private String cells(String id, Map<String, List<Run>> drivers) {
    StringBuilder cells = new StringBuilder();
    for (List<Run> same : drivers.values()) {
      for (PowerState state : PowerState.values()) {
        cells.append(' ').append(cell(id, state, same)).append(" |");
      }
    }
    return cells.toString();
  }

  /** Whether a requirement has cases in a state, or says why it has none. */
  private boolean byState(String id) {
    return declared.mentions(id)
        || runs.stream()
            .flatMap(run -> run.tallies().getOrDefault(id, Map.of()).keySet().stream())
            .anyMatch(state -> !state.equals(Tally.STATELESS));
  }

  private String cell(String id, PowerState state, List<Run> same) {
    return merged(
        id,
        state.name(),
        same,
        declared.reason(id, state).map(reason -> "–" + footnote(reason)).orElse(""));
  }

  /** One text where the runs agree; otherwise each with the name of its target. */
  private String merged(String id, String state, List<Run> same, String absent) {
    Map<String, List<String>> texts = new LinkedHashMap<>();
    for (Run run : same) {
      Tally tally = run.tallies().getOrDefault(id, Map.of()).get(state);
      texts
          .computeIfAbsent(tally == null ? absent : text(tally), _ -> new ArrayList<>())
          .add(run.target());
    }
    if (texts.size() == 1) {
      return texts.keySet().iterator().next();
    }
    return texts.entrySet().stream()
        .map(text -> String.join(", ", text.getValue()) + ": " + text.getKey())
        .collect(Collectors.joining("; "));
  }

  private String text(Tally tally) {
    List<String> parts = new ArrayList<>();
    if (tally.failed() > 0) {
      parts.add("FAILED (" + tally.failed() + ")");
    }
    if (tally.passed() > 0) {
      parts.add("pass (" + tally.passed() + ")");
    }
    tally.unsupported().forEach(reason -> parts.add("unsupported" + footnote(reason)));
    return String.join(", ", parts);
  }

  private String footnote(String reason) {
    return " <sup>%d</sup>".formatted(footnotes.computeIfAbsent(reason, _ -> footnotes.size() + 1));
  }
}
