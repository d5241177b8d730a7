package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** A host whose files name the one below them. */
final class FakeFiles implements SnapshotFiles {

  private final Map<String, String> below = new HashMap<>();
  private final Map<String, Long> sizes = new HashMap<>();
  private final Set<String> readOnly = new HashSet<>();
  private final Map<String, Map<String, Long>> moments = new HashMap<>();

  /** Makes files, the topmost first; each names the next one. */
  FakeFiles chain(String... paths) {
    for (int i = 0; i < paths.length; i++) {
      below.put(paths[i], i + 1 < paths.length ? paths[i + 1] : "");
    }
    return this;
  }

  /** Gives a file a virtual size other than 1 MiB. */
  FakeFiles size(String path, long bytes) {
    sizes.put(path, bytes);
    return this;
  }

  /** Makes nobody able to write to a file. */
  FakeFiles readOnly(String path) {
    readOnly.add(path);
    return this;
  }

  @Override
  public ChainImage active(Disk disk) {
    return chain(disk.getTarget(), disk.getSource()).active();
  }

  @Override
  public String path(String text) {
    if (!Path.of(text).isAbsolute()) {
      throw DriverException.of(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED, "relative", "path", text);
    }
    return Path.of(text).normalize().toString();
  }

  @Override
  public boolean exists(String path) {
    return below.containsKey(path);
  }

  @Override
  public boolean regular(String path) {
    return exists(path) && !path.startsWith("/dev/");
  }

  @Override
  public boolean same(String first, String second) {
    return Path.of(first).normalize().equals(Path.of(second).normalize());
  }

  @Override
  public Chain chain(String target, Image top) {
    if (!exists(top.getPath())) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND, "missing", "path", top.getPath());
    }
    List<ChainImage> images = new ArrayList<>();
    String next = top.getPath();
    while (!next.isEmpty()) {
      String reference = below.getOrDefault(next, "");
      images.add(
          ChainImage.newBuilder()
              .setPath(next)
              .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
              .setVirtualSizeBytes(sizes.getOrDefault(next, 1L << 20))
              .setBackingReference(reference)
              .build());
      next = reference;
    }
    return new Chain("guest", target, images);
  }

  /** Makes an image keep a moment inside itself, with this much memory. */
  FakeFiles keeps(String path, String tag, long memory) {
    moments.computeIfAbsent(path, _ -> new HashMap<>()).put(tag, memory);
    return this;
  }

  @Override
  public OptionalLong moment(Image image, String tag) {
    Long memory = moments.getOrDefault(image.getPath(), Map.of()).get(tag);
    return memory == null ? OptionalLong.empty() : OptionalLong.of(memory);
  }

  @Override
  public boolean holds(SnapshotMemory memory) {
    return exists(memory.getPath());
  }

  @Override
  public void requireMakeable(String path) {
    if (path.startsWith("/sealed/")) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED, "sealed", "path", path, "access", "write");
    }
  }

  @Override
  public void requireWritable(String target, ChainImage overlay) {
    if (readOnly.contains(overlay.getPath())) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
          "read-only",
          "path",
          overlay.getPath(),
          "access",
          "write");
    }
  }
}
