package dev.drover.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.DriverProvider;
import dev.drover.spi.DriverSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the configuration file. Keys that nobody knows are refused, with the nearest known one; all
 * mistakes of a file are reported together.
 */
public final class ConfigReader {

  private static final String DRIVER_SECTION = "driver";

  private final List<ConfigKey<?>> keys = ConfigKeys.all();
  private final Map<String, Map<String, String>> driverSettings = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<ConfigKey<?>, Object> values = new HashMap<>();
  private final Set<ConfigKey<?>> refused = new HashSet<>();
  private final Map<String, DriverSettings> drivers = new HashMap<>();

  private ConfigReader(Collection<? extends DriverProvider> providers) {
    providers.forEach(provider -> driverSettings.put(provider.scheme(), provider.settings()));
  }

  /** The configuration of a daemon without a file: every default. */
  public static DaemonConfig defaults() {
    return new ConfigReader(List.of()).config();
  }

  /**
   * Reads a file.
   *
   * @param providers the drivers there are, for their sections
   * @throws ConfigException with every mistake in the file, or because it cannot be read
   */
  public static DaemonConfig read(Path file, Collection<? extends DriverProvider> providers)
      throws ConfigException {
    try {
      return parse(Files.readString(file), providers);
    } catch (NoSuchFileException e) {
      throw new ConfigException(List.of("the file " + file + " does not exist"), e);
    } catch (IOException e) {
      throw new ConfigException(List.of("the file " + file + " cannot be read: " + e), e);
    }
  }

  /**
   * Reads a file's text.
   *
   * @param providers the drivers there are, for their sections
   * @throws ConfigException with every mistake
   */
  public static DaemonConfig parse(String toml, Collection<? extends DriverProvider> providers)
      throws ConfigException {
    ConfigReader reader = new ConfigReader(providers);
    JsonNode root;
    try {
      root = new TomlMapper().readTree(toml);
    } catch (JsonProcessingException e) {
      var where = Optional.ofNullable(e.getLocation());
      throw new ConfigException(
          List.of(
              where.map(place -> "line " + place.getLineNr() + ": ").orElse("")
                  + e.getOriginalMessage()),
          e);
    }
    reader.sections(root);
    reader.tls();
    reader.metrics();
    if (!reader.problems.isEmpty()) {
      throw new ConfigException(reader.problems, null);
    }
    return reader.config();
  }

  private void sections(JsonNode root) {
    for (Map.Entry<String, JsonNode> section : root.properties()) {
      List<ConfigKey<?>> known =
          keys.stream().filter(key -> key.section().equals(section.getKey())).toList();
      if (section.getKey().equals(DRIVER_SECTION)) {
        drivers(section.getValue());
      } else if (known.isEmpty()) {
        var names = new TreeSet<>(keys.stream().map(ConfigKey::section).toList());
        names.add(DRIVER_SECTION);
        problems.add(unknown("section [" + section.getKey() + "]", section.getKey(), names));
      } else if (!section.getValue().isObject()) {
        problems.add("[" + section.getKey() + "] must be a table");
      } else {
        section(section.getValue(), known);
      }
    }
  }

  private void section(JsonNode table, List<ConfigKey<?>> known) {
    for (Map.Entry<String, JsonNode> entry : table.properties()) {
      Optional<ConfigKey<?>> key =
          known.stream().filter(one -> one.name().equals(entry.getKey())).findFirst();
      if (key.isEmpty()) {
        String path = known.getFirst().section() + "." + entry.getKey();
        problems.add(
            unknown("key " + path, entry.getKey(), known.stream().map(ConfigKey::name).toList()));
      } else {
        value(key.get(), entry.getValue());
      }
    }
  }

  private void value(ConfigKey<?> key, JsonNode node) {
    if (!node.isValueNode()) {
      problems.add(key.path() + ": expected a single value");
      return;
    }
    try {
      values.put(key, key.parser().apply(node.asText()));
    } catch (IllegalArgumentException e) {
      refused.add(key);
      problems.add(key.path() + " = " + printable(node.asText()) + ": " + e.getMessage());
    }
  }

  /** TCP without one of the three files would be TCP without proof of who calls. */
  private void tls() {
    boolean listens = get(ConfigKeys.TLS_LISTEN).isPresent();
    for (ConfigKey<String> key :
        List.of(ConfigKeys.TLS_CERTIFICATE, ConfigKeys.TLS_KEY, ConfigKeys.TLS_CLIENT_CA)) {
      if (get(key).isEmpty() && listens && !refused.contains(key)) {
        problems.add(
            key.path()
                + " is missing: tls.listen needs certificate, key and client_ca, since TCP is never"
                + " served without mutual TLS; 'drover pki' makes them");
      }
    }
  }

