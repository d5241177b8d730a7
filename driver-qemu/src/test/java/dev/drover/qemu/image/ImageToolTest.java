package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.process.ToolMark;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** E18: what is made where nothing may be. */
class ImageToolTest {

  @TempDir private Path directory;

  @Test
  void fileThatHasComeUpIsLeftAlone() throws IOException {
    Path image = Files.writeString(directory.resolve("image"), "somebody's letters");
    refused("/bin/true", image, ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
    assertThat(image).hasContent("somebody's letters");
  }

  @Test
  void nothingIsLeftWhereTheToolFails() {
    Path image = directory.resolve("image");
    refused("/bin/false", image, ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED);
    assertThat(image).doesNotExist();
  }

  @Test
  void directoryThatIsMissingIsTold() {
    Path image = directory.resolve("missing/image");
    refused("/bin/true", image, ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND);
  }

  private void refused(String program, Path image, ErrorReason reason) {
    ImageTool tool = new ImageTool(Path.of(program), ToolMark.of(directory));
    assertThatThrownBy(
            () ->
                tool.createNew(
                    image,
                    ImageFormat.IMAGE_FORMAT_RAW,
                    Optional.empty(),
                    1 << 20,
                    Duration.ofSeconds(30)))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
