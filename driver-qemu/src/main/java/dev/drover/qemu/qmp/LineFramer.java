package dev.drover.qemu.qmp;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Cuts a byte stream into lines, keeping at most one incomplete line of bounded length. */
final class LineFramer {
  /** A schema has 230 kB, the largest graphs a few MiB; more than this is not QEMU. */
  static final int DEFAULT_LIMIT_BYTES = 10 * 1024 * 1024;

  private static final int INITIAL_BYTES = 4096;

  private final int limit;
  private byte[] line = new byte[INITIAL_BYTES];
  private int length;

  LineFramer(int limit) {
    this.limit = limit;
  }

  /** Receives a line without its end; the array is reused after the call. */
  interface LineConsumer {
    void line(byte[] buffer, int offset, int length);
  }

  /**
   * @throws QmpProtocolException when a line exceeds the limit
   */
  void feed(ByteBuffer bytes, LineConsumer consumer) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n') {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        length = 0;
        if (end > 0) {
          consumer.line(line, 0, end);
        }
        shrink();
      } else {
        append(next);
      }
    }
  }

  private void append(byte next) {
    if (length == limit) {
      throw new QmpProtocolException("QEMU sent a line of more than %d bytes".formatted(limit));
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, Math.min(limit, line.length * 2));
    }
    line[length++] = next;
  }

  /** One large answer must not stay allocated for each of a thousand idle connections. */
  private void shrink() {
    if (line.length > INITIAL_BYTES * 16) {
      line = new byte[INITIAL_BYTES];
    }
  }
}
