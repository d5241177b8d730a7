package dev.drover.test;

import dev.drover.spi.DriverSettings;
import dev.drover.spi.error.DriverException;
import dev.drover.test.clock.Pace;
import dev.drover.v1.ErrorReason;
import java.util.Map;
import java.util.TreeMap;

/**
 * The test driver's configuration.
 *
 * @param manualClock true where virtual time stands until it is advanced
 * @param capacityBytes room for image data on the test host
 * @param pace how fast its disks are
 */
record TestSettings(boolean manualClock, long capacityBytes, Pace pace) {

  private static final String CLOCK = "clock";
  private static final String CAPACITY = "capacity_bytes";
  private static final String SPEED = "disk_bytes_per_second";
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
    result.put(
        SPEED,
        "Speed of the test host's disks in bytes/s of virtual time, which no job exceeds, %d to %d."
                .formatted(Pace.LEAST, Pace.MOST)
            + " A job copies in rounds of what a disk does in a tenth of a second at the default,"
            + " and lasts one at least. Default: %d.".formatted(Pace.USUAL));
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
        settings
            .value(CAPACITY)
            .map(text -> bytes(CAPACITY, text, 0, Long.MAX_VALUE))
            .orElse(Long.MAX_VALUE),
        new Pace(
            settings
                .value(SPEED)
                .map(text -> bytes(SPEED, text, Pace.LEAST, Pace.MOST))
                .orElse(Pace.USUAL)));
  }

  private static long bytes(String key, String text, long least, long most) {
    try {
      long result = Long.parseLong(text);
      if (result >= least && result <= most) {
        return result;
      }
    } catch (NumberFormatException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "driver.test.%s must be a number of bytes, not \"%s\"".formatted(key, text),
          "field",
          key);
    }
    throw invalid(key, "must be a number of bytes from %d to %d".formatted(least, most));
  }

  private static DriverException invalid(String key, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        "driver.test.%s %s".formatted(key, why),
        "field",
        key);
  }
}
