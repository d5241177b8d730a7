package dev.drover.qemu.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that are copied on a thread of their own, until the source ends or a channel is closed.
 *
 * @param moved bytes copied so far
 * @param ended completes with all bytes copied, or with the {@link IOException} that ended it
 */
record ByteFlow(AtomicLong moved, CompletableFuture<Long> ended) {

  private static final int BUFFER_BYTES = 1 << 20;

  /** Opens a channel, which may wait for the other side. */
  interface Opening<C> {
    /** Opens it. */
    C open() throws IOException;
  }

  /** Begins to copy; both channels are closed when it ends. */
  static ByteFlow begin(
      Executor executor,
      Opening<? extends ReadableByteChannel> source,
      Opening<? extends WritableByteChannel> sink) {
    AtomicLong moved = new AtomicLong();
    CompletableFuture<Long> ended =
        CompletableFuture.supplyAsync(
            () -> {
              try (ReadableByteChannel from = source.open();
                  WritableByteChannel into = sink.open()) {
                copy(from, into, moved);
                return moved.get();
              } catch (IOException e) {
                throw new CompletionException(e);
              }
            },
            executor);
    return new ByteFlow(moved, ended);
  }

  private static void copy(ReadableByteChannel from, WritableByteChannel into, AtomicLong moved)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    while (from.read(buffer) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        moved.addAndGet(into.write(buffer));
      }
      buffer.clear();
    }
  }
}
