package dev.drover.server.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells once, in one line, that the collector takes no traces, and once that it takes them again.
 * The library would tell each time, with a trace of its own inside.
 */
final class ToldExporter implements SpanExporter {

  private static final Logger log = LoggerFactory.getLogger(ToldExporter.class);

  private final SpanExporter exporter;
  private final AtomicBoolean failing = new AtomicBoolean();

  /** Tells of another exporter. */
  ToldExporter(SpanExporter exporter) {
    this.exporter = exporter;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(() -> told(result));
  }

  private void told(CompletableResultCode result) {
    if (result.isSuccess()) {
      if (failing.compareAndSet(true, false)) {
        log.info("the collector takes traces again");
      }
    } else if (failing.compareAndSet(false, true)) {
      log.warn(
          "the collector takes no traces, which are lost until it does: {}",
          Optional.ofNullable(result.getFailureThrowable())
              .map(Throwable::toString)
              .orElse("it refused them"));
    }
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
