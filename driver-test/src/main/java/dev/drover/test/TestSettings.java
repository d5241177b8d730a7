package dev.drover.test;

import dev.drover.spi.DriverSettings;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.util.Map;
import java.util.TreeMap;

/**
 * The test driver's configuration.
 *
 * @param manualClock true where virtual time stands until it is advanced
 * @param capacityBytes room for image data on the test host
 */
record TestSettings(boolean manualClock, long capacityBytes) {

  private static final String CLOCK = "clock";
  private static final String CAPACITY = "capacity_bytes";
  private static final String REAL = "real";
  private static final String MANUAL = "manual";

  /** Keys and their meaning. */
  static Map<String, String> documented() {
    Map<String, String> result = new TreeMap<>();
    result.put(
        CLOCK,
        "\"real\" (default): virtual time follows real time; \"manual\": it stands until a client"
            + " advances it.");
    result.put(CAPACITY, "Bytes of image data the test host has room for. Default: no limit.");
    return result;
  }

  /**
   * Reads the settings.
   *
   * @throws DriverException INVALID_ARGUMENT
   */
  static TestSettings of(DriverSettings settings) {
    String clock = settings.value(CLOCK).orElse(REAL);
    if (!clock.equals(REAL) && !clock.equals(MANUAL)) {
      throw invalid(CLOCK, "must be \"real\" or \"manual\", not \"%s\"".formatted(clock));
    }
    return new TestSettings(
        clock.equals(MANUAL),
        settings.value(CAPACITY).map(TestSettings::bytes).orElse(Long.MAX_VALUE));
  }

  private static long bytes(String text) {
    try {
      long result = Long.parseLong(text);
      if (result >= 0) {
        return result;
      }
    } catch (NumberFormatException e) {
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_INVALID_ARGUMENT, notBytes(text), "field", CAPACITY);
    }
    throw invalid(CAPACITY, notBytes(text));
  }

  private static String notBytes(String text) {
    return "driver.test.%s must be a number of bytes, not \"%s\"".formatted(CAPACITY, text);
  }

  private static DriverException invalid(String key, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        "driver.test.%s %s".formatted(key, why),
        "field",
        key);
  }
}
