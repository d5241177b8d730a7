package dev.drover.benchmarks;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param diskBytes data that a job moves
 * @param rounds pairs of jobs of each kind
 * @param pivots pairs of pivots that count
 * @param warmUps pairs of pivots before those
 * @param warmUpJobs small jobs of each kind before the large ones
 * @param transactions journal transactions
 * @param cold whether the page cache is dropped before each large job, where that is allowed
 * @param crowd domains among which some hang
 * @param audience watchers
 */
record Scale(
    long diskBytes,
    int rounds,
    int pivots,
    int warmUps,
    int warmUpJobs,
    int transactions,
    boolean cold,
    Crowd crowd,
    Audience audience) {

  /**
   * Domains among which some hang.
   *
   * @param testDomains domains of the test driver
   * @param qemuDomains domains on QEMU, three of which hang
   * @param rounds how often they hang
   * @param round how long calls are measured in each round, and as long before it
   * @param patience longest wait for what a hung domain is expected to do
   * @param force deadline of a force stop
   */
  record Crowd(
      int testDomains,
      int qemuDomains,
      int rounds,
      Duration round,
      Duration patience,
      Duration force) {}

  /**
   * Watchers.
   *
   * @param watchers how many
   * @param perSecond changes in a second
   * @param warmUpSeconds how long changes are made that do not count
   * @param seconds how long those are made that do
   * @param history events that the daemon holds for who is behind
   */
  record Audience(int watchers, int perSecond, int warmUpSeconds, int seconds, int history) {}

  /** What the goals are about: 1 GiB. */
  static final Scale FULL =
      new Scale(
          1L << 30,
          5,
          200,
          1000,
          40,
          1000,
          true,
          new Crowd(
              200, 30, 4, Duration.ofSeconds(8), Duration.ofSeconds(12), Duration.ofSeconds(12)),
          new Audience(1000, 50, 5, 20, 8192));

  /** Enough to see that everything works; the rest of the machine notices nothing. */
  static final Scale SMOKE =
      new Scale(
          4L << 20,
          1,
          2,
          0,
          0,
          10,
          false,
          new Crowd(4, 4, 1, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4)),
          new Audience(20, 20, 0, 1, 64));

  /** The same with other disks and rounds. */
  Scale with(long bytes, int pairs) {
    return new Scale(
        bytes, pairs, pivots, warmUps, warmUpJobs, transactions, cold, crowd, audience);
  }

  long mebibytes() {
    return diskBytes >> 20;
  }
}
