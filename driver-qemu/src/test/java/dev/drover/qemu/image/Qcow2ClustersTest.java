package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What qcow2 tables say of the clusters that an image holds. */
class Qcow2ClustersTest {

  private static final int BITS = 12;
  private static final int CLUSTER = 1 << BITS;
  private static final int PER_TABLE = CLUSTER / Long.BYTES;

  @TempDir Path directory;

  @Test
  void aBitForEachClusterThatAnEntryNames() throws IOException {
    ByteBuffer image = image(2, 0);
    image.putLong(CLUSTER + Long.BYTES, (1L << 63) | (2L * CLUSTER));
    image.putLong(2 * CLUSTER, (1L << 63) | (3L * CLUSTER));
    image.putLong(2 * CLUSTER + 5 * Long.BYTES, 1); // reads as zeros, and has its entry

    Qcow2Clusters read = read(image).orElseThrow();

    assertThat(read.clusterBytes()).isEqualTo(CLUSTER);
    assertThat(read.held().stream()).containsExactly(PER_TABLE, PER_TABLE + 5);
  }

  @Test
  void anEmptyImageHoldsNone() throws IOException {
    assertThat(read(image(2, 0)).orElseThrow().held().isEmpty()).isTrue();
  }

  @Test
  void tablesOfAnotherKindAreNotRead() throws IOException {
    assertThat(read(image(2, 1 << 4))).as("with subclusters").isEmpty();
    assertThat(read(image(Integer.MAX_VALUE, 0))).as("of a disk without end").isEmpty();
    assertThat(read(image(-1, 0))).isEmpty();
  }

  @Test
  void whatIsNoImageIsRefused() {
    assertThatThrownBy(() -> read(ByteBuffer.allocate(CLUSTER)))
        .hasMessageContaining("does not begin with a qcow2 header");
    ByteBuffer cut = image(2, 0);
    cut.putLong(CLUSTER, 100L * CLUSTER);
    assertThatThrownBy(() -> read(cut)).hasMessageContaining("cut off");
  }

  /** A header, a table of tables in the second cluster, and room for a table and data. */
  private static ByteBuffer image(int tables, long features) {
    ByteBuffer image = ByteBuffer.allocate(4 * CLUSTER);
    image.putInt(0, 0x514649fb).putInt(4, 3).putInt(20, BITS);
    image.putInt(36, tables).putLong(40, CLUSTER).putLong(72, features);
    return image;
  }

  private Optional<Qcow2Clusters> read(ByteBuffer image) throws IOException {
    Path file = directory.resolve("image");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      var _ = channel.write(image.rewind());
    }
    return Qcow2Clusters.read(file);
  }
}
