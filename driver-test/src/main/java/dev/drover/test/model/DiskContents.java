package dev.drover.test.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a reader of a disk sees at one moment; unchanged by anything that happens afterwards. */
public final class DiskContents {

  /** 16 MiB, which take some milliseconds to a tenth of a second. */
  private static final long BETWEEN_LOOKS = 256;

  private final long sizeBytes;
  private final long[] clusters;
  private final int[] values;

  DiskContents(long sizeBytes, long[] clusters, int[] values) {
    this.sizeBytes = sizeBytes;
    this.clusters = clusters;
    this.values = values;
  }

  /**
   * Neighbouring clusters that show the same byte.
   *
   * @param offsetBytes where they begin
   * @param lengthBytes how long they are
   * @param value the byte, 1 to 255
   */
  public record Range(long offsetBytes, long lengthBytes, int value) {}

  /** What is not zeros, in the order of the disk, each range as long as it can be. */
  public List<Range> ranges() {
    List<Range> result = new ArrayList<>();
    int next = 0;
    while (next < clusters.length) {
      int first = next++;
      while (next < clusters.length
          && clusters[next] == clusters[next - 1] + 1
          && values[next] == values[first]) {
        next++;
      }
      if (values[first] != 0) {
        long offset = Clusters.bytes(clusters[first]);
        long end = Math.min(Clusters.bytes(clusters[next - 1] + 1), sizeBytes);
        result.add(new Range(offset, end - offset, values[first]));
      }
    }
    return result;
  }

  /**
   * SHA-256 over every byte of the disk, in hexadecimal.
   *
   * @param goOn asked again and again while a large disk is digested; ends it by throwing
   */
  public String sha256(Runnable goOn) {
    MessageDigest digest = newDigest();
    byte[] zeros = new byte[Clusters.SIZE_BYTES];
    byte[] filled = new byte[Clusters.SIZE_BYTES];
    int next = 0;
    long total = Clusters.count(sizeBytes);
    for (long cluster = 0; cluster < total; cluster++) {
      if (cluster % BETWEEN_LOOKS == 0) {
        goOn.run();
      }
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
