package dev.drover.test.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What a reader of a disk sees at one moment; unchanged by anything that happens afterwards. */
public final class DiskContents {

  private final long sizeBytes;
  private final long[] clusters;
  private final int[] values;

  DiskContents(long sizeBytes, long[] clusters, int[] values) {
    this.sizeBytes = sizeBytes;
    this.clusters = clusters;
    this.values = values;
  }

  /** SHA-256 over every byte of the disk, in hexadecimal. */
  public String sha256() {
    MessageDigest digest = newDigest();
    byte[] zeros = new byte[Clusters.SIZE_BYTES];
    byte[] filled = new byte[Clusters.SIZE_BYTES];
    int next = 0;
    long total = Clusters.count(sizeBytes);
    for (long cluster = 0; cluster < total; cluster++) {
      int length = (int) Math.min(Clusters.SIZE_BYTES, sizeBytes - Clusters.bytes(cluster));
      if (next < clusters.length && clusters[next] == cluster) {
        Arrays.fill(filled, (byte) values[next]);
        digest.update(filled, 0, length);
        next++;
      } else {
        digest.update(zeros, 0, length);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DiskContents that
        && sizeBytes == that.sizeBytes
        && Arrays.equals(clusters, that.clusters)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Long.hashCode(sizeBytes) + Arrays.hashCode(clusters))
        + Arrays.hashCode(values);
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
