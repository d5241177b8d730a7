package dev.drover.client.direct;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The frames of HTTP/2 (RFC 9113, section 4) on a connection. */
final class Frames {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int ACK = 0x1;
  static final int END_STREAM = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int PRIORITY = 0x20;

  /** What neither end sends more of unless the other allows it. */
  static final int LARGEST = 16_384;

  private static final int HEADER = 9;

  private final TimedSocket socket;
  private final ByteBuffer in = ByteBuffer.allocate(HEADER + LARGEST).flip();

  Frames(TimedSocket socket) {
    this.socket = socket;
  }

  /**
   * A frame.
   *
   * @param type its type; there may be more than are named here
   * @param flags its flags, which mean something else in each type
   * @param stream number of the stream; 0 is the connection
   * @param payload what it carries
   */
  record Frame(int type, int flags, int stream, ByteBuffer payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }

    byte[] bytes() {
      byte[] bytes = new byte[payload.remaining()];
      payload.get(bytes);
      return bytes;
    }

    /**
     * Takes off what only fills up, and the priority.
     *
     * @throws ProtocolFailure where more is filled up than there is
     */
    Frame bare() throws ProtocolFailure {
      int padding = has(PADDED) && payload.hasRemaining() ? Byte.toUnsignedInt(payload.get()) : 0;
      int priority = type == HEADERS && has(PRIORITY) ? 5 : 0;
      if (padding + priority > payload.remaining()) {
        throw new ProtocolFailure("a frame is shorter than its padding");
      }
      payload.position(payload.position() + priority).limit(payload.limit() - padding);
      return this;
    }
  }

  /** Appends a frame to what is to be written. */
  static void append(ByteBuffer out, int type, int flags, int stream, byte[] payload) {
    append(out, type, flags, stream, ByteBuffer.wrap(payload));
  }

  private static void append(ByteBuffer out, int type, int flags, int stream, ByteBuffer payload) {
    int length = payload.remaining();
    out.put((byte) (length >> 16)).put((byte) (length >> 8)).put((byte) length);
    out.put((byte) type).put((byte) flags).putInt(stream).put(payload);
  }

  /** Appends what may be longer than one frame, the last of which ends the stream. */
  static void appendData(ByteBuffer out, int stream, byte[] data) {
    int at = 0;
    do {
      int length = Math.min(LARGEST, data.length - at);
      int flags = at + length == data.length ? END_STREAM : 0;
      append(out, DATA, flags, stream, ByteBuffer.wrap(data, at, length));
      at += length;
    } while (at < data.length);
  }

  /** Room for frames that carry so many bytes in parts of at most {@link #LARGEST}. */
  static int room(int payload) {
    return payload + HEADER * (payload / LARGEST + 1);
  }

  /** Writes a frame at once. */
  void write(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(room(payload.length));
    append(out, type, flags, stream, payload);
    socket.write(out.flip());
  }

  /**
   * Waits for a frame, which holds until the next is asked for.
   *
   * @throws ProtocolFailure where it is longer than was allowed
   */
  Frame next() throws IOException {
    fill(HEADER);
    int length =
        (Byte.toUnsignedInt(in.get()) << 16)
            | (Byte.toUnsignedInt(in.get()) << 8)
            | Byte.toUnsignedInt(in.get());
    int type = Byte.toUnsignedInt(in.get());
    int flags = Byte.toUnsignedInt(in.get());
    int stream = in.getInt() & Integer.MAX_VALUE;
    if (length > LARGEST) {
      throw new ProtocolFailure("a frame has %d bytes".formatted(length));
    }
    fill(length);
    ByteBuffer payload = in.slice(in.position(), length);
    in.position(in.position() + length);
    return new Frame(type, flags, stream, payload);
  }

  private void fill(int bytes) throws IOException {
    if (in.remaining() >= bytes) {
      return;
    }
    in.compact();
    while (in.position() < bytes) {
      socket.read(in);
    }
    in.flip();
  }
}
