package dev.drover.conformance.bench;

import dev.drover.conformance.Fill;
import java.util.List;

/** How large disks are, and what their layers hold. */
public enum DiskSize {
  /** 8 MiB: jobs end at once. */
  SMALL(8),
  /**
   * 24 MiB with 20 MiB in every overlay: a job with a speed limit is still at work when it is
   * looked at, also where the hypervisor copies up to 16 MiB in one go. Every byte is read wherever
   * a hypervisor's contents are compared, so that it is no larger than that takes.
   */
  LARGE(24);

  private static final long MEBIBYTE = 1L << 20;

  private final long mebibytes;

  DiskSize(long mebibytes) {
    this.mebibytes = mebibytes;
  }

  /** Size in bytes. */
  public long bytes() {
    return mebibytes * MEBIBYTE;
  }

  /** Contents of a layer, counted from the base; each overlaps the one below in part. */
  public List<Fill> layer(int index) {
    int pattern = 0x11 * (index + 1);
    return switch (this) {
      case SMALL ->
          index == 0
              ? List.of(new Fill(0, 5 * MEBIBYTE, pattern))
              : List.of(
                  new Fill(index * MEBIBYTE, MEBIBYTE + 3 * Fill.BLOCK, pattern),
                  new Fill((5 * MEBIBYTE) + index * (4 * Fill.BLOCK), 2 * Fill.BLOCK, pattern));
      case LARGE -> List.of(new Fill(index * MEBIBYTE, 20 * MEBIBYTE, pattern));
    };
  }
}
