package dev.drover.conformance.bench;

import dev.drover.conformance.Fill;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What a disk must show: one byte value for each block. Immutable.
 *
 * @param blocks the values, in the order of the disk
 */
public record DiskContents(List<Integer> blocks) {

  /** Copies the blocks. */
  public DiskContents {
    blocks = List.copyOf(blocks);
  }

  /** A disk of zeros. */
  public static DiskContents zeros(long sizeBytes) {
    Integer[] zeros = new Integer[Math.toIntExact(sizeBytes / Fill.BLOCK)];
    Arrays.fill(zeros, 0);
    return new DiskContents(List.of(zeros));
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

  /** Checksum as {@code ImageView.sha256} has it. */
  public String sha256() {
    return KnownChecksums.of(this);
  }

  /** Reads the whole disk; {@link #sha256} asks once for what is the same. */
  String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] block = new byte[Math.toIntExact(Fill.BLOCK)];
      for (int value : blocks) {
        Arrays.fill(block, (byte) value);
        digest.update(block);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
