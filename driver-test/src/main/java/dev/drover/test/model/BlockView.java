package dev.drover.test.model;

import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * What images stacked on each other show, the first of them on top. Guarded by the {@link
 * WorldLock}.
 *
 * @param images the images from the top down
 */
public record BlockView(List<BlockImage> images) {

  /** Copies the list. */
  public BlockView {
    images = List.copyOf(images);
  }

  /** Size of the disk that the topmost image describes, in clusters. */
  public long clusters() {
    return images.getFirst().clusters();
  }

  /** The byte a reader sees throughout a cluster; 0 where no image allocates it. */
  public int read(long cluster) {
    return lookup(cluster).orElse(0);
  }

  /**
   * The byte that these images themselves decide; empty where a reader would have to look below the
   * lowest of them. An image that is shorter than the one above reads as zeros beyond its end and
   * hides what lies below.
   */
  public OptionalInt lookup(long cluster) {
    for (BlockImage image : images) {
      if (cluster >= image.clusters()) {
        return OptionalInt.of(0);
      }
      OptionalInt content = image.content(cluster);
      if (content.isPresent()) {
        return content;
      }
    }
    return OptionalInt.empty();
  }

  /** The clusters for which {@link #lookup} has an answer. */
  public NavigableSet<Long> decided() {
    NavigableSet<Long> result = allocated();
    long shortest = clusters();
    for (BlockImage image : images) {
      shortest = Math.min(shortest, image.clusters());
    }
    for (long cluster = shortest; cluster < clusters(); cluster++) {
      result.add(cluster);
    }
    return result;
  }

  /** The clusters of the disk that any of the images allocates. */
  public NavigableSet<Long> allocated() {
    NavigableSet<Long> result = new TreeSet<>();
    for (BlockImage image : images) {
      result.addAll(image.allocated().headSet(clusters(), false));
    }
    return result;
  }

  /** The contents now, to be read later without the lock. */
  public DiskContents contents() {
    long[] clusters = allocated().stream().mapToLong(Long::longValue).toArray();
    int[] values = new int[clusters.length];
    for (int i = 0; i < clusters.length; i++) {
      values[i] = read(clusters[i]);
    }
    return new DiskContents(images.getFirst().virtualSizeBytes(), clusters, values);
  }
}
