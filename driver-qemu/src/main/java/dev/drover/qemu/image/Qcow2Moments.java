package dev.drover.qemu.image;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The moments that a qcow2 image keeps inside itself, as its table of snapshots says
 * (docs/interop/qcow2.rst of QEMU). QEMU writes a new table before the header names it, so it can
 * be read while the image is in use; reading takes no lock.
 */
public final class Qcow2Moments {

  private static final int MAGIC = 0x514649fb;
  private static final int HEADER_BYTES = 72;
  private static final int ENTRY_BYTES = 40;
  private static final int MAX_MOMENTS = 65536;
  private static final int MAX_EXTRA_BYTES = 1024;
  private static final int LARGE_SIZE_BYTES = 8;

  private Qcow2Moments() {}

  /**
   * The bytes of memory that are kept with a moment, 0 where there are none; empty where the image
   * keeps no moment of this name.
   *
   * @throws IOException where the file cannot be read, or is no qcow2 image
   */
  public static OptionalLong find(Path image, String tag) throws IOException {
    Long bytes = read(image).get(tag);
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  /** The bytes of memory of each moment, by its name. */
  static Map<String, Long> read(Path image) throws IOException {
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
      ByteBuffer header = read(file, 0, HEADER_BYTES);
      if (header.getInt(0) != MAGIC) {
        throw new IOException("it does not begin with a qcow2 header");
      }
      int count = header.getInt(60);
      long at = header.getLong(64);
      if (count < 0 || count > MAX_MOMENTS || at < 0) {
        throw new IOException("its table of snapshots is impossible");
      }
      Map<String, Long> moments = new HashMap<>();
      for (int i = 0; i < count; i++) {
        at = entry(file, at, moments);
      }
      return moments;
    }
  }

  /** Reads one entry and gives the place of the next. */
  private static long entry(FileChannel file, long at, Map<String, Long> moments)
      throws IOException {
    ByteBuffer fixed = read(file, at, ENTRY_BYTES);
    int idLength = Short.toUnsignedInt(fixed.getShort(12));
    int nameLength = Short.toUnsignedInt(fixed.getShort(14));
    long memory = Integer.toUnsignedLong(fixed.getInt(32));
    int extraLength = fixed.getInt(36);
    if (extraLength < 0 || extraLength > MAX_EXTRA_BYTES) {
      throw new IOException("its table of snapshots is damaged");
    }
    ByteBuffer rest = read(file, at + ENTRY_BYTES, extraLength + idLength + nameLength);
    if (extraLength >= LARGE_SIZE_BYTES) {
      memory = rest.getLong(0);
    }
    String name =
        StandardCharsets.UTF_8.decode(rest.slice(extraLength + idLength, nameLength)).toString();
    moments.put(name, memory);
    long length = ENTRY_BYTES + (long) rest.capacity();
    return at + (length + 7) / 8 * 8;
  }

  /** Reads a part of an image that is there. */
  static ByteBuffer read(FileChannel file, long at, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    long place = at;
    while (buffer.hasRemaining()) {
      int read = file.read(buffer, place);
      if (read < 0) {
        throw new EOFException("it is cut off in the middle of a table");
      }
      place += read;
    }
    return buffer.flip();
  }
}
