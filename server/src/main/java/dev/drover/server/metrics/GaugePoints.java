package dev.drover.server.metrics;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of one gauge while they are counted. Used by one thread. */
final class GaugePoints {

  private final Metric metric;
  private final Map<List<String>, Double> values = new LinkedHashMap<>();

  GaugePoints(Metric metric) {
    this.metric = metric;
  }

  /** Sets the value of these labels. */
  void set(double value, String... labels) {
    values.put(List.of(labels), value);
  }

  /** Counts one more for these labels. */
  void add(String... labels) {
    values.merge(List.of(labels), 1.0, Double::sum);
  }

  GaugeSnapshot snapshot() {
    GaugeSnapshot.Builder result = GaugeSnapshot.builder().name(metric.text()).help(metric.help());
    values.forEach(
        (labels, value) ->
            result.dataPoint(
                GaugeDataPointSnapshot.builder()
                    .labels(Labels.of(metric.labelNames(), labels.toArray(String[]::new)))
                    .value(value)
                    .build()));
    return result.build();
  }
}
