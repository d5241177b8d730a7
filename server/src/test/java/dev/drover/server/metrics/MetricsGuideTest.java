package dev.drover.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The guide tells of every metric, and of no other (R21). */
class MetricsGuideTest {

  private static final Path GUIDE = Path.of("..", "docs", "metrics.md");

  @Test
  void theGuideHasTheTableOfTheProgram() throws IOException {
    List<String> written =
        Files.readAllLines(GUIDE).stream().filter(line -> line.startsWith("| `drover_")).toList();
    List<String> known = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      String labels =
          metric.labels().stream()
              .map(label -> "`" + label + "`")
              .collect(Collectors.joining(", "));
      known.add(
          "| `%s` | %s | %s | %s |"
              .formatted(
                  metric.text(),
                  metric.type().text(),
                  labels.isEmpty() ? "–" : labels,
                  metric.help()));
    }
    assertThat(written).containsExactlyElementsOf(known);
  }

  /** Names follow Prometheus' conventions. */
  @Test
  void namesSayWhatIsCounted() {
    for (Metric metric : Metric.values()) {
      boolean fits =
          switch (metric.type()) {
            case COUNTER -> metric.text().endsWith("_total");
            case HISTOGRAM -> metric.text().endsWith("_seconds");
            case GAUGE -> !metric.text().endsWith("_total");
          };
      assertThat(fits).as(metric.text()).isTrue();
      assertThat(metric.text()).matches("drover_[a-z_]+");
      assertThat(metric.help()).endsWith(".");
    }
  }
}
