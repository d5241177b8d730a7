package dev.drover.server.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every key of the configuration file except those of drivers, which their providers name. The
 * reader, {@code --print-config} and the reference in the documentation are made from this table.
 */
public final class ConfigKeys {

  /** URI that answers calls without one. */
  public static final ConfigKey<String> DEFAULT_URI =
      new ConfigKey<>(
          "daemon",
          "default_uri",
          "Connection URI for calls that name none. Empty: qemu:///system or qemu:///session as the"
              + " mode is where that driver is installed, else test:///default.",
          "",
          ConfigKeys::connectionUri,
          ConfigKeys::quoted);

  /** How long running calls may take after a stop was asked for. */
  public static final ConfigKey<Duration> SHUTDOWN_GRACE =
      seconds(
          "daemon",
          "shutdown_grace_seconds",
          "Seconds that running calls get to end when the daemon stops; afterwards they are cut"
              + " off. Domains keep running in any case.",
          10,
          0,
          3600);

  /** Threshold of the log. */
  public static final ConfigKey<LogLevel> LOG_LEVEL =
      new ConfigKey<>(
          "logging",
          "level",
          "Least level that is logged: error, warn, info, debug or trace. debug adds a line for"
              + " every reading call.",
          LogLevel.INFO,
          LogLevel::parse,
          level -> quoted(level.name().toLowerCase(Locale.ROOT)));

  /** Where audit records go. */
  public static final ConfigKey<String> AUDIT_FILE =
      path(
          "logging",
          "audit_file",
          "Absolute path of the file with one JSON line for every call that changes something."
              + " Empty: audit.log in the state directory.",
          "");

  /** Size at which the audit file is rolled over. */
  public static final ConfigKey<Long> AUDIT_FILE_BYTES =
      integer(
          "logging",
          "audit_file_bytes",
          "Size in bytes at which the audit file is compressed and a new one begun; ten old files"
              + " are kept.",
          64L << 20,
          1L << 20,
          1L << 40);

  /** Largest request. */
  public static final ConfigKey<Long> MESSAGE_BYTES =
      integer(
          "limits",
          "message_bytes",
          "Largest request in bytes; a larger one is refused with LIMIT_EXCEEDED.",
          4L << 20,
          1L << 16,
          1L << 26);

  /** Calls at a time on one connection. */
  public static final ConfigKey<Long> CALLS_PER_CONNECTION =
      integer(
          "limits",
          "calls_per_connection",
          "Most calls, streams included, that one client connection has open at a time; further"
              + " ones wait in the client.",
          1000,
          1,
          1_000_000);

  /** Watch streams at a time. */
  public static final ConfigKey<Long> WATCHERS =
      integer(
          "limits",
          "watchers",
          "Most watch streams open at a time, over all clients; further ones are refused with"
              + " LIMIT_EXCEEDED.",
          1000,
          1,
          1_000_000);

  /** Calls of one caller at a time. */
  public static final ConfigKey<Long> CALLS_PER_CALLER =
      atMost(
          "calls_per_caller",
          "Most calls, streams included, that one caller has open at a time, over all its"
              + " connections; further ones are refused with LIMIT_EXCEEDED. Calls that need"
              + " host.admin are not counted. 0: no limit.",
          0);

  /** Domains. */
  public static final ConfigKey<Long> DOMAINS =
      atMost(
          "domains",
          "Most domains of each driver, transient ones included; further ones are refused with"
              + " LIMIT_EXCEEDED. Those that are there stay when it is lowered. 0: no limit.",
          0);

  /** Jobs that copy. */
  public static final ConfigKey<Long> JOBS =
      atMost(
          "jobs",
          "Most jobs of each driver that copy at a time; further ones wait in a queue, in which"
              + " turns go round between callers and between their domains. A mirror that is READY"
              + " is not counted. 0: no limit.",
          0);

  /** Jobs that copy on one store. */
  public static final ConfigKey<Long> JOBS_PER_STORE =
      atMost(
          "jobs_per_store",
          "Most such jobs that copy from or to images of one file system at a time; further ones"
              + " wait too. 0: no limit.",
          0);

  /** Jobs that wait. */
  public static final ConfigKey<Long> QUEUED_JOBS =
      atMost(
          "queued_jobs",
          "Most jobs of each driver that wait in that queue; further ones are refused with"
              + " LIMIT_EXCEEDED. 0: no limit.",
          10_000);

  /** Events held for watchers that resume. */
  public static final ConfigKey<Long> EVENT_HISTORY =
      integer(
          "limits",
          "event_history",
          "Number of events each driver's connection holds in memory for streams that resume or lag"
              + " behind; who is further behind gets the whole state anew.",
          8192,
          16,
          10_000_000);

