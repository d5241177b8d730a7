package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Optional;

/**
 * Which clusters of its disk a qcow2 image holds itself, as its tables say (docs/interop/qcow2.rst
 * of QEMU). Reading takes no lock; what a running hypervisor has not written yet is not seen.
 *
 * @param clusterBytes bytes of a cluster
 * @param held a bit for each cluster of the disk
 */
public record Qcow2Clusters(long clusterBytes, BitSet held) {

  private static final int MAGIC = 0x514649fb;
  private static final int HEADER_BYTES = 80;
  private static final int SUBCLUSTERS = 1 << 4;
  private static final int VERSION_WITH_FEATURES = 3;
  private static final int MOST_CLUSTER_BITS = 21;
  private static final long MOST_ENTRIES = 1L << 25;
  private static final long OFFSET_MASK = 0x00fffffffffffe00L;

  /** Takes a copy of the bits. */
  public Qcow2Clusters {
    held = (BitSet) held.clone();
  }

  @Override
  public BitSet held() {
    return (BitSet) held.clone();
  }

  /**
   * Reads an image; empty where it is too large for that, or its tables are of a kind that is not
   * read here.
   *
   * @throws IOException where the file cannot be read, or is no qcow2 image
   */
  public static Optional<Qcow2Clusters> read(Path image) throws IOException {
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
      ByteBuffer header = Qcow2Moments.read(file, 0, HEADER_BYTES);
      if (header.getInt(0) != MAGIC) {
        throw new IOException("it does not begin with a qcow2 header");
      }
      int bits = header.getInt(20);
      boolean subclusters =
          header.getInt(4) >= VERSION_WITH_FEATURES && (header.getLong(72) & SUBCLUSTERS) != 0;
      int tables = header.getInt(36);
      long perTable = 1L << (bits - 3);
      if (bits < 9
          || bits > MOST_CLUSTER_BITS
          || subclusters
          || tables < 0
          || tables * perTable > MOST_ENTRIES) {
        return Optional.empty();
      }
      ByteBuffer first = Qcow2Moments.read(file, header.getLong(40), tables * Long.BYTES);
      BitSet held = new BitSet();
      for (int table = 0; table < tables; table++) {
        long at = first.getLong(table * Long.BYTES) & OFFSET_MASK;
        if (at != 0) {
          entries(Qcow2Moments.read(file, at, 1 << bits), Math.toIntExact(table * perTable), held);
        }
      }
      return Optional.of(new Qcow2Clusters(1L << bits, held));
    }
  }

  private static void entries(ByteBuffer table, int from, BitSet held) {
    for (int i = 0; i < table.capacity() / Long.BYTES; i++) {
      if (table.getLong(i * Long.BYTES) != 0) {
        held.set(from + i);
      }
    }
  }
}
