package dev.drover.qemu.block;

import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A chain base, snap1, snap2, active of files that are qcow2 headers and nothing more. */
final class HeaderImages {

  private static final int CLUSTER_BITS = 16;
  private static final int HEADER_BYTES = 104;
  private static final int BACKING_FORMAT = 0xE2792ACA;

  private final Path directory;

  HeaderImages(Path directory) {
    this.directory = directory;
    write("base", "");
    write("snap1", "base.qcow2");
    write("snap2", "snap1.qcow2");
    write("active", "snap2.qcow2");
  }

  /** Writes an image's header. */
  void write(String name, String backing) {
    byte[] text = backing.getBytes(StandardCharsets.UTF_8);
    byte[] format = "qcow2".getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = ByteBuffer.allocate(1 << CLUSTER_BITS);
    int backingOffset = backing.isEmpty() ? 0 : HEADER_BYTES + 8 + 8 + 8;
    header.putInt(0, 0x514649fb).putInt(4, 3).putLong(8, backingOffset).putInt(16, text.length);
    header.putInt(20, CLUSTER_BITS).putLong(24, 1 << 20).putInt(96, 4).putInt(100, HEADER_BYTES);
    if (!backing.isEmpty()) {
      header.putInt(HEADER_BYTES, BACKING_FORMAT).putInt(HEADER_BYTES + 4, format.length);
      header.put(HEADER_BYTES + 8, format).put(backingOffset, text);
    }
    try {
      Files.write(path(name), header.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Path of an image. */
  Path path(String name) {
    return directory.resolve(name + ".qcow2");
  }

  /** An image as a spec names it. */
  Image image(String name) {
    return Image.newBuilder()
        .setPath(path(name).toString())
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  /** Names of the files. */
  List<String> files() {
    try (var files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
