package dev.drover.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a disk shows: one number for each {@link Fill#BLOCK}. Immutable.
 *
 * @param blocks 0 to 255: the byte that fills the block; below 0: a checksum of a block that no
 *     single byte fills, or that is cut short by the end; in the order of the disk
 */
public record DiskContents(List<Integer> blocks) {

  /** Copies the blocks. */
  public DiskContents {
    blocks = List.copyOf(blocks);
  }

  /** A disk of zeros. */
  public static DiskContents zeros(long sizeBytes) {
    Integer[] zeros = new Integer[Math.toIntExact(Math.ceilDiv(sizeBytes, Fill.BLOCK))];
    Arrays.fill(zeros, 0);
    return new DiskContents(List.of(zeros));
  }

  /** All that a stream has, as the bytes of a disk. */
  public static DiskContents read(InputStream disk) throws IOException {
    List<Integer> blocks = new ArrayList<>();
    byte[] block = new byte[Math.toIntExact(Fill.BLOCK)];
    int length = disk.readNBytes(block, 0, block.length);
    while (length > 0) {
      blocks.add(number(block, length));
      length = disk.readNBytes(block, 0, block.length);
    }
    return new DiskContents(blocks);
  }

  private static int number(byte[] block, int length) {
    if (length == block.length && Arrays.equals(block, 0, length - 1, block, 1, length)) {
      return Byte.toUnsignedInt(block[0]);
    }
    CRC32C checksum = new CRC32C();
    checksum.update(block, 0, length);
    return (int) checksum.getValue() | Integer.MIN_VALUE;
  }

  /** The disk after writes. */
  public DiskContents with(List<Fill> writes) {
    Integer[] values = blocks.toArray(Integer[]::new);
    for (Fill fill : writes) {
      int first = Math.toIntExact(fill.offset() / Fill.BLOCK);
      Arrays.fill(
          values, first, first + Math.toIntExact(fill.length() / Fill.BLOCK), fill.pattern());
    }
    return new DiskContents(List.of(values));
  }

  /** As ranges, so that a reader sees at once where two disks differ. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int next = 0;
    while (next < blocks.size()) {
      int first = next++;
      while (next < blocks.size() && blocks.get(next).equals(blocks.get(first))) {
        next++;
      }
      text.append(text.isEmpty() ? "" : ", ")
          .append("blocks %d to %d: ".formatted(first, next - 1))
          .append(blocks.get(first) < 0 ? "mixed " : "")
          .append("0x%02x".formatted(blocks.get(first)));
    }
    return text.isEmpty() ? "no file, or one without a byte" : text.toString();
  }
}
