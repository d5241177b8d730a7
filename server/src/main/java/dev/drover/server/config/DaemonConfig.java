package dev.drover.server.config;

import dev.drover.spi.DriverLimits;
import dev.drover.spi.DriverSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration, checked.
 *
 * @param defaultUri URI that answers calls without one; empty: chosen from the drivers there are
 * @param shutdownGrace time that running calls get when the daemon stops
 * @param logging what is logged where
 * @param limits what the daemon refuses to exceed (R29)
 * @param keepAlive how lost clients are found
 * @param access who may do what
 * @param tls where TCP is served and by what files; empty: it is not
 * @param metrics where metrics are served; empty: nowhere
 * @param tracing where traces are sent; empty: nowhere, and nothing is traced
 * @param drivers sections of the drivers, by scheme
 */
public record DaemonConfig(
    Optional<String> defaultUri,
    Duration shutdownGrace,
    Logging logging,
    Limits limits,
    KeepAlive keepAlive,
    Access access,
    Optional<Tls> tls,
    Optional<MetricsAddress> metrics,
    Optional<Tracing> tracing,
    Map<String, DriverSettings> drivers) {

  /** Copies the map. */
  public DaemonConfig {
    drivers = Map.copyOf(drivers);
  }

  /** The same with other sections of drivers. */
  public DaemonConfig withDrivers(Map<String, DriverSettings> others) {
    return new DaemonConfig(
        defaultUri,
        shutdownGrace,
        logging,
        limits,
        keepAlive,
        access,
        tls,
        metrics,
        tracing,
        others);
  }

  /** The same with other limits. */
  public DaemonConfig withLimits(Limits other) {
    return new DaemonConfig(
        defaultUri,
        shutdownGrace,
        logging,
        other,
        keepAlive,
        access,
        tls,
        metrics,
        tracing,
        drivers);
  }

  /** The same with others who may do something. */
  public DaemonConfig withAccess(Access other) {
    return new DaemonConfig(
        defaultUri,
        shutdownGrace,
        logging,
        limits,
        keepAlive,
        other,
        tls,
        metrics,
        tracing,
        drivers);
  }

  /** The same with something else logged. */
  public DaemonConfig withLogging(Logging other) {
    return new DaemonConfig(
        defaultUri,
        shutdownGrace,
        other,
        limits,
        keepAlive,
        access,
        tls,
        metrics,
        tracing,
        drivers);
  }

  /** The same with metrics served elsewhere. */
  public DaemonConfig withMetrics(MetricsAddress address) {
    return new DaemonConfig(
        defaultUri,
        shutdownGrace,
        logging,
        limits,
        keepAlive,
        access,
        tls,
        Optional.of(address),
        tracing,
        drivers);
  }

  /** The same with traces sent elsewhere. */
  public DaemonConfig withTracing(Tracing other) {
    return new DaemonConfig(
        defaultUri,
        shutdownGrace,
        logging,
        limits,
        keepAlive,
        access,
        tls,
        metrics,
        Optional.of(other),
        drivers);
  }

  /** The section of a driver; empty where the file has none. */
  public DriverSettings driver(String scheme) {
    return drivers.getOrDefault(scheme, new DriverSettings(Map.of()));
  }

  /**
   * Who may do what (R23).
   *
   * @param policyFile roles and who has them; empty: the daemon's user and root may do everything,
   *     others nothing
   * @param everybodyConnects whether the socket takes calls of every user of the host, of whom the
   *     policy then decides
   */
  public record Access(Optional<Path> policyFile, boolean everybodyConnects) {}

  /**
   * What is logged where.
   *
   * @param level least level of log lines
   * @param auditFile file of the audit records; empty: in the state directory
   * @param auditFileBytes size at which that file is rolled over
   */
  public record Logging(LogLevel level, Optional<String> auditFile, long auditFileBytes) {}

  /**
   * Limits of the daemon (R29). Each is documented with its key in {@link ConfigKeys}.
   *
   * @param messageBytes largest request
   * @param callsPerConnection calls at a time on one connection
   * @param watchers watch streams at a time
   * @param eventHistory events held for each connection
   * @param defaultDeadline deadline of calls without one
   * @param maximumDeadline longest deadline
   * @param requestRecords answers kept for request ids
   * @param requestRecordAge how long they are kept
   * @param callsPerCaller calls at a time of one caller; 0: no limit
   * @param driver what each driver may have at a time
   */
  public record Limits(
      int messageBytes,
      int callsPerConnection,
      int watchers,
      int eventHistory,
      Duration defaultDeadline,
      Duration maximumDeadline,
      int requestRecords,
      Duration requestRecordAge,
      int callsPerCaller,
      DriverLimits driver) {

    /** The same with other limits of each driver. */
    public Limits withDriver(DriverLimits other) {
      return new Limits(
          messageBytes,
          callsPerConnection,
          watchers,
          eventHistory,
          defaultDeadline,
          maximumDeadline,
          requestRecords,
          requestRecordAge,
          callsPerCaller,
          other);
    }

    /** The same with another number of calls for each caller. */
    public Limits withCallsPerCaller(int calls) {
      return new Limits(
          messageBytes,
          callsPerConnection,
          watchers,
          eventHistory,
          defaultDeadline,
          maximumDeadline,
          requestRecords,
          requestRecordAge,
          calls,
          driver);
    }
  }

  /**
   * Traces (R21).
   *
   * @param endpoint where a collector takes them, by OTLP over HTTP
   * @param samplePercent share of the calls whose client does not say whether they are traced
   */
  public record Tracing(URI endpoint, int samplePercent) {}

  /**
   * How lost clients are found.
   *
   * @param time silence after which a client is asked
   * @param timeout time it has to answer
   * @param permitted shortest interval at which clients may ask
   */
  public record KeepAlive(Duration time, Duration timeout, Duration permitted) {}

  /**
   * TCP, which is never served without mutual TLS (R14).
   *
   * @param listen where
   * @param certificate PEM file of the daemon's certificate, then those that lead to its authority
   * @param key PEM file of its key
   * @param clientCa PEM file of the authorities whose clients are believed
   * @param revocationList PEM file of their revocation lists; empty: nobody is revoked
   */
  public record Tls(
      ListenAddress listen,
      Path certificate,
      Path key,
      Path clientCa,
      Optional<Path> revocationList) {}
}
