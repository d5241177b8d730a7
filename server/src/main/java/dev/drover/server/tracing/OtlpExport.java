package dev.drover.server.tracing;

import dev.drover.server.config.DaemonConfig.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans to a collector, by OTLP over HTTP, on a thread of its own. Nobody waits for it: what
 * does not fit into its queue of {@value #QUEUE} spans is dropped, what the collector does not take
 * in {@link #LONGEST_REQUEST} is given up, and at the daemon's end it gets {@link #LONGEST_END}.
 */
public final class OtlpExport implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OtlpExport.class);

  private static final int QUEUE = 2048;
  private static final int LONGEST_VALUE = 256;
  private static final double PERCENT = 100;
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(2);
  private static final Duration LONGEST_REQUEST = Duration.ofSeconds(5);
  private static final Duration LONGEST_END = Duration.ofSeconds(2);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final SdkTracerProvider provider;
  private final SpanRecorder recorder;

  private OtlpExport(SdkTracerProvider provider) {
    this.provider = provider;
    this.recorder = recorder(provider);
  }

  /**
   * Begins to send. Whether the collector is there is not asked: it may come and go.
   *
   * @param version version of the daemon
   * @param host name of this host, by which spans of several are told apart
   */
  public static OtlpExport start(Tracing tracing, String version, String host) {
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(tracing.endpoint().toString())
            .setConnectTimeout(LONGEST_CONNECT)
            .setTimeout(LONGEST_REQUEST)
            .setRetryPolicy(null)
            .setMeterProvider(MeterProvider.noop())
            .build();
    BatchSpanProcessor batches =
        BatchSpanProcessor.builder(new ToldExporter(exporter))
            .setMaxQueueSize(QUEUE)
            .setScheduleDelay(INTERVAL)
            .setExporterTimeout(LONGEST_REQUEST)
            .setMeterProvider(MeterProvider.noop())
            .build();
    log.info("traces are sent to {}", tracing.endpoint());
    return new OtlpExport(provider(batches, tracing.samplePercent(), version, host));
  }

  /** Makes what spans come from. */
  static SdkTracerProvider provider(
      SpanProcessor processor, int samplePercent, String version, String host) {
    return SdkTracerProvider.builder()
        .setIdGenerator(new SpanIds())
        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(samplePercent / PERCENT)))
        .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(LONGEST_VALUE).build())
        .setResource(
            Resource.create(
                Attributes.of(
                    AttributeKey.stringKey("service.name"),
                    "droverd",
                    AttributeKey.stringKey("service.version"),
                    version,
                    AttributeKey.stringKey("host.name"),
                    host)))
        .addSpanProcessor(processor)
        .build();
  }

  /** Makes what spans are made by. */
  static SpanRecorder recorder(SdkTracerProvider provider) {
    return new SpanRecorder(provider.get("dev.drover"));
  }

  /** What makes the spans. */
  public SpanRecorder recorder() {
    return recorder;
  }

  /** Sends what has not been sent, as far as the collector takes it now. */
  @Override
  public void close() {
    if (!provider.shutdown().join(LONGEST_END.toMillis(), TimeUnit.MILLISECONDS).isSuccess()) {
      log.warn("the collector has not taken the last traces; they are given up");
    }
  }
}
