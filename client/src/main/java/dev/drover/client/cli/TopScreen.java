package dev.drover.client.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;

/** A whole terminal that is drawn over, until a key says that it is enough. */
final class TopScreen implements AutoCloseable {
  private static final int TIMED_OUT = -2;
  private static final int CONTROL_C = 3;

  private final Terminal terminal;
  private final Attributes before;
  private final Display display;

  /** Takes over a terminal, which is closed with the screen. */
  TopScreen(Terminal terminal) {
    this.terminal = terminal;
    this.before = terminal.enterRawMode();
    Attributes keys = terminal.getAttributes();
    // Ctrl-C comes as a key, so that it ends the wait for one.
    keys.setLocalFlag(Attributes.LocalFlag.ISIG, false);
    terminal.setAttributes(keys);
    this.display = new Display(terminal, true);
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.cursor_invisible);
  }

  /**
   * The terminal of this process.
   *
   * @throws CommandFailure where it cannot be used
   */
  static TopScreen ofProcess() {
    try {
      // The provider that runs stty: the others load native code.
      return new TopScreen(TerminalBuilder.builder().system(true).provider("exec").build());
    } catch (IOException e) {
      throw new CommandFailure("The terminal cannot be used: " + e.getMessage());
    }
  }

  /** Shows lines from the top; those that do not fit are left out. */
  void show(List<String> lines) {
    int rows = Math.max(1, terminal.getHeight());
    int columns = Math.max(1, terminal.getWidth());
    display.resize(rows, columns);
    display.update(
        lines.stream()
            .limit(rows)
            .map(line -> new AttributedString(line).columnSubSequence(0, columns))
            .toList(),
        0);
    terminal.flush();
  }

  /**
   * Waits before the next look.
   *
   * @return false where q or Ctrl-C was pressed meanwhile, or nobody is there any more
   */
  boolean stays(Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    while (true) {
      long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (left <= 0) {
        return true;
      }
      int key = read(left);
      if (key == TIMED_OUT) {
        return true;
      }
      if (key == 'q' || key == CONTROL_C || key < 0) {
        return false;
      }
    }
  }

  private int read(long milliseconds) {
    try {
      return terminal.reader().read(milliseconds);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    terminal.puts(Capability.cursor_visible);
    terminal.puts(Capability.exit_ca_mode);
    terminal.flush();
    terminal.setAttributes(before);
    try {
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
