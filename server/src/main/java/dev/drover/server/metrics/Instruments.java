package dev.drover.server.metrics;

import dev.drover.server.activity.CallEnd;
import dev.drover.server.activity.CallListener;
import dev.drover.server.activity.EventListener;
import dev.drover.server.activity.WorkListener;
import dev.drover.server.store.StoreListener;
import dev.drover.spi.activity.Activity.Outcome;
import dev.drover.spi.activity.Work;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Locale;

/**
 * What counts and measures while things happen. Each measurement takes well below a microsecond.
 */
public final class Instruments implements CallListener, WorkListener, EventListener, StoreListener {

  private static final String UNKNOWN_METHOD = "unknown";

  private static final double[] WAITS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
  };
  private static final double[] DISK = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5
  };

  private final PrometheusRegistry registry;
  private final Counter rpcs;
  private final Counter rpcFailures;
  private final Histogram rpcDuration;
  private final Counter jobEnds;
  private final Counter commands;
  private final Histogram commandDuration;
  private final Histogram laneWait;
  private final Histogram laneHeld;
  private final Histogram storeDuration;
  private final Histogram storeWait;
  private final Counter storeFailures;

  /**
   * Makes the instruments.
   *
   * @param version version of the daemon
   */
  public Instruments(PrometheusRegistry registry, String version) {
    this.registry = registry;
    this.rpcs = counter(Metric.RPCS);
    this.rpcFailures = counter(Metric.RPC_FAILURES);
    this.rpcDuration = histogram(Metric.RPC_DURATION, WAITS);
    this.jobEnds = counter(Metric.JOB_ENDS);
    this.commands = counter(Metric.COMMANDS);
    this.commandDuration = histogram(Metric.COMMAND_DURATION, WAITS);
    this.laneWait = histogram(Metric.LANE_WAIT, WAITS);
    this.laneHeld = histogram(Metric.LANE_HELD, WAITS);
    this.storeDuration = histogram(Metric.STORE_DURATION, DISK);
    this.storeWait = histogram(Metric.STORE_WAIT, DISK);
    this.storeFailures = counter(Metric.STORE_FAILURES);
    Gauge.builder()
        .name(Metric.BUILD.text())
        .help(Metric.BUILD.help())
        .labelNames(Metric.BUILD.labelNames())
        .register(registry)
        .labelValues(version)
        .set(1);
  }

  private Counter counter(Metric metric) {
    return Counter.builder()
        .name(metric.text())
        .help(metric.help())
        .labelNames(metric.labelNames())
        .withoutExemplars()
        .register(registry);
  }

  private Histogram histogram(Metric metric, double[] bounds) {
    return Histogram.builder()
        .classicOnly()
        .classicUpperBounds(bounds)
        .name(metric.text())
        .help(metric.help())
        .labelNames(metric.labelNames())
        .withoutExemplars()
        .register(registry);
  }

  @Override
  public void ended(CallEnd call) {
    String method = label(call.method());
    rpcs.labelValues(method, call.code()).inc();
    if (!call.reason().equals("OK")) {
      rpcFailures.labelValues(call.reason()).inc();
    }
    if (!call.streaming()) {
      rpcDuration.labelValues(method).observe(seconds(call.lasted()));
    }
  }

  /** The label of a method. */
  static String label(String method) {
    return method.isEmpty() ? UNKNOWN_METHOD : method;
  }

  @Override
  public Ending begun(String scheme, Work work) {
    return switch (work) {
      case Work.Command command ->
          (outcome, lasted) -> {
            commands.labelValues(scheme, command.command(), label(outcome)).inc();
            commandDuration.labelValues(scheme, command.command()).observe(seconds(lasted));
          };
      case Work.LaneHeld _ -> (_, lasted) -> laneHeld.labelValues(scheme).observe(seconds(lasted));
      case Work.LaneAwaited _ ->
          (_, lasted) -> laneWait.labelValues(scheme).observe(seconds(lasted));
    };
  }

  private static String label(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  /** A job that its hypervisor refused is told as ended too, but has no end: it never was one. */
  @Override
  public void told(String scheme, DriverEvent event) {
    if (event instanceof DriverEvent.JobEvent(_, EventKind kind, Job job)
        && kind == EventKind.EVENT_KIND_JOB_STATE_CHANGED
        && JobTransitions.terminal(job.getState())
        && job.hasEndTime()) {
      jobEnds.labelValues(scheme, Labels.of(job.getKind()), Labels.of(job.getState())).inc();
    }
  }

  @Override
  public void transacted(Duration waited, Duration worked, boolean committed) {
    storeWait.observe(seconds(waited));
    storeDuration.observe(seconds(worked));
    if (!committed) {
      storeFailures.inc();
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
