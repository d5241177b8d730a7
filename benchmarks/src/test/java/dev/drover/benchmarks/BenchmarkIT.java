package dev.drover.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every benchmark runs on a few MiB and fills its table; what it measures is not judged. */
@Tag("qemu")
class BenchmarkIT {

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(Measurement.class)
  void runs(Measurement measurement) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      Benchmark.measure(List.of(measurement), Scale.SMOKE, directory, out, _ -> {});
    }

    String printed = bytes.toString(StandardCharsets.UTF_8);
    switch (measurement) {
      case THROUGHPUT ->
          assertThat(printed)
              .contains("| commit (intermediate) | ")
              .contains("| active commit with pivot | ")
              .contains("| pull | ")
              .contains("| pull, the script flushes too | ")
              .contains("| copy with pivot | ");
      case OFFLINE ->
          assertThat(printed)
              .containsAnyOf("| commit of the active image | ", "CAPABILITY_BLOCK_JOBS_OFFLINE");
      case PIVOT -> assertThat(printed).contains("| Drover to that, median of pairs | ");
      case JOURNAL -> assertThat(printed).contains("| copy with pivot | ");
      case ISOLATION ->
          assertThat(printed)
              .contains("| `GetDomain`, test | ")
              .contains("| change until a watcher has it, QEMU | ")
              .contains("| QEMU stopped by SIGSTOP | ")
              .contains("| monitor silent, QEMU alive | ")
              .contains("| image on a path that does not answer | ")
              .contains("### Calls into a path that does not answer");
      case WATCH ->
          assertThat(printed)
              .contains("400 of 400 events were told one by one")
              .contains("Processor time for each event and watcher: ")
              .contains("| for each watcher, nothing happens | ")
              .contains("RESYNC_REASON_SLOW_CONSUMER");
    }
  }
}
