package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/**
 * How long the name of a backing file may be that QEMU can write into a qcow2 header. Everything in
 * that header shares the first cluster, which small clusters make a matter of some hundred bytes;
 * QEMU finds out only when a job has copied everything.
 */
final class HeaderRoom {

  /** What QEMU makes of the fixed part of version 3 when it writes it anew, or more. */
  private static final int FIXED_BYTES_V3 = 112;

  private static final int EXTENSION_HEAD = 8;
  private static final int EXTENSION_FEATURE_NAMES = 0x6803f857;

  /** Room for the longest name of a format. */
  private static final int BACKING_FORMAT_BYTES = EXTENSION_HEAD + 8;

  /** QEMU leaves the names of features out where clusters are not larger than this. */
  private static final int NO_FEATURE_NAMES_UP_TO = 4096;

  /** Twice as many names as there are features today. */
  private static final int FEATURE_NAMES_BYTES = EXTENSION_HEAD + 16 * 48;

  private HeaderRoom() {}

  /**
   * Bytes that the name of a backing file may have.
   *
   * @param file an image whose header {@link Qcow2Header#read} takes
   */
  static int of(SeekableByteChannel file) throws IOException {
    ByteBuffer fixed = Qcow2Header.readUpTo(file.position(0), FIXED_BYTES_V3);
    boolean three = fixed.getInt(4) == 3;
    int clusterBytes = 1 << fixed.getInt(20);
    int length = three ? fixed.getInt(100) : Qcow2Header.FIXED_BYTES_V2;
    long used = three ? Math.max(length, FIXED_BYTES_V3) : Qcow2Header.FIXED_BYTES_V2;
    used += BACKING_FORMAT_BYTES + EXTENSION_HEAD;
    if (three && clusterBytes > NO_FEATURE_NAMES_UP_TO) {
      used += FEATURE_NAMES_BYTES;
    }
    used += kept(Qcow2Header.readUpTo(file.position(0), clusterBytes), length);
    return Math.clamp(clusterBytes - used, 0, Qcow2Header.MAX_BACKING_NAME_BYTES);
  }

  /** Bytes of the extensions that stay as they are. */
  private static long kept(ByteBuffer cluster, int headerLength) {
    long kept = 0;
    long at = headerLength;
    while (at + EXTENSION_HEAD <= cluster.limit()) {
      int type = cluster.getInt((int) at);
      if (type == Qcow2Header.EXTENSION_END) {
        return kept;
      }
      long dataBytes = Integer.toUnsignedLong(cluster.getInt((int) at + 4));
      long bytes = EXTENSION_HEAD + (dataBytes + 7) / 8 * 8;
      if (type != Qcow2Header.EXTENSION_BACKING_FORMAT && type != EXTENSION_FEATURE_NAMES) {
        kept += bytes;
      }
      at += bytes;
    }
    return kept;
  }
}
