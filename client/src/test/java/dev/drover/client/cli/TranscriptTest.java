package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A session on a private daemon whose whole output stands in {@code session.transcript}. The lines
 * of that file that begin with "$" are run; "&gt;" is standard input of the next one, "!" what came
 * on standard error, "#" a remark or, as "# advance SECONDS", "# clock runs" and "# clock stands",
 * an order to the driver's clock. Ids that are made and moments are written as what has the same
 * width; progress is left out.
 *
 * <p>{@code mvn test -pl client -Dtest=TranscriptTest -Ddrover.transcript=write} writes the file
 * anew.
 */
class TranscriptTest {
  private static final Path FILE =
      Path.of("src", "test", "resources", "dev", "drover", "client", "cli", "session.transcript");
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final Pattern TIME =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} \\+0000");
  private static final Pattern INSTANT = Pattern.compile("[0-9-]{10}T[0-9:.]+Z");
  private static final Pattern OWNER = Pattern.compile("uid:[0-9]+");
  private static final Pattern TEMPORARY = Pattern.compile("/\\S+/drover-[0-9]+");
  private static final Pattern KEPT = Pattern.compile("Your text is kept in (\\S+)");
  private static final Pattern PROGRESS = Pattern.compile("[A-Z][A-Za-z ]+: \\[ *[0-9.]+ %\\].*");
  private static final Pattern ASSIGNMENT = Pattern.compile("([A-Z_]+)=(.*)", Pattern.DOTALL);

  private final Map<String, String> ids = new LinkedHashMap<>();
  private final List<String> written = new ArrayList<>();

  @Test
  void theSessionPrintsWhatTheTranscriptSays(@TempDir Path directory) throws IOException {
    String expected = Files.readString(FILE);

    try (MemoryDaemon daemon = new MemoryDaemon(directory, "manual")) {
      replay(daemon, expected.lines().toList());
    }

    String actual = String.join("\n", written) + "\n";
    if (System.getProperty("drover.transcript", "").equals("write")) {
      Files.writeString(FILE, actual);
    }
    assertThat(actual).isEqualTo(expected);
  }

  private void replay(MemoryDaemon daemon, List<String> lines) throws IOException {
    StringBuilder input = new StringBuilder();
    for (String line : lines) {
      if (line.startsWith("# ")) {
        if (!written.isEmpty()) {
          written.add("");
        }
        written.add(line);
        order(daemon, line.substring(2));
      } else if (line.startsWith("> ")) {
        written.add(line);
        input.append(line.substring(2)).append('\n');
      } else if (line.startsWith("$ ")) {
        written.add(line);
        run(daemon, line.substring(2), input.toString());
        input.setLength(0);
      }
    }
  }

  private static void order(MemoryDaemon daemon, String line) {
    switch (line) {
      case "clock runs" -> daemon.stand(false);
      case "clock stands" -> daemon.stand(true);
      default -> {
        if (line.startsWith("advance ")) {
          daemon.advance(Long.parseLong(line.substring("advance ".length())));
        }
      }
    }
  }

  private void run(MemoryDaemon daemon, String line, String input) throws IOException {
    CommandLineRun drover = daemon.commandLine().input(input);
    List<String> words = new ArrayList<>(CommandLines.of("transcript", line).getFirst().words());
    Matcher assignment = ASSIGNMENT.matcher(words.getFirst());
    while (assignment.matches()) {
      drover.environment.put(assignment.group(1), assignment.group(2));
      words.removeFirst();
      assignment.reset(words.getFirst());
    }
    assertThat(words.removeFirst()).isEqualTo("drover");
    words.replaceAll(this::real);
    CommandLineRun.Result result = drover.run(words.toArray(String[]::new));
    Matcher kept = KEPT.matcher(result.err());
    while (kept.find()) {
      Files.delete(Path.of(kept.group(1)));
    }
    result.out().lines().map(this::masked).forEach(written::add);
    result
        .err()
        .lines()
        .filter(text -> !PROGRESS.matcher(text).matches())
        .forEach(text -> written.add("! " + masked(text)));
    if (result.code() != 0) {
      written.add("[exit %d]".formatted(result.code()));
    }
  }

  /** Ids of the driver's own world stay; those that are made get a number each. */
  private String masked(String line) {
    String masked =
        UUID.matcher(line)
            .replaceAll(
                match ->
                    match.group().startsWith("6695eb01")
                        ? match.group()
                        : ids.computeIfAbsent(
                            match.group(),
                            _ -> "00000000-0000-0000-0000-%012d".formatted(ids.size() + 1)));
    masked = TIME.matcher(masked).replaceAll("2000-01-01 00:00:00 +0000");
    masked = INSTANT.matcher(masked).replaceAll("2000-01-01T00:00:00Z");
    masked = OWNER.matcher(masked).replaceAll("uid:1000");
    return TEMPORARY.matcher(masked).replaceAll("/tmp/drover-1");
  }

  /** The id behind a number. */
  private String real(String word) {
    return ids.entrySet().stream()
        .filter(entry -> entry.getValue().equals(word))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(word);
  }
}
