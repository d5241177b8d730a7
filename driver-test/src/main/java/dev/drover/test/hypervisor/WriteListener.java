package dev.drover.test.hypervisor;

/** Hears of every cluster a guest has written, as a mirror does. */
@FunctionalInterface
public interface WriteListener {

  /** A cluster of the disk was filled with a byte. */
  void written(long cluster, int value);
}
