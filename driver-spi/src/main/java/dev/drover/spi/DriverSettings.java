package dev.drover.spi;

import java.util.Map;
import java.util.Optional;

/**
 * A driver's section of the daemon's configuration, {@code [driver.<scheme>]}. The daemon has
 * refused keys that {@link DriverProvider#settings()} does not name.
 *
 * @param values values by key, as text
 */
public record DriverSettings(Map<String, String> values) {

  /** Copies the map. */
  public DriverSettings {
    values = Map.copyOf(values);
  }

  /** The value of a key, where it is set. */
  public Optional<String> value(String key) {
    return Optional.ofNullable(values.get(key));
  }
}
