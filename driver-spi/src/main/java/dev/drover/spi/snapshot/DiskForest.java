package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.v1.ChainImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The images of one disk with all its branches, as the headers say: each image knows what it reads,
 * and by whom it is read. Made of the chains of everything that is known of the disk.
 */
final class DiskForest {

  private final Map<String, ChainImage> images = new LinkedHashMap<>();
  private final Map<String, String> parents = new HashMap<>();
  private final Map<String, Set<String>> children = new HashMap<>();

  /** Joins chains that share images. */
  DiskForest(List<Chain> chains) {
    for (Chain chain : chains) {
      for (ChainImage image : chain.images()) {
        images.putIfAbsent(image.getPath(), image);
        chain
            .below(image)
            .ifPresent(
                below -> {
                  parents.put(image.getPath(), below.getPath());
                  children
                      .computeIfAbsent(below.getPath(), _ -> new LinkedHashSet<>())
                      .add(image.getPath());
                });
      }
    }
  }

  /** The paths of all images that are left. */
  List<String> paths() {
    return List.copyOf(images.keySet());
  }

  boolean contains(String path) {
    return images.containsKey(path);
  }

  /**
   * An image.
   *
   * @throws IllegalArgumentException where there is none at this path
   */
  ChainImage image(String path) {
    ChainImage found = images.get(path);
    if (found == null) {
      throw new IllegalArgumentException("no image of this disk lies at " + path);
    }
    return found;
  }

  /** The image that an image reads; empty for the lowest. */
  Optional<String> parent(String path) {
    return Optional.ofNullable(parents.get(path));
  }

  /** The images that read an image. */
  List<String> children(String path) {
    return List.copyOf(children.getOrDefault(path, Set.of()));
  }

  /** The images from one down to the lowest, itself included. */
  List<String> down(String path) {
    List<String> found = new ArrayList<>();
    Optional<String> next = Optional.of(path);
    while (next.isPresent()) {
      found.add(next.get());
      next = parent(next.get());
    }
    return found;
  }

  /** Takes an image out that nothing reads. */
  void cut(String path) {
    if (!children(path).isEmpty()) {
      throw new IllegalArgumentException("something reads " + path);
    }
    images.remove(path);
    String below = parents.remove(path);
    if (below != null) {
      children.getOrDefault(below, new LinkedHashSet<>()).remove(path);
    }
  }
}
