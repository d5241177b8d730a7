package dev.drover.fuzz;

import dev.drover.qemu.image.Qcow2Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** The first bytes of an image that a guest has written. */
public final class HostileImage {

  private HostileImage() {}

  /** One header. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    try {
      Qcow2Header header = Qcow2Header.read(new Bytes(input));
      if (header.virtualSizeBytes() < 0 || header.backingReference().indexOf('\0') >= 0) {
        throw new AssertionError("let through: " + header);
      }
    } catch (Qcow2Header.NotUsable e) {
      if (e.why().isBlank()) {
        throw new AssertionError("nobody is told why", e);
      }
    }
  }

  /** A file in memory that cannot be written. */
  private static final class Bytes implements SeekableByteChannel {
    private final byte[] content;
    private long position;

    Bytes(byte[] content) {
      this.content = content;
    }

    @Override
    public int read(ByteBuffer into) {
      if (position >= content.length) {
        return -1;
      }
      int count = Math.min(into.remaining(), content.length - (int) position);
      into.put(content, (int) position, count);
      position += count;
      return count;
    }

    @Override
    public int write(ByteBuffer from) {
      throw new UnsupportedOperationException("only read");
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public SeekableByteChannel position(long to) {
      position = to;
      return this;
    }

    @Override
    public long size() {
      return content.length;
    }

    @Override
    public SeekableByteChannel truncate(long to) {
      throw new UnsupportedOperationException("only read");
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
