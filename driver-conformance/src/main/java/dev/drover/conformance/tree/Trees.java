package dev.drover.conformance.tree;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Observations;
import dev.drover.v1.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Random trees of snapshots on a target (R3, R9). The system property {@code drover.trees.walks}
 * sets how many walks there are, {@code drover.trees.steps} how long each is, and {@code
 * drover.trees.seed} the seed of the first; each next one has the next seed.
 *
 * @param walk what is done in each
 * @param walks number of walks where the property does not say otherwise
 * @param abreast how many go on at a time
 * @param seed seed of the first, likewise
 * @param bounds how far each goes, its steps likewise
 */
public record Trees(Walk walk, int walks, int abreast, long seed, TreeWalk.Bounds bounds) {

  /** One random life of a domain; the seed alone decides what is done. */
  public interface Walk {

    /**
     * Walks.
     *
     * @param bench a bench of the walk's own
     * @throws AssertionError with the seed and all that was done
     */
    void walk(Bench bench, long seed, TreeWalk.Bounds bounds);
  }

  /**
   * Walks.
   *
   * @throws AssertionError with the seed of each walk that failed and all that was done in it
   */
  public void grow(ConformanceTarget target) {
    Observations observations = new Observations();
    Set<Capability> declared =
        Set.copyOf(Bench.driverOf(target, observations).getCapabilitiesList());
    long first = Long.getLong("drover.trees.seed", seed);
    TreeWalk.Bounds wanted =
        new TreeWalk.Bounds(
            Integer.getInteger("drover.trees.steps", bounds.steps()),
            bounds.disks(),
            bounds.snapshots());
    List<Future<Boolean>> walks = new ArrayList<>();
    // Walks of a driver whose jobs take time, and nothing else, go on beside each other.
    try (ExecutorService threads =
        Executors.newFixedThreadPool(abreast, Thread.ofVirtual().factory())) {
      for (int nth = 0; nth < Integer.getInteger("drover.trees.walks", this.walks); nth++) {
        long own = first + nth;
        walks.add(
            threads.submit(
                () -> {
                  walk(target, observations, declared, own, wanted);
                  return true;
                }));
      }
    }
    AssertionError failure = new AssertionError("a tree of snapshots is not as it should be");
    for (Future<Boolean> walk : walks) {
      if (walk.state() == Future.State.FAILED) {
        failure.addSuppressed(walk.exceptionNow());
      }
    }
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private void walk(
      ConformanceTarget target,
      Observations observations,
      Set<Capability> declared,
      long seed,
      TreeWalk.Bounds bounds) {
    try (Bench bench = Bench.open(target, observations, declared, "tree-" + seed)) {
      walk.walk(bench, seed, bounds);
    }
  }
}
