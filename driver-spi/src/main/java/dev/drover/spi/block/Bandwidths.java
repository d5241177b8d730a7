package dev.drover.spi.block;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.ErrorReason;

/** Turns a speed limit into bytes/s (C14). */
public final class Bandwidths {

  /** Largest limit in MiB/s whose bytes/s still fit into 63 bits. */
  public static final long MAXIMUM_MEBIBYTES = Long.MAX_VALUE >> 20;

  private Bandwidths() {}

  /**
   * The limit in bytes/s; 0 means none.
   *
   * @throws DriverException OUT_OF_RANGE
   */
  public static long bytesPerSecond(Bandwidth bandwidth) {
    return switch (bandwidth.getLimitCase()) {
      case MEBIBYTES_PER_SECOND -> {
        long limit = bandwidth.getMebibytesPerSecond();
        if (limit < 0 || limit > MAXIMUM_MEBIBYTES) {
          throw outOfRange("mebibytes_per_second", Long.toString(MAXIMUM_MEBIBYTES));
        }
        yield limit << 20;
      }
      case BYTES_PER_SECOND -> {
        long limit = bandwidth.getBytesPerSecond();
        if (limit < 0) {
          throw outOfRange("bytes_per_second", Long.toString(Long.MAX_VALUE));
        }
        yield limit;
      }
      case LIMIT_NOT_SET -> 0L;
    };
  }

  private static DriverException outOfRange(String field, String maximum) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_OUT_OF_RANGE,
        "bandwidth must be at most %s in %s".formatted(maximum, field),
        "field",
        "bandwidth." + field,
        "maximum",
        maximum);
  }
}
