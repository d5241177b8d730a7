package dev.drover.client;

import dev.drover.v1.ErrorReason;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands behind the question mark of a connection URI. */
final class UriParameters {
  private final String text;
  private final Map<String, String> values;

  private UriParameters(String text, Map<String, String> values) {
    this.text = text;
    this.values = values;
  }

  /**
   * Reads the parameters.
   *
   * @param text the URI as it was written, for messages
   * @param known the names that may be given
   * @throws DroverException CONNECTION_URI_INVALID
   */
  static UriParameters of(String text, URI uri, List<String> known) {
    Map<String, String> values = new LinkedHashMap<>();
    String query = uri.getRawQuery();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals <= 0) {
          throw invalid(text, "parameter '" + pair + "' has no value");
        }
        String name = decode(pair.substring(0, equals));
        if (!known.contains(name)) {
          throw invalid(
              text,
              "unknown parameter '%s'; known is '%s'".formatted(name, String.join("', '", known)));
        }
        if (values.put(name, decode(pair.substring(equals + 1))) != null) {
          throw invalid(text, "parameter '" + name + "' is given twice");
        }
      }
    }
    return new UriParameters(text, values);
  }

  /** A parameter's value, never empty and without control characters. */
  Optional<String> text(String name) {
    Optional<String> value = Optional.ofNullable(values.get(name));
    if (value.filter(given -> given.isEmpty() || hasControls(given)).isPresent()) {
      throw invalid(text, "'" + name + "' must be text without control characters");
    }
    return value;
  }

  /** An absolute path. */
  Optional<Path> path(String name) {
    String value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    try {
      Path path = Path.of(value);
      if (path.isAbsolute()) {
        return Optional.of(path);
      }
    } catch (InvalidPathException e) {
      throw invalid(text, "'" + name + "' is not a path: " + e.getReason());
    }
    throw invalid(text, "'" + name + "' must be an absolute path");
  }

  private static boolean hasControls(String value) {
    return value.chars().anyMatch(Character::isISOControl);
  }

  /** Percent-decoding; a plus sign is itself, since this is not an HTML form. */
  static String decode(String raw) {
    return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The failure of a URI that cannot be read. */
  static DroverException invalid(String text, String why) {
    return new DroverException(
        ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID,
        "Connection URI '%s' cannot be read: %s".formatted(text, why));
  }
}
