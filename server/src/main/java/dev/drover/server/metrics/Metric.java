package dev.drover.server.metrics;

import java.util.List;
import java.util.Locale;

/**
 * Every metric of the daemon itself (R21). Its labels have values from fixed sets: no name that a
 * client or a user chooses becomes one, so that nobody makes the number of series grow. The guide
 * {@code docs/metrics.md} has the same table, which a test compares.
 */
public enum Metric {
  /** Version. */
  BUILD("drover_build_info", Type.GAUGE, "Always 1; the label is the daemon's version.", "version"),
  /** Calls that have ended. */
  RPCS(
      "drover_rpc_total",
      Type.COUNTER,
      "Calls that have ended, streams included, by method and gRPC status code.",
      "method",
      "code"),
  /** Reasons of failed calls. */
  RPC_FAILURES(
      "drover_rpc_failures_total",
      Type.COUNTER,
      "Calls that failed, by reason; LIMIT_EXCEEDED counts those that a limit refused.",
      "reason"),
  /** How long calls take. */
  RPC_DURATION(
      "drover_rpc_duration_seconds",
      Type.HISTOGRAM,
      "Time from the first byte of a call to its end. Streams are left out: their clients end"
          + " them.",
      "method"),
  /** Calls that have not ended. */
  RPCS_IN_FLIGHT(
      "drover_rpc_in_flight", Type.GAUGE, "Calls that have not ended, streams included.", "method"),
  /** Watch streams. */
  WATCHERS("drover_watchers", Type.GAUGE, "Watch streams that are open."),
  /** Most watch streams. */
  WATCHERS_LIMIT(
      "drover_watchers_limit",
      Type.GAUGE,
      "Most watch streams that may be open (limits.watchers)."),
  /** Whether a driver was opened. */
  DRIVER_OPEN(
      "drover_driver_open",
      Type.GAUGE,
      "1 where the driver was opened when the daemon started, else 0.",
      "driver"),
  /** Whether a driver's model was read. */
  MODEL_READ(
      "drover_driver_model_read",
      Type.GAUGE,
      "1 where the driver's model could be read for this scrape, else 0: its domains and jobs are"
          + " then missing.",
      "driver"),
  /** Domains by state. */
  DOMAINS("drover_domains", Type.GAUGE, "Domains, by state.", "driver", "state"),
  /** Domains that do not answer. */
  UNRESPONSIVE(
      "drover_domains_unresponsive",
      Type.GAUGE,
      "Domains whose hypervisor or storage does not answer.",
      "driver"),
  /** Jobs that go on. */
  JOBS("drover_jobs", Type.GAUGE, "Jobs that have not ended.", "driver", "kind", "state"),
  /** Jobs that stand still. */
  JOBS_BLOCKED(
      "drover_jobs_blocked",
      Type.GAUGE,
      "Jobs that an I/O error such as a full disk holds.",
      "driver"),
  /** Jobs that have ended. */
  JOB_ENDS(
      "drover_job_ends_total",
      Type.COUNTER,
      "Jobs that have ended since the daemon started, by how.",
      "driver",
      "kind",
      "outcome"),
  /** Commands to hypervisors. */
  COMMANDS(
      "drover_hypervisor_commands_total",
      Type.COUNTER,
      "Commands to hypervisors by outcome: done, failed (refused, or an error), timed_out, lost"
          + " (the connection ended first).",
      "driver",
      "command",
      "outcome"),
  /** How long hypervisors take to answer. */
  COMMAND_DURATION(
      "drover_hypervisor_command_duration_seconds",
      Type.HISTOGRAM,
      "Time from a command to its answer, or until nobody waited for it any more.",
      "driver",
      "command"),
  /** Commands without an answer. */
  COMMANDS_IN_FLIGHT(
      "drover_hypervisor_commands_in_flight",
      Type.GAUGE,
      "Commands without an answer, also those that nobody waits for any more.",
      "driver"),
  /** How long changes wait for a domain. */
  LANE_WAIT(
      "drover_domain_lane_wait_seconds",
      Type.HISTOGRAM,
      "Time that a change waited for another change of the same domain, where it had to wait.",
      "driver"),
  /** How long a domain is held. */
  LANE_HELD(
      "drover_domain_lane_held_seconds",
      Type.HISTOGRAM,
      "Time for which a change kept other changes from a domain.",
      "driver"),
  /** How long transactions take. */
  STORE_DURATION(
      "drover_store_transaction_duration_seconds",
      Type.HISTOGRAM,
      "Time of a transaction of the daemon's database, with its write to the disk."),
  /** How long transactions wait. */
  STORE_WAIT(
      "drover_store_transaction_wait_seconds",
      Type.HISTOGRAM,
      "Time that a transaction waited for those before it."),
  /** Transactions that failed. */
  STORE_FAILURES(
      "drover_store_transaction_failures_total",
      Type.COUNTER,
      "Transactions that were not written.");

  /** What a metric is, as Prometheus names it. */
  public enum Type {
    /** A number that only grows while the daemon runs. */
    COUNTER,
    /** A number of the moment. */
    GAUGE,
    /** Measurements sorted into buckets. */
    HISTOGRAM;

    /** The name that Prometheus uses. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final String text;
  private final Type type;
  private final String help;
  private final String labels;

  Metric(String text, Type type, String help, String... labels) {
    this.text = text;
    this.type = type;
    this.help = help;
    this.labels = String.join(",", labels);
  }

  /** Its name, with its unit. */
  public String text() {
    return text;
  }

  /** What it is. */
  public Type type() {
    return type;
  }

  /** What it measures, for people. */
  public String help() {
    return help;
  }

  /** Names of its labels. */
  public List<String> labels() {
    return labels.isEmpty() ? List.of() : List.of(labels.split(","));
  }

  String[] labelNames() {
    return labels().toArray(String[]::new);
  }
}
