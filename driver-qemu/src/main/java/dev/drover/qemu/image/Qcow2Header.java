package dev.drover.qemu.image;

import dev.drover.spi.block.PathLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the daemon needs of a qcow2 header (docs/interop/qcow2.rst of QEMU). Every length and offset
 * in it is taken for an attack until it has been compared with the first cluster.
 *
 * @param version 2 or 3
 * @param virtualSizeBytes size of the disk it describes
 * @param backingReference name of the backing file as it stands there; empty: none
 * @param backingFormat format of the backing file as it stands there
 */
public record Qcow2Header(
    int version, long virtualSizeBytes, String backingReference, Optional<String> backingFormat) {

  private static final int MAGIC = 0x514649fb;
  static final int FIXED_BYTES_V2 = 72;
  private static final int FIXED_BYTES_V3 = 104;
  static final int MAX_BACKING_NAME_BYTES = PathLimits.REFERENCE_BYTES;
  private static final int MIN_CLUSTER_BITS = 9;
  private static final int MAX_CLUSTER_BITS = 21;
  private static final int INCOMPATIBLE_CORRUPT = 1 << 1;
  private static final int INCOMPATIBLE_DATA_FILE = 1 << 2;

  /**
   * Bits of all features that QEMU 7.2 to 10 know: dirty, corrupt, data file, compression type,
   * extended L2.
   */
  private static final long INCOMPATIBLE_KNOWN = (1 << 5) - 1;

  static final int EXTENSION_END = 0;
  static final int EXTENSION_BACKING_FORMAT = 0xE2792ACA;

  /** Why a file cannot be used as qcow2. */
  public static final class NotUsable extends Exception {

    private static final long serialVersionUID = 1L;

    private final String why;

    NotUsable(String why) {
      super(why);
      this.why = why;
    }

    /** Why, as the end of a sentence about the file. */
    public String why() {
      return why;
    }
  }

  /**
   * Reads the header at the start of a file.
   *
   * @throws NotUsable where it is none, or asks for something Drover does not do
   * @throws IOException where the file cannot be read
   */
  public static Qcow2Header read(SeekableByteChannel file) throws IOException, NotUsable {
    file.position(0);
    ByteBuffer fixed = readUpTo(file, FIXED_BYTES_V3);
    if (fixed.limit() < FIXED_BYTES_V2 || fixed.getInt(0) != MAGIC) {
      throw new NotUsable("it does not begin with a qcow2 header");
    }
    int version = fixed.getInt(4);
    if (version != 2 && version != 3) {
      throw new NotUsable("qcow2 version " + Integer.toUnsignedString(version) + " is not known");
    }
    int clusterBits = fixed.getInt(20);
    if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS) {
      throw new NotUsable("its cluster size is impossible");
    }
    long virtualSize = fixed.getLong(24);
    if (virtualSize < 0) {
      throw new NotUsable("its virtual size is impossible");
    }
    if (fixed.getInt(32) != 0) {
      throw new NotUsable("it is encrypted, which is not supported");
    }
    int headerLength = FIXED_BYTES_V2;
    if (version == 3) {
      if (fixed.limit() < FIXED_BYTES_V3) {
        throw new NotUsable("its header is cut off");
      }
      long incompatible = fixed.getLong(72);
      if ((incompatible & INCOMPATIBLE_DATA_FILE) != 0) {
        throw new NotUsable("its data lies in an external data file, which is not supported");
      }
      if ((incompatible & INCOMPATIBLE_CORRUPT) != 0) {
        throw new NotUsable("it is marked as corrupt; repair it with qemu-img check -r");
      }
      // Without a QEMU that opens it meanwhile, a disk would move to what no QEMU starts with.
      long unknown = incompatible & ~INCOMPATIBLE_KNOWN;
      if (unknown != 0) {
        throw new NotUsable(
            "it needs feature %d of qcow2, which is not known"
                .formatted(Long.numberOfTrailingZeros(unknown)));
      }
      headerLength = fixed.getInt(100);
    }
    if (headerLength < FIXED_BYTES_V2 || headerLength > 1 << clusterBits) {
      throw new NotUsable("its header length is impossible");
    }
    file.position(0);
    ByteBuffer cluster = readUpTo(file, 1 << clusterBits);
    return new Qcow2Header(
        version,
        virtualSize,
        backingReference(cluster, fixed.getLong(8), fixed.getInt(16)),
        backingFormat(cluster, headerLength, fixed.getLong(8)));
  }

  private static String backingReference(ByteBuffer cluster, long offset, int length)
      throws NotUsable {
    if (offset == 0) {
      return "";
    }
    if (length <= 0 || length > MAX_BACKING_NAME_BYTES) {
      throw new NotUsable("the length of its backing file's name is impossible");
    }
    return text(cluster, offset, length, "the name of its backing file");
  }

  private static Optional<String> backingFormat(
      ByteBuffer cluster, int headerLength, long backingOffset) throws NotUsable {
    long end = backingOffset == 0 ? cluster.limit() : Math.min(backingOffset, cluster.limit());
    long at = headerLength;
    while (at + 8 <= end) {
      int type = cluster.getInt((int) at);
      long length = Integer.toUnsignedLong(cluster.getInt((int) at + 4));
      if (type == EXTENSION_END) {
        return Optional.empty();
      }
      if (at + 8 + length > end) {
        throw new NotUsable("a header extension reaches beyond the header");
      }
      if (type == EXTENSION_BACKING_FORMAT) {
        return Optional.of(text(cluster, at + 8, (int) length, "the format of its backing file"));
      }
      at += 8 + (length + 7) / 8 * 8;
    }
    return Optional.empty();
  }

  private static String text(ByteBuffer cluster, long offset, int length, String what)
      throws NotUsable {
    if (offset < 0 || offset > cluster.limit() - length) {
      throw new NotUsable(what + " lies outside its header");
    }
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(cluster.slice((int) offset, length))
              .toString();
    } catch (CharacterCodingException e) {
      throw new NotUsable(what + " is not text");
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new NotUsable(what + " has control characters in it");
    }
    return text;
  }

  static ByteBuffer readUpTo(ReadableByteChannel file, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    int read = 0;
    while (buffer.hasRemaining() && read >= 0) {
      read = file.read(buffer);
    }
    return buffer.flip();
  }
}
