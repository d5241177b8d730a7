package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers as QEMU writes them, and as an attacker would. */
class Qcow2HeaderTest {

  private static final int CLUSTER = 1 << 16;

  @TempDir private Path directory;

  @Test
  void aSoundHeaderIsRead() throws Exception {
    Qcow2Header header = read(header(_ -> {}));
    assertThat(header).isEqualTo(new Qcow2Header(3, 1L << 30, "base.raw", Optional.of("raw")));
  }

  @Test
  void versionTwoHasItsExtensionsRightAfterTheFixedPart() throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(CLUSTER);
    bytes.putInt(0, 0x514649fb).putInt(4, 2).putInt(20, 16).putLong(24, 4096);
    bytes.putLong(8, 200).putInt(16, 1);
    bytes.put(200, "b".getBytes(StandardCharsets.UTF_8));
    extension(bytes, 72, "qcow2");
    assertThat(read(bytes)).isEqualTo(new Qcow2Header(2, 4096, "b", Optional.of("qcow2")));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 4, 1, does not begin with a qcow2 header",
    "4, 4, 9, version 9",
    "20, 4, 60, cluster size",
    "24, 8, -5, virtual size",
    "32, 4, 1, encrypted",
    "72, 8, 4, external data file",
    "72, 8, 2, corrupt",
    "72, 8, 32, needs feature 5",
    "72, 8, -9223372036854775808, needs feature 63",
    "100, 4, 8, header length",
    "100, 4, 65537, header length",
    "100, 4, -16, header length",
    "100, 4, -2147483648, header length",
    "16, 4, 1024, length of its backing file's name",
    "16, 4, -1, length of its backing file's name",
    "8, 8, 9000000000, lies outside",
    "8, 8, -8, lies outside",
    "8, 8, 9223372036854775807, lies outside",
    "108, 4, 2000000000, extension",
  })
  void aHostileHeaderIsRefused(int offset, int bytes, long value, String why) {
    ByteBuffer hostile =
        header(
            sound -> {
              if (bytes == 4) {
                sound.putInt(offset, (int) value);
              } else {
                sound.putLong(offset, value);
              }
            });
    assertThatThrownBy(() -> read(hostile))
        .isInstanceOf(Qcow2Header.NotUsable.class)
        .hasMessageContaining(why);
  }

  @Test
  void aShortFileIsNoHeader() {
    assertThatThrownBy(() -> read(ByteBuffer.allocate(10)))
        .isInstanceOf(Qcow2Header.NotUsable.class);
    assertThatThrownBy(() -> read(header(_ -> {}).slice(0, 90)))
        .isInstanceOf(Qcow2Header.NotUsable.class)
        .hasMessageContaining("cut off");
  }

  @Test
  void aNameThatIsNotTextIsRefused() {
    assertThatThrownBy(() -> read(header(bytes -> bytes.put(512, (byte) 0xff))))
        .isInstanceOf(Qcow2Header.NotUsable.class)
        .hasMessageContaining("not text");
  }

  @Test
  void aNameThatCanBeNoPathIsRefused() {
    assertThatThrownBy(() -> read(header(bytes -> bytes.put(513, (byte) 0))))
        .isInstanceOf(Qcow2Header.NotUsable.class)
        .hasMessageContaining("control characters");
  }

  private static ByteBuffer header(Consumer<ByteBuffer> change) {
    ByteBuffer bytes = ByteBuffer.allocate(CLUSTER);
    bytes.putInt(0, 0x514649fb).putInt(4, 3).putInt(20, 16).putLong(24, 1L << 30);
    bytes.putLong(8, 512).putInt(16, 8).putInt(100, 104);
    bytes.put(512, "base.raw".getBytes(StandardCharsets.UTF_8));
    extension(bytes, 104, "raw");
    change.accept(bytes);
    return bytes;
  }

  private static void extension(ByteBuffer bytes, int at, String format) {
    bytes.putInt(at, 0xE2792ACA).putInt(at + 4, format.length());
    bytes.put(at + 8, format.getBytes(StandardCharsets.UTF_8));
  }

  private Qcow2Header read(ByteBuffer bytes) throws IOException, Qcow2Header.NotUsable {
    byte[] content = new byte[bytes.limit()];
    bytes.get(0, content);
    Path file = Files.write(directory.resolve("image"), content);
    try (FileChannel channel = FileChannel.open(file)) {
      return Qcow2Header.read(channel);
    }
  }
}
