package dev.drover.qemu.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads the end of a process's output, whatever its size. */
final class OutputTail {
  static final int LIMIT_BYTES = 4096;

  private OutputTail() {}

  /** The last whole lines that fit; empty without a file. */
  static String read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long start = Math.max(0, size - LIMIT_BYTES);
      ByteBuffer bytes = ByteBuffer.allocate(LIMIT_BYTES);
      int count = 0;
      while (bytes.hasRemaining() && count >= 0) {
        count = channel.read(bytes, start + bytes.position());
      }
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
      int firstLineEnd = text.indexOf('\n');
      boolean cut = start > 0 && firstLineEnd >= 0 && firstLineEnd < text.length() - 1;
      return cut ? text.substring(firstLineEnd + 1) : text;
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
