package dev.drover.server.metrics;

import dev.drover.server.activity.OngoingCall;
import dev.drover.server.activity.OngoingWork;
import dev.drover.server.activity.OpenCalls;
import dev.drover.server.activity.OpenWork;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.server.driver.ModelReader;
import dev.drover.server.driver.UnopenedDriver;
import dev.drover.spi.activity.Work;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.IntSupplier;

/**
 * What is counted anew for every scrape, from models and registers in memory: no domain is asked,
 * so none holds a scrape up (R4, R21).
 */
public final class ModelMetrics implements MultiCollector {

  /** Reading a model takes milliseconds; Prometheus waits ten seconds for a scrape. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final List<ModelReader> readers;
  private final List<String> unopened;
  private final OpenCalls calls;
  private final OpenWork work;
  private final IntSupplier watchers;
  private final int watchersLimit;

  /**
   * Makes the collector.
   *
   * @param executor threads on which models are read
   * @param watchers tells how many watch streams are open
   * @param watchersLimit most watch streams
   */
  public ModelMetrics(
      DriverRegistry drivers,
      ExecutorService executor,
      OpenCalls calls,
      OpenWork work,
      IntSupplier watchers,
      int watchersLimit) {
    this.readers =
        drivers.connections().stream().map(driver -> new ModelReader(driver, executor)).toList();
    this.unopened = drivers.unopened().stream().map(UnopenedDriver::scheme).toList();
    this.calls = calls;
    this.work = work;
    this.watchers = watchers;
    this.watchersLimit = watchersLimit;
  }

  @Override
  public MetricSnapshots collect() {
    List<GaugePoints> gauges = new ArrayList<>();
    models(gauges);
    calls(gauges);
    commands(gauges);
    return new MetricSnapshots(gauges.stream().<MetricSnapshot>map(GaugePoints::snapshot).toList());
  }

  private void models(List<GaugePoints> gauges) {
    GaugePoints open = new GaugePoints(Metric.DRIVER_OPEN);
    GaugePoints read = new GaugePoints(Metric.MODEL_READ);
    GaugePoints domains = new GaugePoints(Metric.DOMAINS);
    GaugePoints unresponsive = new GaugePoints(Metric.UNRESPONSIVE);
    GaugePoints jobs = new GaugePoints(Metric.JOBS);
    GaugePoints blocked = new GaugePoints(Metric.JOBS_BLOCKED);
    unopened.forEach(scheme -> open.set(0, scheme));
    readers.forEach(ModelReader::begin);
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (ModelReader reader : readers) {
      String scheme = reader.scheme();
      open.set(1, scheme);
      Optional<ModelReader.Reading> reading =
          reader.await(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      read.set(reading.isPresent() ? 1 : 0, scheme);
      if (reading.isEmpty()) {
        continue;
      }
      unresponsive.set(0, scheme);
      blocked.set(0, scheme);
      for (Domain domain : reading.get().domains()) {
        domains.add(scheme, Labels.of(domain.getStatus().getState()));
        if (domain.getStatus().getUnresponsive()) {
          unresponsive.add(scheme);
        }
      }
      for (Job job : reading.get().jobs()) {
        if (!JobTransitions.terminal(job.getState())) {
          jobs.add(scheme, Labels.of(job.getKind()), Labels.of(job.getState()));
          if (job.getBlocked()) {
            blocked.add(scheme);
          }
        }
      }
    }
    gauges.addAll(List.of(open, read, domains, unresponsive, jobs, blocked));
  }

  private void calls(List<GaugePoints> gauges) {
    GaugePoints inFlight = new GaugePoints(Metric.RPCS_IN_FLIGHT);
    for (OngoingCall call : calls.list()) {
      inFlight.add(Instruments.label(call.method()));
    }
    GaugePoints open = new GaugePoints(Metric.WATCHERS);
    open.set(watchers.getAsInt());
    GaugePoints limit = new GaugePoints(Metric.WATCHERS_LIMIT);
    limit.set(watchersLimit);
    gauges.addAll(List.of(inFlight, open, limit));
  }

  private void commands(List<GaugePoints> gauges) {
    GaugePoints inFlight = new GaugePoints(Metric.COMMANDS_IN_FLIGHT);
    readers.forEach(reader -> inFlight.set(0, reader.scheme()));
    for (OngoingWork one : work.list()) {
      if (one.work() instanceof Work.Command) {
        inFlight.add(one.scheme());
      }
    }
    gauges.add(inFlight);
  }
}
