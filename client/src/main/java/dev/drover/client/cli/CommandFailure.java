package dev.drover.client.cli;

import java.util.List;

/**
 * A command that failed for a reason the command line itself found; each line is printed after
 * {@code error:}.
 */
final class CommandFailure extends RuntimeException {
  private final transient List<String> lines;

  CommandFailure(String... lines) {
    super(String.join(": ", lines));
    this.lines = List.of(lines);
  }

  List<String> lines() {
    return lines;
  }
}