  /** Deadline of calls without one. */
  public static final ConfigKey<Duration> DEFAULT_DEADLINE =
      seconds(
          "limits",
          "default_deadline_seconds",
          "Deadline in seconds for a call whose client set none. Streams and WaitJob have none by"
              + " default.",
          300,
          1,
          86_400);

  /** Longest deadline. */
  public static final ConfigKey<Duration> MAXIMUM_DEADLINE =
      seconds(
          "limits",
          "maximum_deadline_seconds",
          "Longest time in seconds that a single call, streams excepted, may take whatever deadline"
              + " its client set. Jobs are not calls and go on.",
          86_400,
          1,
          31_536_000);

  /** Answers kept for request ids. */
  public static final ConfigKey<Long> REQUEST_RECORDS =
      integer(
          "limits",
          "request_records",
          "Number of answers kept for calls with a request_id, so that a repeated call is not run"
              + " twice; the oldest go first.",
          10_000,
          100,
          10_000_000);

  /** Age of answers kept for request ids. */
  public static final ConfigKey<Duration> REQUEST_RECORD_AGE =
      seconds(
          "limits",
          "request_record_age_seconds",
          "Seconds for which such an answer is kept.",
          86_400,
          60,
          31_536_000);

  /** Quiet time before the daemon asks whether a client is alive. */
  public static final ConfigKey<Duration> KEEPALIVE_TIME =
      seconds(
          "connections",
          "keepalive_seconds",
          "Seconds of silence after which the daemon asks whether a client is still there.",
          60,
          10,
          86_400);

  /** Time to answer that. */
  public static final ConfigKey<Duration> KEEPALIVE_TIMEOUT =
      seconds(
          "connections",
          "keepalive_timeout_seconds",
          "Seconds a client has to answer that; afterwards its connection is closed.",
          20,
          1,
          3600);

  /** Shortest interval at which clients may ask. */
  public static final ConfigKey<Duration> KEEPALIVE_PERMITTED =
      seconds(
          "connections",
          "keepalive_permitted_seconds",
          "Shortest interval in seconds at which clients may ask whether the daemon is there; one"
              + " that asks more often is disconnected.",
          5,
          1,
          3600);

  /** Who may do what. */
  public static final ConfigKey<String> POLICY_FILE =
      path(
          "access",
          "policy_file",
          "Absolute path of the file with roles and who has them, described in docs/security.md. It"
              + " is read again when it changes. Empty: the user the daemon runs as and root may do"
              + " everything, others nothing.",
          "");

  /** Who may connect. */
  public static final ConfigKey<Boolean> EVERYBODY_CONNECTS =
      new ConfigKey<>(
          "access",
          "everybody_connects",
          "true: every user of the host may connect to the unix socket, and the policy decides what"
              + " each may do. false: the user the daemon runs as and root alone may connect.",
          false,
          ConfigKeys::truth,
          String::valueOf);

  /** Where TCP is served. */
  public static final ConfigKey<Optional<ListenAddress>> TLS_LISTEN =
      new ConfigKey<>(
          "tls",
          "listen",
          "Address and port for clients of other hosts, for example \"0.0.0.0:16514\" or"
              + " \"[::]:16514\"; port 16514 where none is named. Every client has to prove itself"
              + " by a certificate. Empty: TCP is not served.",
          Optional.empty(),
          text -> text.isEmpty() ? Optional.empty() : Optional.of(ListenAddress.parse(text)),
          address -> quoted(address.map(ListenAddress::toString).orElse("")));

  /** The daemon's certificate. */
  public static final ConfigKey<String> TLS_CERTIFICATE =
      path(
          "tls",
          "certificate",
          "Absolute path of the daemon's certificate in PEM, with those that lead to its authority"
              + " after it. The files of this section are read again when they change.",
          "");

  /** The daemon's key. */
  public static final ConfigKey<String> TLS_KEY =
      path("tls", "key", "Absolute path of the certificate's key in PEM (PKCS #8).", "");

  /** Authorities of clients. */
  public static final ConfigKey<String> TLS_CLIENT_CA =
      path(
          "tls",
          "client_ca",
          "Absolute path of the certificates, in PEM, of the authorities whose clients are"
              + " believed.",
          "");

  /** Revoked clients. */
  public static final ConfigKey<String> TLS_REVOCATION_LIST =
      path(
          "tls",
          "revocation_list",
          "Absolute path of the revocation lists of those authorities in PEM. With it, a client"
              + " whose authority has no list in it is refused. Empty: nobody is revoked.",
          "");

