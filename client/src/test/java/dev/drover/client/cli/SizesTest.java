package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "1B, 1",
    "128MiB, 134217728",
    "128M, 134217728",
    "1.5 GiB, 1610612736",
    "2kib, 2048",
    "1KB, 1000",
    "3TB, 3000000000000",
  })
  void sizesAreRead(String text, long bytes) {
    assertThat(Sizes.parse(text)).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "-1", "1.5", "1.5B", "12 XiB", "1e3", "9000000TiB", "1 2"})
  void whatIsNoSizeIsRefused(String text) {
    assertThat(Sizes.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "134217728, 128.0 MiB",
    "1610612736, 1.5 GiB",
    "-1, 16384.0 PiB",
  })
  void sizesAreWritten(long bytes, String text) {
    assertThat(Sizes.format(bytes)).isEqualTo(text);
  }

  @Test
  void whatIsWrittenCanBeReadAgain() {
    assertThat(Sizes.parse(Sizes.format(3L << 30))).hasValue(3L << 30);
  }
}
