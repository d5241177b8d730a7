package dev.drover.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the suite takes for the same contents (R8). */
class DiskContentsTest {
  private static final int BLOCK = Math.toIntExact(Fill.BLOCK);

  @Test
  @DisplayName("A block that one byte fills is that byte")
  void uniform() throws IOException {
    byte[] disk = new byte[3 * BLOCK];
    Arrays.fill(disk, BLOCK, 2 * BLOCK, (byte) 0xff);

    assertThat(read(disk))
        .isEqualTo(
            DiskContents.zeros(disk.length).with(List.of(new Fill(Fill.BLOCK, Fill.BLOCK, 0xff))));
  }

  @Test
  @DisplayName("A single byte makes a difference, wherever it is in a block")
  void oneByte() throws IOException {
    DiskContents zeros = DiskContents.zeros(Fill.BLOCK);
    byte[] disk = new byte[BLOCK];
    disk[0] = 1;
    DiskContents first = read(disk);
    disk[0] = 0;
    disk[BLOCK - 1] = 1;
    DiskContents last = read(disk);

    assertThat(List.of(zeros, first, last)).doesNotHaveDuplicates();
    assertThat(read(disk)).isEqualTo(last);
  }

  @Test
  @DisplayName("A disk that ends within a block differs from those that end beside it")
  void size() throws IOException {
    assertThat(
            List.of(
                read(new byte[BLOCK]),
                read(new byte[BLOCK + 512]),
                read(new byte[BLOCK + 1024]),
                read(new byte[2 * BLOCK])))
        .doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("Ranges are told where contents differ")
  void told() throws IOException {
    byte[] disk = new byte[3 * BLOCK];
    Arrays.fill(disk, 0, BLOCK, (byte) 0x11);

    assertThat(read(disk)).hasToString("blocks 0 to 0: 0x11, blocks 1 to 2: 0x00");
    disk[BLOCK] = 1;
    assertThat(read(disk)).asString().contains("blocks 1 to 1: mixed 0x");
    assertThat(DiskContents.zeros(0)).hasToString("no file, or one without a byte");
  }

  private static DiskContents read(byte[] disk) throws IOException {
    return DiskContents.read(new ByteArrayInputStream(disk));
  }
}
