package dev.drover.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The images of a disk: an empty base, above it an image full of data that does not compress, and
 * above that an empty one. No job changes the data, so it is written once; everything else is made
 * anew for each job.
 *
 * @param directory where they are
 * @param bytes size of the disk, all of it data
 */
record DiskImages(Path directory, long bytes) {

  private static final long SEED = 20_261_127;

  /** Makes the images. */
  static DiskImages create(Path directory, long bytes) {
    DiskImages images = new DiskImages(directory, bytes);
    Path raw = directory.resolve("random.raw");
    try {
      Files.createDirectories(directory);
      fill(raw, bytes);
      Programs.run(
          List.of(
              "qemu-img",
              "convert",
              "-f",
              "raw",
              "-O",
              "qcow2",
              raw.toString(),
              images.data().toString()));
      Files.delete(raw);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    images.reset();
    Programs.run(
        List.of(
            "qemu-img",
            "rebase",
            "-u",
            "-f",
            "qcow2",
            "-F",
            "qcow2",
            "-b",
            images.base().toString(),
            images.data().toString()));
    return images;
  }

  private static void fill(Path raw, long bytes) throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    byte[] block = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(raw)) {
      for (long written = 0; written < bytes; written += block.length) {
        random.nextBytes(block);
        out.write(block, 0, (int) Math.min(block.length, bytes - written));
      }
    }
  }

  Path base() {
    return directory.resolve("base.qcow2");
  }

  Path data() {
    return directory.resolve("data.qcow2");
  }

  Path active() {
    return directory.resolve("active.qcow2");
  }

  Path copy() {
    return directory.resolve("copy.qcow2");
  }

  /** Makes everything but the data anew. */
  void reset() {
    try {
      for (Path image : List.of(base(), active(), copy())) {
        Files.deleteIfExists(image);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    create(base());
    overlay(active(), data());
  }

  /** Makes an empty image of the disk's size. */
  void create(Path image) {
    Programs.run(
        List.of("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), Long.toString(bytes)));
  }

  /** Makes an empty image above another one. */
  void overlay(Path image, Path backing) {
    Programs.run(
        List.of(
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-u",
            "-F",
            "qcow2",
            "-b",
            backing.toString(),
            image.toString(),
            Long.toString(bytes)));
  }
}
