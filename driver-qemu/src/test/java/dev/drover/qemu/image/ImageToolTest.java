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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** E18, R11: what is made where, and in which file. */
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

  @Test
  void fileThatHoldsSomethingIsNoPlace() throws IOException {
    Path image = Files.writeString(directory.resolve("image"), "somebody's letters");
    assertRefused(
        () -> inPlace(tool("/bin/true"), image), ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
    assertThat(image).hasContent("somebody's letters");
  }

  @Test
  void fileOfTheKernelThatClaimsToBeEmptyIsNoPlace() throws IOException { // E18, R11
    Path claims = Path.of("/proc/sys/kernel/ostype");
    assertThat(Files.size(claims)).isZero();
    assertThat(ImageFiles.isEmptyFile(claims)).isFalse();
    assertThat(ImageFiles.isEmptyFile(Files.createFile(directory.resolve("empty")))).isTrue();
    assertRefused(
        () -> inPlace(tool("/bin/true"), claims), ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
  }

  @Test
  void fileThatTakesThePlaceMeanwhileIsNotWrittenTo() throws IOException { // R11
    Path image = Files.createFile(directory.resolve("image"));
    Path moved = directory.resolve("moved");
    Path secret = Files.writeString(directory.resolve("secret"), "somebody's letters");
    Path exchanging =
        program(
            """
            mv '%s' '%s'
            ln -s '%s' '%s'
            for word; do
              if [ -e "$word" ]; then echo made >"$word"; fi
            done
            """
                .formatted(image, moved, secret, image));

    inPlace(tool(exchanging.toString()), image);

    assertThat(moved).hasContent("made");
    assertThat(secret).hasContent("somebody's letters");
  }

  @Test
  void linkThatLeadsOutsideIsRefused() throws IOException {
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Path outside = Files.createFile(directory.resolve("outside"));
    Path image = Files.createSymbolicLink(inside.resolve("image"), outside);
    ImageTool tool =
        new ImageTool(
            Path.of("/bin/true"), ToolMark.of(directory), new ImagePaths(List.of(inside)));
    assertRefused(() -> inPlace(tool, image), ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED);
  }

  @Test
  void failureNamesThePath() throws IOException {
    Path image = Files.createFile(directory.resolve("image"));
    Path failing = program("echo \"$6: No space left on device\"; exit 1");
    assertThatThrownBy(() -> inPlace(tool(failing.toString()), image))
        .hasMessageContaining("failed: ")
        .hasMessageNotContaining("/proc/")
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE));
  }

  private Path program(String text) throws IOException {
    Path program = Files.writeString(directory.resolve("program"), "#!/bin/sh\n" + text + "\n");
    return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  private ImageTool tool(String program) {
    return new ImageTool(Path.of(program), ToolMark.of(directory), new ImagePaths(List.of()));
  }

  private static void inPlace(ImageTool tool, Path image) {
    tool.createInPlace(
        image, ImageFormat.IMAGE_FORMAT_RAW, Optional.empty(), 1 << 20, Duration.ofSeconds(30));
  }

  private static void assertRefused(ThrowingCallable call, ErrorReason reason) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private void refused(String program, Path image, ErrorReason reason) {
    assertRefused(
        () ->
            tool(program)
                .createNew(
                    image,
                    ImageFormat.IMAGE_FORMAT_RAW,
                    Optional.empty(),
                    1 << 20,
                    Duration.ofSeconds(30)),
        reason);
  }
}
