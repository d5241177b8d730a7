package dev.drover.benchmarks;

import java.util.List;

/**
 * Measured values of one kind, sorted.
 *
 * @param sorted the values, the smallest first; at least one
 */
record Samples(List<Double> sorted) {

  /** Sorts the values. */
  Samples {
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    sorted = sorted.stream().sorted().toList();
  }

  /** The value in the middle; of an even number, the mean of the two there. */
  double median() {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** The smallest value that at least this percentage of all values does not exceed. */
  double percentile(int percent) {
    int rank = (int) Math.ceil(sorted.size() * percent / 100.0);
    return sorted.get(Math.max(0, rank - 1));
  }

  double smallest() {
    return sorted.getFirst();
  }

  double largest() {
    return sorted.getLast();
  }

  int count() {
    return sorted.size();
  }
}
