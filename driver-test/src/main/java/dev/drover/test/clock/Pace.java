package dev.drover.test.clock;

import java.time.Duration;

/**
 * How fast the test host is.
 *
 * @param bytesPerSecond speed of its disks in virtual time, which no job exceeds, {@link #LEAST} to
 *     {@link #MOST}
 */
public record Pace(long bytesPerSecond) {

  /** The slowest disks, in bytes/s. */
  public static final long LEAST = 1L << 20;

  /** The disks where nothing else is said, in bytes/s. */
  public static final long USUAL = 64L << 20;

  /** The fastest disks, in bytes/s. */
  public static final long MOST = 1L << 30;

  private static final Duration USUAL_ROUND = Duration.ofMillis(100);

  /** Checks the speed. */
  public Pace {
    if (bytesPerSecond < LEAST || bytesPerSecond > MOST) {
      throw new IllegalArgumentException("disks cannot do %d bytes/s".formatted(bytesPerSecond));
    }
  }

  /**
   * Virtual time between two rounds of copying, in which a disk does the same at any speed. Nothing
   * that a job does happens sooner after its beginning.
   */
  public Duration round() {
    return Duration.ofNanos(USUAL_ROUND.toNanos() * USUAL / bytesPerSecond);
  }
}
