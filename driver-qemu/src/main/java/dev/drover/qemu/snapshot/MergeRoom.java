package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.Qcow2Clusters;
import dev.drover.spi.snapshot.Room;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What there is on a file system for images to be merged in it, and how much of that they take. */
final class MergeRoom {

  private static final Logger logger = LoggerFactory.getLogger(MergeRoom.class);

  private MergeRoom() {}

  /** The room beside an image; empty for a device, and where the file system does not tell. */
  static Optional<Room> room(String path) {
    return ImageFiles.asked(path, () -> roomAsked(Path.of(path)));
  }

  private static Optional<Room> roomAsked(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      FileStore store = Files.getFileStore(file);
      return Optional.of(new Room(store.toString(), store.getUsableSpace()));
    } catch (IOException e) {
      logger.warn("How much room there is beside image {} cannot be told", file, e);
      return Optional.empty();
    }
  }

  /**
   * Bytes of the clusters that some of the images hold and the one into which they are merged does
   * not; empty where one of them does not tell, or they are not cut alike.
   */
  static OptionalLong growth(List<Image> images, Image into) {
    Optional<Qcow2Clusters> below = clusters(into);
    List<Optional<Qcow2Clusters>> above = images.stream().map(MergeRoom::clusters).toList();
    Set<Long> sizes =
        above.stream()
            .flatMap(Optional::stream)
            .map(Qcow2Clusters::clusterBytes)
            .collect(Collectors.toSet());
    boolean alike =
        below.isPresent()
            && above.stream().allMatch(Optional::isPresent)
            && sizes.equals(Set.of(below.get().clusterBytes()));
    if (!alike) {
      return OptionalLong.empty();
    }
    BitSet grown = new BitSet();
    above.stream().flatMap(Optional::stream).forEach(image -> grown.or(image.held()));
    grown.andNot(below.get().held());
    return OptionalLong.of(grown.cardinality() * below.get().clusterBytes());
  }

  private static Optional<Qcow2Clusters> clusters(Image image) {
    if (image.getFormat() != ImageFormat.IMAGE_FORMAT_QCOW2) {
      return Optional.empty();
    }
    try {
      return ImageFiles.asked(image.getPath(), () -> read(Path.of(image.getPath())));
    } catch (UncheckedIOException e) {
      logger.warn("Which clusters image {} holds cannot be told", image.getPath(), e);
      return Optional.empty();
    }
  }

  private static Optional<Qcow2Clusters> read(Path image) {
    try {
      return Qcow2Clusters.read(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
