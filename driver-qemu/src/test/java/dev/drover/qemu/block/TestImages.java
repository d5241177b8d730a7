package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A chain base, snap1, snap2, active in one directory with relative references, and what a guest
 * reads of it. Every layer has blocks of its own byte, so a layer that is lost is seen.
 */
final class TestImages {

  static final int BLOCK = 64 * 1024;
  static final List<String> NAMES = List.of("base", "snap1", "snap2", "active");

  private final Path directory;
  private final byte[] guestView;

  private TestImages(Path directory, int sizeBytes) {
    this.directory = directory;
    this.guestView = new byte[sizeBytes];
  }

  /** Makes the chain. */
  static TestImages create(Path directory, int sizeBytes) {
    TestImages images = new TestImages(directory, sizeBytes);
    String below = "";
    for (int layer = 0; layer < NAMES.size(); layer++) {
      Path path = images.path(NAMES.get(layer));
      List<String> create = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
      if (!below.isEmpty()) {
        create.addAll(List.of("-b", below, "-F", "qcow2"));
      }
      create.addAll(List.of(path.toString(), Integer.toString(sizeBytes)));
      run(create);
      images.fill(path, layer);
      below = path.getFileName().toString();
    }
    return images;
  }

  private void fill(Path path, int layer) {
    List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2"));
    int blocks = guestView.length / BLOCK;
    for (int block = layer * 3; block < blocks; block += 7 + layer * 4) {
      int pattern = 0x10 * (layer + 1) + block % 16;
      command.addAll(
          List.of("-c", "write -P %d %d %d".formatted(pattern, (long) block * BLOCK, BLOCK)));
      noteWrite(pattern, block);
    }
    command.add(path.toString());
    run(command);
  }

  /** Notes that the guest now reads this byte in a block. */
  void noteWrite(int pattern, int block) {
    Arrays.fill(guestView, block * BLOCK, (block + 1) * BLOCK, (byte) pattern);
  }

  /** Path of an image, which need not exist. */
  Path path(String name) {
    return directory.resolve(name + ".qcow2");
  }

  /** Checks that an image, which nobody may have open, shows all that the guest wrote. */
  void assertGuestView(String path, String format) {
    Path raw = directory.resolve("view.raw");
    run(List.of("qemu-img", "convert", "-f", format, "-O", "raw", path, raw.toString()));
    try {
      byte[] found = Files.readAllBytes(raw);
      assertThat(found).hasSameSizeAs(guestView);
      for (int block = 0; block < guestView.length / BLOCK; block++) {
        assertThat(found[block * BLOCK])
            .as("byte of block %d of %s", block, path)
            .isEqualTo(guestView[block * BLOCK]);
      }
      assertThat(Arrays.equals(found, guestView)).as("all bytes of " + path).isTrue();
      Files.delete(raw);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of the files in the directory of images. */
  List<String> files() {
    try (var files = Files.list(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a program that must succeed. */
  static String run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ended", command).isTrue();
      assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
