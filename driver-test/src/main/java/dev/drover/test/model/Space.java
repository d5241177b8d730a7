package dev.drover.test.model;

/**
 * Room on the test host's file system. Guarded by the {@link dev.drover.test.clock.WorldLock}.
 *
 * @see BlockImage#write
 */
public final class Space {

  private final long capacityBytes;
  private long usedBytes;

  /** Makes a file system that holds this many bytes of image data. */
  public Space(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** Takes room. False where there is not enough; nothing was taken then. */
  public boolean take(long bytes) {
    if (bytes > capacityBytes - usedBytes) {
      return false;
    }
    usedBytes += bytes;
    return true;
  }

  /** Gives room back. */
  public void giveBack(long bytes) {
    usedBytes -= bytes;
  }

  /** Bytes that are left. */
  public long freeBytes() {
    return capacityBytes - usedBytes;
  }

  /** Bytes in use. */
  public long usedBytes() {
    return usedBytes;
  }
}
