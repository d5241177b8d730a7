package dev.drover.test.model;

import dev.drover.v1.ImageFormat;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An image file: a header and a sparse map of clusters. Contents are guarded by the {@link
 * WorldLock}; size, header and allocation may be read without it.
 */
public final class BlockImage {

  /** Room a qcow2 header and its tables occupy, in bytes. */
  private static final long METADATA_BYTES = Clusters.SIZE_BYTES;

  private static final AtomicLong MADE = new AtomicLong();

  private final long number = MADE.incrementAndGet();
  private final String path;
  private final ImageFormat format;
  private final Space space;
  private final TreeMap<Long, Integer> contents = new TreeMap<>();
  private final Map<String, Moment> moments = new HashMap<>();
  private final AtomicLong allocatedClusters = new AtomicLong();
  private volatile long virtualSizeBytes;
  private volatile ImageHeader header;

  /**
   * A moment that an image keeps inside itself.
   *
   * @param contents the clusters as they were
   * @param virtualSizeBytes the size of the disk then
   * @param memory the memory of a guest that is kept with it; empty: none
   */
  private record Moment(Map<Long, Integer> contents, long virtualSizeBytes, OptionalLong memory) {
    Moment {
      contents = Map.copyOf(contents);
    }
  }

  BlockImage(
      String path, ImageFormat format, long virtualSizeBytes, ImageHeader header, Space space) {
    this.path = path;
    this.format = format;
    this.virtualSizeBytes = virtualSizeBytes;
    this.header = header;
    this.space = space;
  }

  /** What no other image has, also none that is put in its place. */
  public long number() {
    return number;
  }

  /** Absolute path in the test host. */
  public String path() {
    return path;
  }

  /** What the file really is, whatever a spec declares. */
  public ImageFormat format() {
    return format;
  }

  /** Size of the disk the image describes, in bytes. */
  public long virtualSizeBytes() {
    return virtualSizeBytes;
  }

  /** Number of clusters of the disk the image describes. */
  public long clusters() {
    return Clusters.count(virtualSizeBytes);
  }

  /** Bytes the file occupies. */
  public long allocatedBytes() {
    return Clusters.bytes(allocatedClusters.get())
        + (format == ImageFormat.IMAGE_FORMAT_QCOW2 ? METADATA_BYTES : 0);
  }

  /** The header. */
  public ImageHeader header() {
    return header;
  }

  /** Writes another header; only a qcow2 image has one to write. */
  public void rewriteHeader(ImageHeader next) {
    if (format != ImageFormat.IMAGE_FORMAT_QCOW2 && next.hasBacking()) {
      throw new IllegalStateException("a raw image cannot name a backing image: " + path);
    }
    header = next;
  }

  /** Grows the disk to at least this size (C19). */
  public void grow(long bytes) {
    virtualSizeBytes = Math.max(virtualSizeBytes, bytes);
  }

  /** The byte that fills a cluster; empty where the image does not allocate it. */
  public OptionalInt content(long cluster) {
    Integer value = contents.get(cluster);
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  /** Clusters that the image allocates. */
  public NavigableSet<Long> allocated() {
    return new TreeSet<>(contents.keySet());
  }

  /**
   * Fills a cluster with a byte. False where the file system is full; the cluster is as it was
   * then.
   */
  public boolean write(long cluster, int value) {
    if (cluster < 0 || cluster >= clusters()) {
      throw new IllegalArgumentException(
          "cluster %d is beyond the end of %s".formatted(cluster, path));
    }
    boolean first = !uses(cluster);
    if (first && !space.take(Clusters.SIZE_BYTES)) {
      return false;
    }
    contents.put(cluster, value & 0xff);
    if (first) {
      allocatedClusters.incrementAndGet();
    }
    return true;
  }

  /** Keeps what the image holds now under a name, with the memory of a guest where one is given. */
  public void keep(String tag, OptionalLong memory) {
    if (format != ImageFormat.IMAGE_FORMAT_QCOW2 || moments.containsKey(tag)) {
      throw new IllegalStateException("%s cannot keep a moment '%s'".formatted(path, tag));
    }
    moments.put(tag, new Moment(contents, virtualSizeBytes, memory));
  }

  /** Whether the image keeps a moment of this name. */
  public boolean keeps(String tag) {
    return moments.containsKey(tag);
  }

  /** Names of the moments that the image keeps, in alphabetical order. */
  public SortedSet<String> moments() {
    return new TreeSet<>(moments.keySet());
  }

  /** The memory that is kept with a moment; empty where there is none, or no such moment. */
  public OptionalLong memory(String tag) {
    Moment moment = moments.get(tag);
    return moment == null ? OptionalLong.empty() : moment.memory();
  }

  /** Holds what it held at a moment; what it holds now is gone. */
  public void goBack(String tag) {
    Moment moment = moments.get(tag);
    if (moment == null) {
      throw new IllegalStateException("%s keeps no moment '%s'".formatted(path, tag));
    }
    shrink(
        () -> {
          contents.clear();
          contents.putAll(moment.contents());
        });
    virtualSizeBytes = moment.virtualSizeBytes();
  }

  /** Lets go of a moment; one that is not there is no error. */
  public void letGo(String tag) {
    shrink(() -> moments.remove(tag));
  }

  /** Whether a cluster has its room already; one that only a moment needs has it too. */
  private boolean uses(long cluster) {
    return contents.containsKey(cluster)
        || moments.values().stream().anyMatch(moment -> moment.contents().containsKey(cluster));
  }

  /** All clusters that have room. */
  private Set<Long> inUse() {
    Set<Long> clusters = new HashSet<>(contents.keySet());
    moments.values().forEach(moment -> clusters.addAll(moment.contents().keySet()));
    return clusters;
  }

  private void shrink(Runnable change) {
    int before = inUse().size();
    change.run();
    int after = inUse().size();
    space.giveBack(Clusters.bytes(before - after));
    allocatedClusters.set(after);
  }

  /** Another file with the same header and contents, in the room of this one. */
  BlockImage copy() {
    BlockImage copy = new BlockImage(path, format, virtualSizeBytes, header, space);
    copy.contents.putAll(contents);
    copy.moments.putAll(moments);
    copy.allocatedClusters.set(allocatedClusters.get());
    return copy;
  }

  /** Gives the room of all clusters back; the file is going to be forgotten. */
  void release() {
    space.giveBack(Clusters.bytes(inUse().size()));
  }
}
