package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/virsh.md} says of every verb, virsh's and ours, what is true. */
class VirshTableTest {
  private static final Path PAGE = Path.of("..", "docs", "virsh.md");
  private static final Path VIRSHS_VERBS =
      Path.of("src", "test", "resources", "dev", "drover", "client", "cli", "virsh-verbs.txt");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern OPTION = Pattern.compile("`(--[a-z-]+)[^`]*`");

  /** Words by which a remark says that an option is not there, or not needed. */
  private static final Pattern MISSING = Pattern.compile("\\b(no|without|nothing for)\\b");

  /** What the runner of commands understands itself. */
  private static final Set<String> OF_THE_RUNNER = Set.of("help", "quit", "exit", "connect");

  private record Row(List<String> verbs, String standing, String remark) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      String[] cells = line.split("\\|", -1);
      if (cells.length < 4 || !cells[1].strip().startsWith("`")) {
        continue;
      }
      List<String> verbs = new ArrayList<>();
      Matcher verb = CODE.matcher(cells[1]);
      while (verb.find()) {
        verbs.add(verb.group(1));
      }
      boolean ours = cells.length == 4;
      rows.add(new Row(verbs, ours ? "only here" : cells[2].strip(), cells[ours ? 2 : 3].strip()));
    }
    return rows;
  }

  private static Set<String> verbs(String... standings) throws IOException {
    Set<String> verbs = new TreeSet<>();
    for (Row row : rows()) {
      if (List.of(standings).contains(row.standing())) {
        verbs.addAll(row.verbs());
      }
    }
    return verbs;
  }

  @Test
  void everyVerbOfVirshIsNamedOnce() throws IOException {
    List<String> named = new ArrayList<>();
    rows().stream()
        .filter(row -> !row.standing().equals("only here"))
        .forEach(row -> named.addAll(row.verbs()));

    assertThat(named)
        .containsExactlyInAnyOrder(Files.readString(VIRSHS_VERBS).strip().split("\\s+"));
    assertThat(rows())
        .extracting(Row::standing)
        .containsOnly("same", "differs", "not offered", "only here");
  }

  @Test
  void everyVerbOfOursIsNamedAndEveryOneNamedIsThere() throws IOException {
    Set<String> ours = new TreeSet<>(CommandTable.names());
    ours.addAll(OF_THE_RUNNER);

    assertThat(verbs("same", "differs", "only here")).isEqualTo(ours);
    assertThat(verbs("not offered")).doesNotContainAnyElementsOf(ours);
  }

  @Test
  void whatDiffersSaysHow() throws IOException {
    assertThat(rows())
        .filteredOn(row -> row.standing().equals("differs"))
        .allSatisfy(row -> assertThat(row.remark()).isNotEmpty());
  }

  /** What a remark does not say is missing is there. */
  @Test
  void optionsInRemarksAreThoseOfTheVerb() throws IOException {
    GlobalOptions options = new GlobalOptions();
    var root =
        CommandTable.commandLine(
            options,
            new Session(
                options, Surroundings.ofProcess(), new Connections(Surroundings.ofProcess())),
            List.of());
    for (Row row : rows()) {
      if (!row.standing().equals("differs")) {
        continue;
      }
      if (OF_THE_RUNNER.containsAll(row.verbs())) {
        continue;
      }
      for (String part : row.remark().split(";", -1)) {
        Matcher option = OPTION.matcher(part);
        while (!MISSING.matcher(part).find() && option.find()) {
          for (String verb : row.verbs()) {
            assertThat(root.getSubcommands().get(verb).getCommandSpec().optionsMap().keySet())
                .as(verb)
                .contains(option.group(1));
          }
        }
      }
    }
  }
}
