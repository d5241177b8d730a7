package dev.drover.qemu.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Tells one build of a binary from the next that is installed over it.
 *
 * @param path real path of the binary
 * @param sizeBytes its size
 * @param modifiedMillis its modification time, ms since 1970
 */
record BinaryStamp(String path, long sizeBytes, long modifiedMillis) {
  static BinaryStamp of(Path binary) throws IOException {
    Path real = binary.toRealPath();
    BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
    return new BinaryStamp(
        real.toString(), attributes.size(), attributes.lastModifiedTime().toMillis());
  }
}
