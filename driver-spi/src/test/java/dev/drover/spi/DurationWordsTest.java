package dev.drover.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DurationWordsTest {

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0 ms",
    "PT0.0009S, 0 ms",
    "PT0.75S, 750 ms",
    "PT1S, 1 s",
    "PT1.5S, 1.5 s",
    "PT10.005S, 10.005 s",
    "PT59.999S, 59.999 s",
    "PT1M, 1 min",
    "PT2M30.4S, 2 min 30 s",
    "PT1H5M, 1 h 5 min",
    "PT25H1S, 25 h 1 s",
    "PT-1.5S, -1.5 s",
  })
  void saysItAsPeopleWriteIt(Duration duration, String words) {
    assertThat(DurationWords.of(duration)).isEqualTo(words);
  }
}
