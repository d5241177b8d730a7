package dev.drover.server.lifecycle;

import dev.drover.server.activity.EventListener;
import dev.drover.server.activity.JobPulse;
import dev.drover.server.activity.OpenCalls;
import dev.drover.server.activity.OpenWork;
import dev.drover.server.activity.TurnListener;
import dev.drover.server.activity.WorkListener;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.metrics.Exposition;
import dev.drover.server.metrics.Instruments;
import dev.drover.server.metrics.MetricsListener;
import dev.drover.server.metrics.ModelMetrics;
import dev.drover.server.service.DaemonIdentity;
import dev.drover.server.store.StoreListener;
import dev.drover.server.tracing.CallTracer;
import dev.drover.server.tracing.OtlpExport;
import dev.drover.server.tracing.SpanRecorder;
import dev.drover.server.watch.WatchStreams;
import dev.drover.spi.event.DriverEvent;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the daemon knows of its own doings: always what is going on, measurements where metrics are
 * served, and traces where a collector takes them. Where metrics are not served, no class of their
 * library is loaded; where no collector is configured, nothing of that of traces runs.
 */
final class Telemetry implements EventListener, AutoCloseable {

  private final DaemonConfig config;
  private final Optional<Measuring> measuring;
  private final Optional<OtlpExport> tracing;
  private final List<EventListener> events;
  private final JobPulse jobs = new JobPulse();
  private final OpenCalls calls;
  private final OpenWork work;

  /** The instruments and where their values are collected. */
  private record Measuring(PrometheusRegistry registry, Instruments instruments) {

    static Measuring begin() {
      PrometheusRegistry registry = new PrometheusRegistry();
      return new Measuring(registry, new Instruments(registry, Host.version()));
    }
  }

  Telemetry(DaemonConfig config) {
    this.config = config;
    this.measuring = config.metrics().map(_ -> Measuring.begin());
    this.tracing = config.tracing().map(Telemetry::started);
    Optional<Instruments> instruments = measuring.map(Measuring::instruments);
    Optional<SpanRecorder> spans = tracing.map(OtlpExport::recorder);
    this.events =
        Stream.of(Optional.<EventListener>of(jobs), instruments, spans)
            .<EventListener>flatMap(Optional::stream)
            .toList();
    this.calls = new OpenCalls(List.copyOf(instruments.stream().toList()));
    this.work =
        new OpenWork(
            Stream.of(instruments, spans).<WorkListener>flatMap(Optional::stream).toList(),
            spans.<TurnListener>map(present -> present).orElse(TurnListener.NONE));
  }

  private static OtlpExport started(DaemonConfig.Tracing wanted) {
    DaemonIdentity identity = Host.identity();
    return OtlpExport.start(wanted, identity.version(), identity.hostName());
  }

  /** Who traces calls. */
  CallTracer tracer() {
    return tracing.<CallTracer>map(OtlpExport::recorder).orElse(CallTracer.NONE);
  }

  /** The calls that have not ended. */
  OpenCalls calls() {
    return calls;
  }

  /** The work of drivers that has not ended. */
  OpenWork work() {
    return work;
  }

  /** When jobs last moved. */
  JobPulse jobs() {
    return jobs;
  }

  /** Who measures the database. */
  StoreListener store() {
    return measuring.<StoreListener>map(Measuring::instruments).orElse(StoreListener.NONE);
  }

  /** Sends the traces that have not been sent. */
  @Override
  public void close() {
    tracing.ifPresent(OtlpExport::close);
  }

  @Override
  public void told(String scheme, DriverEvent event) {
    for (EventListener listener : events) {
      listener.told(scheme, event);
    }
  }

  /**
   * Begins to serve metrics, where they are to be served.
   *
   * @throws dev.drover.server.state.StateException where the address cannot be used
   */
  Optional<MetricsListener> serve(DriverRegistry drivers, WatchStreams watches, Workers workers) {
    return config
        .metrics()
        .flatMap(
            address ->
                measuring.map(
                    present -> {
                      PrometheusRegistry registry = present.registry();
                      JvmMetrics.builder().register(registry);
                      registry.register(
                          new ModelMetrics(
                              drivers,
                              workers.blocking(),
                              calls,
                              work,
                              watches::count,
                              config.limits().watchers()));
                      return MetricsListener.start(
                          address, new Exposition(registry), workers.blocking());
                    }));
  }
}
