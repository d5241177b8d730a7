package dev.drover.conformance.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What came out of a run, by case and by requirement. */
public final class ConformanceReport {

  /** The requirement that is shown wherever a capability is missing. */
  private static final String REFUSALS = "A3";

  private final String target;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * A case and how it ended.
   *
   * @param ran the case
   * @param outcome how it ended
   */
  public record Entry(ConformanceCase ran, Outcome outcome) {}

  /** Makes an empty report of a target. */
  public ConformanceReport(String target) {
    this.target = target;
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
   * Writes {@code <target>.md}, a table of every requirement: what it says, how many cases passed,
   * and what the driver declares not to support.
   */
  public void write(Path directory, Requirements requirements) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(target).append("\n\n");
    text.append(count(Outcome.Passed.class)).append(" cases passed, ");
    text.append(count(Outcome.DeclaredUnsupported.class)).append(" declared unsupported, ");
    text.append(count(Outcome.Failed.class)).append(" failed.\n\n");
    text.append("| id | requirement | result |\n|---|---|---|\n");
    requirements
        .texts()
        .forEach(
            (id, sentence) ->
                text.append("| ")
                    .append(id)
                    .append(" | ")
                    .append(sentence)
                    .append(" | ")
                    .append(result(id))
                    .append(" |\n"));
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve(target + ".md"), text);
    } catch (IOException e) {
      throw new UncheckedIOException("the report cannot be written to " + directory, e);
    }
  }

  private String result(String id) {
    if (id.equals(REFUSALS)) {
      long refused = count(Outcome.DeclaredUnsupported.class);
      return refused == 0 ? "nothing to refuse: everything is declared" : "pass (" + refused + ")";
    }
    int passed = 0;
    int failed = 0;
    Set<String> unsupported = new TreeSet<>();
    for (Entry entry : entries) {
      if (entry.ran().requirements().contains(id)) {
        switch (entry.outcome()) {
          case Outcome.Passed() -> passed++;
          case Outcome.Failed(String _) -> failed++;
          case Outcome.DeclaredUnsupported(String reason) -> unsupported.add(reason);
        }
      }
    }
    List<String> parts = new ArrayList<>();
    if (failed > 0) {
      parts.add("FAILED (" + failed + ")");
    }
    if (passed > 0) {
      parts.add("pass (" + passed + ")");
    }
    unsupported.forEach(reason -> parts.add("declared unsupported: " + reason));
    return parts.isEmpty() ? "no case" : String.join("; ", parts);
  }

  private long count(Class<? extends Outcome> kind) {
    return entries.stream().filter(entry -> kind.isInstance(entry.outcome())).count();
  }
}
