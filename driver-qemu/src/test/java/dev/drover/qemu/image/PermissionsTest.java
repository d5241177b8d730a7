package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.image.Permissions.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why a file may not be read or written is told (R11); who runs the tests may be root. */
class PermissionsTest {

  @TempDir Path directory;

  @Test
  void accessThatPermissionsAllowIsDeniedByWhatIsBeyondThem() throws IOException {
    Path file = Files.createFile(directory.resolve("image"));
    for (Access access : Access.values()) {
      assertThat(Permissions.why(file, access)).contains("beyond them", "SELinux", "owner ");
    }
  }

  @Test
  void whatIsNotThereHasNoPermissions() {
    assertThat(Permissions.why(directory.resolve("gone"), Access.READ)).contains("not known");
  }

  @Test
  void aDirectoryThatMayNotBePassedIsNamed() throws IOException {
    Path file = Files.createFile(directory.resolve("image"));
    assertThat(Permissions.why(file.resolve("below"), Access.READ))
        .contains("may not pass directory '" + file + "'");
  }
}
