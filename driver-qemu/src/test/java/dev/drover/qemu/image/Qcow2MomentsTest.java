package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R9: the table of snapshots of a qcow2 image, read without QEMU. */
class Qcow2MomentsTest {

  private static final int TABLE = 512;

  @TempDir Path directory;

  @Test
  void namesAndTheSizeOfMemoryAreRead() throws IOException {
    ByteBuffer file = image(2);
    entry(file, "1", "before", 0, 24, 5_000_000_000L);
    entry(file, "17", "#7", 12, 0, 0);
    Path image = write(file);

    assertThat(Qcow2Moments.find(image, "before")).isEqualTo(OptionalLong.of(5_000_000_000L));
    assertThat(Qcow2Moments.find(image, "#7")).isEqualTo(OptionalLong.of(12));
    assertThat(Qcow2Moments.find(image, "17")).isEmpty();
  }

  @Test
  void anImageMayKeepNone() throws IOException {
    assertThat(Qcow2Moments.read(write(image(0)))).isEmpty();
  }

  @Test
  void whatIsDamagedIsNotTakenForEmpty() throws IOException {
    Path cutOff = write(image(1).limit(TABLE + 8));
    assertThatThrownBy(() -> Qcow2Moments.read(cutOff)).isInstanceOf(IOException.class);
    Path tooMany = write(image(1 << 20));
    assertThatThrownBy(() -> Qcow2Moments.read(tooMany)).isInstanceOf(IOException.class);
    ByteBuffer large = image(1);
    entry(large, "1", "before", 0, 1 << 20, 0);
    Path extra = write(large);
    assertThatThrownBy(() -> Qcow2Moments.read(extra)).isInstanceOf(IOException.class);
    Path raw = write(ByteBuffer.allocate(4096));
    assertThatThrownBy(() -> Qcow2Moments.read(raw)).isInstanceOf(IOException.class);
  }

  private static ByteBuffer image(int moments) {
    ByteBuffer file = ByteBuffer.allocate(4096);
    file.putInt(0, 0x514649fb).putInt(60, moments).putLong(64, TABLE);
    return file.position(TABLE);
  }

  private static void entry(
      ByteBuffer file, String id, String name, int memory, int extra, long large) {
    int start = file.position();
    file.position(start + 12);
    file.putShort((short) id.length()).putShort((short) name.length());
    file.position(start + 32);
    file.putInt(memory).putInt(extra);
    if (extra == 24) {
      file.putLong(large).putLong(1 << 20).putLong(-1);
    }
    file.put(id.getBytes(StandardCharsets.UTF_8)).put(name.getBytes(StandardCharsets.UTF_8));
    file.position((file.position() - TABLE + 7) / 8 * 8 + TABLE);
  }

  private Path write(ByteBuffer file) throws IOException {
    Path image = Files.createTempFile(directory, "image", ".qcow2");
    byte[] bytes = new byte[file.limit()];
    file.get(0, bytes);
    Files.write(image, bytes);
    return image;
  }
}
