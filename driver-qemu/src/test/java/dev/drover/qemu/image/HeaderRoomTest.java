package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much of a header QEMU has left for the name of a backing file. */
class HeaderRoomTest {

  private static final int BACKING_FORMAT = 0xE2792ACA;
  private static final int FEATURE_NAMES = 0x6803f857;
  private static final int BITMAPS = 0x23852875;

  @TempDir private Path directory;

  @ParameterizedTest(name = "version {0}, clusters of 2^{1}")
  @CsvSource({"3, 9, 376", "3, 10, 888", "3, 11, 1023", "3, 16, 1023", "2, 9, 416"})
  void isWhatTheFirstClusterLeaves(int version, int clusterBits, int room) throws IOException {
    assertThat(room(header(version, clusterBits))).isEqualTo(room);
  }

  @Test
  void whatQemuWritesAnewIsNotCountedTwiceAndWhatItKeepsIs() throws IOException {
    ByteBuffer header = header(3, 9);
    extension(header, 104, BACKING_FORMAT, 5);
    extension(header, 120, FEATURE_NAMES, 48);
    assertThat(room(header)).isEqualTo(376);
    extension(header, 176, BITMAPS, 24);
    assertThat(room(header)).isEqualTo(376 - 32);
  }

  @Test
  void extensionsThatFillTheClusterLeaveNothing() throws IOException {
    ByteBuffer header = header(3, 9);
    extension(header, 104, BITMAPS, 400);
    assertThat(room(header)).isZero();
  }

  @Test
  void aNameOfMoreBytesIsRefused() throws IOException {
    Path file = write(header(3, 9));
    Image image =
        Image.newBuilder()
            .setPath(file.toString())
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();
    ChainReader reader = new ChainReader(new ImagePaths(List.of()));
    assertThatCode(() -> reader.requireRoomFor(image, "n".repeat(376))).doesNotThrowAnyException();
    assertThatThrownBy(() -> reader.requireRoomFor(image, "é".repeat(189)))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID))
        .hasMessageContaining("has 378 bytes")
        .hasMessageContaining("room for 376");
  }

  private int room(ByteBuffer header) throws IOException {
    try (FileChannel file = FileChannel.open(write(header))) {
      return HeaderRoom.of(file);
    }
  }

  private Path write(ByteBuffer header) throws IOException {
    byte[] content = new byte[header.limit()];
    header.get(0, content);
    return Files.write(directory.resolve("image.qcow2"), content);
  }

  private static ByteBuffer header(int version, int clusterBits) {
    ByteBuffer bytes = ByteBuffer.allocate(1 << clusterBits);
    bytes.putInt(0, 0x514649fb).putInt(4, version).putInt(20, clusterBits).putLong(24, 1L << 20);
    if (version == 3) {
      bytes.putInt(100, 104);
    }
    return bytes;
  }

  private static void extension(ByteBuffer bytes, int at, int type, int length) {
    bytes.putInt(at, type).putInt(at + 4, length);
  }
}
