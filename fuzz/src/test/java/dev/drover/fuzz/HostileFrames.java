package dev.drover.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Frames of HTTP/2 that no client sends, over the daemon's socket: those that begin a call, mixed
 * with any others. Clients beside it go on being served.
 */
public final class HostileFrames {

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_HEADERS = 4;
  private static final int MOST_FRAMES = 20;
  private static final int MOST_BYTES = 1024;

  private static final Path SOCKET = LiveDaemon.directory().resolve("d.sock");
  private static final LiveDaemon DAEMON = LiveDaemon.onSocket(SOCKET);

  private HostileFrames() {}

  /** One connection. */
  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    if (data.consumeInt(0, 15) > 0) {
      sent.writeBytes(PREFACE);
      frame(sent, SETTINGS, 0, 0, new byte[0]);
    }
    int frames = data.consumeInt(0, MOST_FRAMES);
    for (int i = 0; i < frames; i++) {
      switch (data.consumeInt(0, 3)) {
        case 0 -> frame(sent, HEADERS, END_HEADERS, data.consumeInt(0, 9), headers(data));
        case 1 -> frame(sent, DATA, data.consumeInt(0, 1), data.consumeInt(0, 9), message(data));
        case 2 ->
            frame(
                sent,
                data.consumeInt(0, 255),
                data.consumeInt(0, 255),
                data.consumeInt(),
                data.consumeBytes(MOST_BYTES));
        default -> sent.writeBytes(data.consumeBytes(MOST_BYTES));
      }
    }
    send(sent.toByteArray());
    DAEMON.stillServes();
  }

  private static void send(byte[] bytes) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(SOCKET));
      channel.configureBlocking(false);
      ByteBuffer left = ByteBuffer.wrap(bytes);
      ByteBuffer answered = ByteBuffer.allocate(4096);
      while (left.hasRemaining() && channel.read(answered.clear()) >= 0) {
        channel.write(left);
      }
    } catch (IOException e) {
      // The daemon has heard enough.
      return;
    }
  }

  private static void frame(
      ByteArrayOutputStream into, int type, int flags, int stream, byte[] payload) {
    ByteBuffer head = ByteBuffer.allocate(9);
    head.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    head.put((byte) type).put((byte) flags).putInt(stream);
    into.writeBytes(head.array());
    into.writeBytes(payload);
  }

  /** Those of a call, each spelled out, or whatever there is. */
  private static byte[] headers(FuzzedDataProvider data) {
    if (data.consumeBoolean()) {
      return data.consumeBytes(MOST_BYTES);
    }
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    literal(block, ":method", "POST");
    literal(block, ":scheme", "http");
    literal(
        block,
        ":path",
        data.pickValue(
            new String[] {
              "/drover.v1.HostService/GetVersion",
              "/drover.v1.DomainService/DefineDomain",
              "/drover.v1.EventService/Watch",
              "/",
              "/grpc.health.v1.Health/Watch"
            }));
    literal(block, ":authority", "localhost");
    literal(block, "content-type", "application/grpc");
    literal(block, "te", "trailers");
    literal(block, data.consumeAsciiString(40), data.consumeAsciiString(40));
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  /** A message with a length that may be another one. */
  private static byte[] message(FuzzedDataProvider data) {
    byte[] content = data.consumeBytes(MOST_BYTES);
    ByteBuffer message = ByteBuffer.allocate(5 + content.length);
    message.put(data.consumeByte((byte) 0, (byte) 2));
    message.putInt(data.consumeBoolean() ? content.length : data.consumeInt());
    message.put(content);
    return message.array();
  }
}
