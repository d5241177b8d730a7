package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePathsTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"", "disk.qcow2", "../disk", "/a\nb", "/a\u007fb", "/", "/.."})
  void pathsThatAreNotPlainAreRefused(String path) {
    refused(new ImagePaths(List.of()), path);
  }

  @Test
  void dotsAreTakenOut() {
    assertThat(new ImagePaths(List.of()).require("/a/./b/../c")).isEqualTo(Path.of("/a/c"));
  }

  @Test
  void onlyTheAllowedDirectoryMayBeReachedByWhateverWay() throws Exception {
    Path allowed = Files.createDirectory(directory.resolve("allowed"));
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Path link = Files.createSymbolicLink(allowed.resolve("way-out"), outside);
    ImagePaths paths = new ImagePaths(List.of(allowed));
    assertThat(paths.require(allowed.resolve("new/disk").toString())).isNotNull();
    refused(paths, allowed.resolve("../outside/disk").toString());
    refused(paths, link.resolve("disk").toString());
    refused(paths, directory.resolve("allowed-not/disk").toString());
  }

  private static void refused(ImagePaths paths, String path) {
    assertThatThrownBy(() -> paths.require(path))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED));
  }
}
