package dev.drover.conformance.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What came out of a run, by case and by requirement. */
public final class ConformanceReport {

  /** The requirement that is shown wherever a capability is missing. */
  private static final String REFUSALS = "A3";

  private final String target;
  private final String driver;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * A case and how it ended.
   *
   * @param ran the case
   * @param outcome how it ended
   */
  public record Entry(ConformanceCase ran, Outcome outcome) {}

  /**
   * Makes an empty report.
   *
   * @param target name of the target
   * @param driver name and version of the hypervisor, as the driver tells them
   */
  public ConformanceReport(String target, String driver) {
    this.target = target;
    this.driver = driver;
  }

  /** An empty report about the same driver. */
  public ConformanceReport emptied() {
    return new ConformanceReport(target, driver);
  }

  /** Adds a case. */
  public void add(ConformanceCase ran, Outcome outcome) {
    entries.add(new Entry(ran, outcome));
  }

  /** The cases so far. */
  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  /**
   * Writes {@code <target>.tsv}, from which {@link ConformanceTable} makes the table of all
   * targets: name, driver and a summary, a line each, then a {@link Tally} for each requirement, or
   * row of the table of snapshots, and state with cases.
   *
   * @return the file
   */
  public Path write(Path directory, Requirements requirements) {
    List<String> lines = new ArrayList<>();
    lines.add(target);
    lines.add(driver);
    lines.add(
        "%d cases passed, %d declared unsupported, %d failed%s"
            .formatted(
                count(Outcome.Passed.class),
                count(Outcome.DeclaredUnsupported.class),
                count(Outcome.Failed.class),
                Outcome.BeyondReach.counted(count(Outcome.BeyondReach.class))));
    requirements.texts().keySet().forEach(id -> tallies(id).map(Tally::line).forEach(lines::add));
    SnapshotRow.all().stream()
        .flatMap(row -> byState(row.id(), ran -> ran.snapshotRows().contains(row.id())))
        .map(Tally::line)
        .forEach(lines::add);
    try {
      Files.createDirectories(directory);
      return Files.write(directory.resolve(target + ".tsv"), lines);
    } catch (IOException e) {
      throw new UncheckedIOException("the report cannot be written to " + directory, e);
    }
  }

  private Stream<Tally> tallies(String id) {
    if (id.equals(REFUSALS)) {
      long refused = count(Outcome.DeclaredUnsupported.class);
      return refused == 0
          ? Stream.empty()
          : Stream.of(new Tally(id, Tally.STATELESS, refused, 0, new TreeSet<>()));
    }
    return byState(id, ran -> ran.requirements().contains(id));
  }

  private Stream<Tally> byState(String id, Predicate<ConformanceCase> belongs) {
    Map<String, List<Entry>> byState = new TreeMap<>();
    for (Entry entry : entries) {
      if (belongs.test(entry.ran())) {
        byState
            .computeIfAbsent(
                entry.ran().state().map(Enum::name).orElse(Tally.STATELESS), _ -> new ArrayList<>())
            .add(entry);
      }
    }
    return byState.entrySet().stream().map(group -> Tally.of(id, group.getKey(), group.getValue()));
  }

  private long count(Class<? extends Outcome> kind) {
    return entries.stream().filter(entry -> kind.isInstance(entry.outcome())).count();
  }
}