  /** Plain text beyond this host is nothing that happens by a wrong address. */
  private void metrics() {
    get(ConfigKeys.METRICS_LISTEN)
        .filter(address -> !address.withinHost() && !get(ConfigKeys.METRICS_BEYOND_HOST))
        .ifPresent(
            address ->
                problems.add(
                    ConfigKeys.METRICS_LISTEN.path()
                        + " = "
                        + address
                        + ": other hosts reach that address, and metrics are served in plain text"
                        + " to everybody; choose 127.0.0.1, [::1] or a unix socket, or set "
                        + ConfigKeys.METRICS_BEYOND_HOST.path()
                        + " = true"));
  }

  private void drivers(JsonNode table) {
    if (!table.isObject()) {
      problems.add("[" + DRIVER_SECTION + "] must be a table");
      return;
    }
    for (Map.Entry<String, JsonNode> section : table.properties()) {
      String scheme = section.getKey();
      Map<String, String> known = driverSettings.get(scheme);
      if (known == null) {
        problems.add(unknown("section [driver." + scheme + "]", scheme, driverSettings.keySet()));
        continue;
      }
      if (!section.getValue().isObject()) {
        problems.add("[driver." + scheme + "] must be a table");
        continue;
      }
      Map<String, String> settings = new HashMap<>();
      for (Map.Entry<String, JsonNode> entry : section.getValue().properties()) {
        String path = "driver." + scheme + "." + entry.getKey();
        if (!known.containsKey(entry.getKey())) {
          problems.add(unknown("key " + path, entry.getKey(), known.keySet()));
        } else if (!entry.getValue().isValueNode()) {
          problems.add(path + ": expected a single value");
        } else {
          settings.put(entry.getKey(), entry.getValue().asText());
        }
      }
      drivers.put(scheme, new DriverSettings(settings));
    }
  }

  private static String printable(String value) {
    return value.replaceAll("\\p{Cntrl}", "?");
  }

  private static String unknown(String what, String name, Collection<String> known) {
    String ending =
        Spelling.nearest(name, known)
            .map(near -> "; did you mean \"" + near + "\"?")
            .orElseGet(
                () ->
                    known.isEmpty()
                        ? "; nothing is known here"
                        : "; known are " + String.join(", ", new TreeSet<>(known)));
    return "unknown " + what + ending;
  }

  @SuppressWarnings("unchecked") // value() stored what the key's own parser made
  private <T> T get(ConfigKey<T> key) {
    return (T) values.getOrDefault(key, key.initial());
  }

  private DaemonConfig config() {
    return new DaemonConfig(
        nonEmpty(get(ConfigKeys.DEFAULT_URI)),
        get(ConfigKeys.SHUTDOWN_GRACE),
        new DaemonConfig.Logging(
            get(ConfigKeys.LOG_LEVEL),
            nonEmpty(get(ConfigKeys.AUDIT_FILE)),
            get(ConfigKeys.AUDIT_FILE_BYTES)),
        new DaemonConfig.Limits(
            Math.toIntExact(get(ConfigKeys.MESSAGE_BYTES)),
            Math.toIntExact(get(ConfigKeys.CALLS_PER_CONNECTION)),
            Math.toIntExact(get(ConfigKeys.WATCHERS)),
            Math.toIntExact(get(ConfigKeys.EVENT_HISTORY)),
            get(ConfigKeys.DEFAULT_DEADLINE),
            get(ConfigKeys.MAXIMUM_DEADLINE),
            Math.toIntExact(get(ConfigKeys.REQUEST_RECORDS)),
            get(ConfigKeys.REQUEST_RECORD_AGE),
            Math.toIntExact(get(ConfigKeys.CALLS_PER_CALLER)),
            new DriverLimits(
                Math.toIntExact(get(ConfigKeys.DOMAINS)),
                Math.toIntExact(get(ConfigKeys.JOBS)),
                Math.toIntExact(get(ConfigKeys.JOBS_PER_STORE)),
                Math.toIntExact(get(ConfigKeys.QUEUED_JOBS)))),
        new DaemonConfig.KeepAlive(
            get(ConfigKeys.KEEPALIVE_TIME),
            get(ConfigKeys.KEEPALIVE_TIMEOUT),
            get(ConfigKeys.KEEPALIVE_PERMITTED)),
        new DaemonConfig.Access(
            nonEmpty(get(ConfigKeys.POLICY_FILE)).map(Path::of),
            get(ConfigKeys.EVERYBODY_CONNECTS)),
        get(ConfigKeys.TLS_LISTEN)
            .map(
                listen ->
                    new DaemonConfig.Tls(
                        listen,
                        Path.of(get(ConfigKeys.TLS_CERTIFICATE)),
                        Path.of(get(ConfigKeys.TLS_KEY)),
                        Path.of(get(ConfigKeys.TLS_CLIENT_CA)),
                        nonEmpty(get(ConfigKeys.TLS_REVOCATION_LIST)).map(Path::of))),
        get(ConfigKeys.METRICS_LISTEN),
        get(ConfigKeys.OTLP_ENDPOINT)
            .map(
                endpoint ->
                    new DaemonConfig.Tracing(
                        endpoint, Math.toIntExact(get(ConfigKeys.SAMPLE_PERCENT)))),
        drivers);
  }

  private static Optional<String> nonEmpty(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
