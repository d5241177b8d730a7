package dev.drover.client.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a duration such as {@code 250ms}, {@code 1.5s}, {@code 10m} or {@code 2h}. */
final class DurationOption {

  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h)?");
  private static final Map<String, Long> NANOS =
      Map.of("ms", 1_000_000L, "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);
  private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000L);

  private DurationOption() {}

  /** A duration; a bare number is one of seconds. */
  static Duration parse(String text, String option) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new CommandFailure(
          "%s '%s' is not a duration such as 500ms, 10s, 5m or 1h".formatted(option, text));
    }
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    BigDecimal nanos =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(NANOS.getOrDefault(unit, 1L)));
    BigDecimal[] parts = nanos.divideAndRemainder(NANOS_PER_SECOND);
    return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValue());
  }
}
