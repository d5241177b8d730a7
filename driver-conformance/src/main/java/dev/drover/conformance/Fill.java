package dev.drover.conformance;

/**
 * A range of a disk filled with one byte.
 *
 * @param offset where it begins in bytes, a multiple of {@link #BLOCK}
 * @param length how long it is in bytes, a multiple of {@link #BLOCK}
 * @param pattern the byte, 0 to 255
 */
public record Fill(long offset, long length, int pattern) {

  /** Unit of all ranges in bytes: the cluster size of qcow2. */
  public static final long BLOCK = 65_536;

  /** Checks the units. */
  public Fill {
    if (offset % BLOCK != 0 || length % BLOCK != 0 || offset < 0 || length <= 0) {
      throw new IllegalArgumentException("a fill is made of whole blocks");
    }
    if (pattern < 0 || pattern > 255) {
      throw new IllegalArgumentException("a pattern is one byte");
    }
  }
}
