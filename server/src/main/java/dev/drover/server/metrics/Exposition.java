package dev.drover.server.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Metrics as text, in the form that who asks understands. */
public final class Exposition {

  private final PrometheusRegistry registry;
  private final ExpositionFormatWriter openMetrics =
      OpenMetricsTextFormatWriter.builder().setExemplarsOnAllMetricTypesEnabled(false).build();
  private final ExpositionFormatWriter plain = PrometheusTextFormatWriter.builder().build();

  /** Makes the texts of a registry. */
  public Exposition(PrometheusRegistry registry) {
    this.registry = registry;
  }

  /**
   * An answer to a scrape.
   *
   * @param contentType its media type
   * @param body the metrics
   */
  record Page(String contentType, String body) {}

  /**
   * Collects.
   *
   * @param accept the media types that who asks understands; empty: it did not say
   */
  Page page(String accept) throws IOException {
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : plain;
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    writer.write(body, registry.scrape());
    return new Page(writer.getContentType(), body.toString(StandardCharsets.UTF_8));
  }
}
