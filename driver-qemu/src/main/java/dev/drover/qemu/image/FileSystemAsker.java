package dev.drover.qemu.image;

import java.io.IOException;

/** Asks file systems for their numbers, from processes of their own. */
public final class FileSystemAsker implements FileSystems.Question, AutoCloseable {

  /**
   * How much space there is, which the kernel hands on to whoever serves the file system while it
   * may answer what a file is from memory; then the number of the file system, or an empty line.
   */
  private static final String LOOP =
      """
      while IFS= read -r image; do
        stat --file-system --format=%f -- "$image" >/dev/null 2>&1
        stat --format=%d -- "$image" 2>/dev/null || echo
      done
      """;

  private final AskingProcesses processes = new AskingProcesses(LOOP);

  @Override
  public long ask(String path) throws IOException {
    String answer = processes.ask(path);
    try {
      return Long.parseLong(answer);
    } catch (NumberFormatException e) {
      throw new IOException("'%s' cannot be looked at".formatted(path), e);
    }
  }

  @Override
  public void close() {
    processes.close();
  }
}
