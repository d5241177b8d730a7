package dev.drover.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Says in messages how long something takes, as people write it. */
public final class DurationWords {

  private DurationWords() {}

  /**
   * The words, exact to the millisecond below a minute and to the second above: {@code 750 ms},
   * {@code 1.5 s}, {@code 2 min 30 s}, {@code 1 h 5 min}.
   */
  public static String of(Duration duration) {
    if (duration.isNegative()) {
      return "-" + of(duration.negated());
    }
    long millis = duration.toMillis();
    if (millis < 1000) {
      return millis + " ms";
    }
    if (duration.toMinutes() == 0) {
      String fraction = "%03d".formatted(millis % 1000).replaceAll("0+$", "");
      return millis / 1000 + (fraction.isEmpty() ? "" : "." + fraction) + " s";
    }
    List<String> parts = new ArrayList<>();
    add(parts, duration.toHours(), "h");
    add(parts, duration.toMinutesPart(), "min");
    add(parts, duration.toSecondsPart(), "s");
    return String.join(" ", parts);
  }

  private static void add(List<String> parts, long count, String unit) {
    if (count > 0) {
      parts.add(count + " " + unit);
    }
  }
}
