package dev.drover.server.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedLibrariesTest {

  private static final long SELF = ProcessHandle.current().pid();

  /** Beyond what Linux gives to processes. */
  private static final long GONE = (1L << 22) + 1;

  @TempDir private Path state;

  @Test
  void whatProcessesLeftThatAreGoneIsRemoved() throws IOException {
    Path gone = UnpackedLibraries.prepare(state, GONE);
    Files.writeString(gone.resolve("lib.so"), "old");
    Path other = Files.createDirectory(gone.resolveSibling("mine"));

    Path self = UnpackedLibraries.prepare(state, SELF);
    Files.writeString(self.resolve("lib.so"), "new");

    assertThat(gone).doesNotExist();
    assertThat(other).isDirectory();
    assertThat(UnpackedLibraries.prepare(state, GONE)).isEmptyDirectory();
    assertThat(self.resolve("lib.so")).hasContent("new");
  }

  @Test
  void anEarlierProcessOfTheSameNumberLeavesNothing() throws IOException {
    Files.writeString(UnpackedLibraries.prepare(state, SELF).resolve("lib.so"), "old");

    assertThat(UnpackedLibraries.prepare(state, SELF)).isEmptyDirectory();
  }
}
