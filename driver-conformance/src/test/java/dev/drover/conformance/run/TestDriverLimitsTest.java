package dev.drover.conformance.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limits that only a daemon with small ones reaches, on the test driver (R29). */
class TestDriverLimitsTest {

  @TempDir private Path directory;
  private int daemons;

  @Test
  void hold() {
    SmallLimits.run(change -> TestDriverTarget.changed("test-limits", place(), change));
  }

  private Path place() {
    try {
      return Files.createDirectory(directory.resolve(Integer.toString(daemons++)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
