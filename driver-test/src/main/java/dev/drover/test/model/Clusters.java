package dev.drover.test.model;

/** Arithmetic of clusters, the unit in which images allocate, jobs copy and guests write. */
public final class Clusters {

  /** Size of a cluster in bytes. */
  public static final int SIZE_BYTES = 64 * 1024;

  private Clusters() {}

  /** Number of clusters that hold this many bytes, the last one perhaps in part. */
  public static long count(long bytes) {
    return Math.ceilDiv(bytes, SIZE_BYTES);
  }

  /** Bytes of this many clusters. */
  public static long bytes(long clusters) {
    return clusters * SIZE_BYTES;
  }
}
