package dev.drover.test.block;

import dev.drover.test.model.BlockImage;
import dev.drover.test.model.BlockView;
import dev.drover.test.model.Clusters;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Copies clusters from what a reader sees into an image, in the order of the disk. */
final class ClusterCopy {

  private final BlockView source;
  private final BlockImage target;
  private final boolean onlyMissing;
  private final TreeSet<Long> pending;
  private long copied;

  /**
   * Plans a copy.
   *
   * @param source what is read
   * @param target what is written
   * @param pending the clusters to copy
   * @param onlyMissing true to leave alone what the target allocates already, as a pull does
   */
  ClusterCopy(
      BlockView source, BlockImage target, NavigableSet<Long> pending, boolean onlyMissing) {
    this.source = source;
    this.target = target;
    this.pending = new TreeSet<>(pending);
    this.onlyMissing = onlyMissing;
  }

  /** True where nothing is left to copy. */
  boolean done() {
    return pending.isEmpty();
  }

  /** Copies one cluster; false where the file system is full, and then nothing has changed. */
  boolean step() {
    long cluster = pending.first();
    boolean skip = onlyMissing && target.content(cluster).isPresent();
    if (!skip && !target.write(cluster, source.read(cluster))) {
      return false;
    }
    pending.pollFirst();
    copied++;
    return true;
  }

  /** Copies all that is left; false where the file system is full. */
  boolean drain() {
    while (!done()) {
      if (!step()) {
        return false;
      }
    }
    return true;
  }

  /** Notes that the guest has written a cluster, which has to be copied again. */
  void dirty(long cluster) {
    pending.add(cluster);
  }

  /** Writes through what the guest has just written; what finds no room is dirty. */
  void writeThrough(long cluster, int value) {
    if (target.write(cluster, value)) {
      pending.remove(cluster);
      copied++;
    } else {
      pending.add(cluster);
    }
  }

  /** Bytes copied. */
  long offsetBytes() {
    return Clusters.bytes(copied);
  }

  /** Bytes to copy in all, as known now. */
  long totalBytes() {
    return Clusters.bytes(copied + pending.size());
  }
}
