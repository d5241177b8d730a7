package dev.drover.client.cli;

import java.io.IOException;
import java.io.OutputStream;

/** What a pipe is once its reader, like head, has had enough. */
final class ClosedPipe extends OutputStream {
  @Override
  public void write(int one) throws IOException {
    throw new IOException("Broken pipe");
  }
}
