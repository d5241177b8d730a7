package dev.drover.qemu.agent;

import dev.drover.qemu.agent.GuestAgentException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Cuts what an agent sends into lines. A guest that sends without end is given up after {@link
 * #LIMIT} bytes, counted over the whole exchange.
 */
final class AgentLines {

  /** Most bytes of one exchange. */
  static final int LIMIT = 1 << 20;

  private static final int SENTINEL = 0xff;
  private static final int CHUNK = 4096;

  private final ReadableByteChannel channel;
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).limit(0);
  private int taken;

  AgentLines(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /** Skips everything up to a sentinel, and gives the line behind the last one before its end. */
  String afterSentinel() throws IOException, GuestAgentException {
    while (next() != SENTINEL) {
      // What an earlier client was answered, or an error about its half of a message.
    }
    return line();
  }

  /** The next line, without what ends it. */
  String line() throws IOException, GuestAgentException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = next(); next != '\n'; next = next()) {
      if (next == SENTINEL) {
        line.reset();
      } else {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private int next() throws IOException, GuestAgentException {
    if (!chunk.hasRemaining()) {
      chunk.clear();
      if (channel.read(chunk) < 0) {
        throw new GuestAgentException(Kind.SILENT, "the agent's channel was closed");
      }
      chunk.flip();
    }
    taken++;
    if (taken > LIMIT) {
      throw new GuestAgentException(
          Kind.GARBLED, "the agent sent more than %d bytes".formatted(LIMIT));
    }
    return Byte.toUnsignedInt(chunk.get());
  }
}
