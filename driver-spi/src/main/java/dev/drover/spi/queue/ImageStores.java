package dev.drover.spi.queue;

/** Tells which images share a store, whose throughput the jobs on it share too. */
@FunctionalInterface
public interface ImageStores {

  /**
   * The store that an image is on, or will be; empty where nobody can tell. It may wait for the
   * host's file system.
   *
   * @param path absolute path of an image, which may not exist yet
   */
  String store(String path);
}