  /** Where metrics are served. */
  public static final ConfigKey<Optional<MetricsAddress>> METRICS_LISTEN =
      new ConfigKey<>(
          "metrics",
          "listen",
          "Where Prometheus finds metrics under /metrics, over HTTP: address and port, for example"
              + " \"127.0.0.1:9264\", or the absolute path of a unix socket. docs/metrics.md has"
              + " them all. Empty: nowhere.",
          Optional.empty(),
          text -> text.isEmpty() ? Optional.empty() : Optional.of(MetricsAddress.parse(text)),
          address -> quoted(address.map(MetricsAddress::toString).orElse("")));

  /** Whether other hosts may reach them. */
  public static final ConfigKey<Boolean> METRICS_BEYOND_HOST =
      new ConfigKey<>(
          "metrics",
          "beyond_host",
          "true: metrics may be served at an address that other hosts reach, in plain text and to"
              + " everybody who asks. false: such an address is refused.",
          false,
          ConfigKeys::truth,
          String::valueOf);

  /** Where traces go. */
  public static final ConfigKey<Optional<URI>> OTLP_ENDPOINT =
      new ConfigKey<>(
          "tracing",
          "otlp_endpoint",
          "Where a collector takes traces by OTLP over HTTP, for example \"http://127.0.0.1:4318\";"
              + " /v1/traces is added where there is no path. Other hosts need https, and a"
              + " certificate that the Java of the daemon trusts. docs/tracing.md tells what is"
              + " sent. Empty: nothing is traced.",
          Optional.empty(),
          text -> text.isEmpty() ? Optional.empty() : Optional.of(TraceEndpoint.parse(text)),
          endpoint -> quoted(endpoint.map(URI::toString).orElse("")));

  /** How many calls are traced. */
  public static final ConfigKey<Long> SAMPLE_PERCENT =
      integer(
          "tracing",
          "sample_percent",
          "Share of calls that are traced, of those whose client sends no traceparent; one that"
              + " does decides for itself.",
          100,
          0,
          100);

  private ConfigKeys() {}

  /** The keys in the order in which people read them. */
  public static List<ConfigKey<?>> all() {
    return List.of(
        DEFAULT_URI,
        SHUTDOWN_GRACE,
        LOG_LEVEL,
        AUDIT_FILE,
        AUDIT_FILE_BYTES,
        MESSAGE_BYTES,
        CALLS_PER_CONNECTION,
        WATCHERS,
        CALLS_PER_CALLER,
        DOMAINS,
        JOBS,
        JOBS_PER_STORE,
        QUEUED_JOBS,
        EVENT_HISTORY,
        DEFAULT_DEADLINE,
        MAXIMUM_DEADLINE,
        REQUEST_RECORDS,
        REQUEST_RECORD_AGE,
        KEEPALIVE_TIME,
        KEEPALIVE_TIMEOUT,
        KEEPALIVE_PERMITTED,
        POLICY_FILE,
        EVERYBODY_CONNECTS,
        TLS_LISTEN,
        TLS_CERTIFICATE,
        TLS_KEY,
        TLS_CLIENT_CA,
        TLS_REVOCATION_LIST,
        METRICS_LISTEN,
        METRICS_BEYOND_HOST,
        OTLP_ENDPOINT,
        SAMPLE_PERCENT);
  }

  /** A path, or nothing. */
  private static ConfigKey<String> path(String section, String name, String text, String initial) {
    return new ConfigKey<>(
        section, name, text, initial, ConfigKeys::absolutePath, ConfigKeys::quoted);
  }

  private static ConfigKey<Long> integer(
      String section, String name, String text, long initial, long least, long most) {
    return new ConfigKey<>(
        section, name, text, initial, value -> number(value, least, most), String::valueOf);
  }

  /** A limit that need not be there. */
  private static ConfigKey<Long> atMost(String name, String text, long initial) {
    return integer("limits", name, text, initial, 0, 1_000_000);
  }

  private static ConfigKey<Duration> seconds(
      String section, String name, String text, long initial, long least, long most) {
    return new ConfigKey<>(
        section,
        name,
        text,
        Duration.ofSeconds(initial),
        value -> Duration.ofSeconds(number(value, least, most)),
        value -> String.valueOf(value.toSeconds()));
  }

  private static long number(String value, long least, long most) {
    String expected = "expected a whole number from " + least + " to " + most;
    try {
      long number = Long.parseLong(value);
      if (number < least || number > most) {
        throw new IllegalArgumentException(expected);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }

  private static boolean truth(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("expected true or false");
    };
  }

  private static String connectionUri(String value) {
    if (!value.isEmpty() && !value.matches("[a-z][a-z0-9+.-]*:///[!-~]*")) {
      throw new IllegalArgumentException(
          "expected driver:///path, for example qemu:///system or test:///default");
    }
    return value;
  }

  private static String absolutePath(String value) {
    if (!value.isEmpty() && !value.startsWith("/")) {
      throw new IllegalArgumentException("expected an absolute path");
    }
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a path has no zero character");
    }
    return value;
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
