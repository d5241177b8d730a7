package dev.drover.benchmarks;

/**
 * How much is measured.
 *
 * @param diskBytes data that a job moves
 * @param rounds pairs of jobs of each kind
 * @param pivots pairs of pivots that count
 * @param warmUps pairs of pivots before those, and small jobs of each kind before the large ones
 * @param transactions journal transactions
 * @param cold whether the page cache is dropped before each large job, where that is allowed
 */
record Scale(long diskBytes, int rounds, int pivots, int warmUps, int transactions, boolean cold) {

  /** What the goals are about: 1 GiB. */
  static final Scale FULL = new Scale(1L << 30, 5, 200, 50, 1000, true);

  /** Enough to see that everything works; the rest of the machine notices nothing. */
  static final Scale SMOKE = new Scale(4L << 20, 1, 2, 0, 10, false);

  /** The same with other disks and rounds. */
  Scale with(long bytes, int pairs) {
    return new Scale(bytes, pairs, pivots, warmUps, transactions, cold);
  }

  long mebibytes() {
    return diskBytes >> 20;
  }
}
