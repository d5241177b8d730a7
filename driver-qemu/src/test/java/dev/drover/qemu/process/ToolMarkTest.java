package dev.drover.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** R2: whose tools are ended. */
class ToolMarkTest {

  @Test
  void onlyToolsOfTheSameStateDirectoryAreEnded() throws Exception {
    ToolMark ours = ToolMark.of(Path.of("/var/lib/drover/../drover"));
    Process left = started(ours);
    Process others = started(ToolMark.of(Path.of("/var/lib/drover2")));
    try {
      ToolMark.of(Path.of("/var/lib/drover")).endLeftBehind();
      assertThat(left.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(left.exitValue()).isEqualTo(128 + 9);
      assertThat(others.isAlive()).isTrue();
    } finally {
      left.destroyForcibly();
      others.destroyForcibly();
    }
  }

  private static Process started(ToolMark mark) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("/bin/sleep", "600");
    builder.environment().clear();
    builder.environment().putAll(mark.environment());
    return builder.start();
  }
}
