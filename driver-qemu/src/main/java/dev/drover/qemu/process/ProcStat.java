package dev.drover.qemu.process;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel says about a process ({@code /proc/PID/stat}) or one of its threads.
 *
 * @param state one letter; {@code Z} and {@code X} are dead
 * @param startTicks clock ticks from the host's start to the start of the process
 * @param memoryBytes size of its address space; 0 once it has none any more
 */
record ProcStat(char state, long startTicks, long memoryBytes) {
  private static final int STATE = 0;
  private static final int START_TIME = 19;
  private static final int MEMORY = 20;

  boolean isAlive() {
    return state != 'Z' && state != 'X' && state != 'x';
  }

  /** Whether it waits for something, and has nothing to do until that comes. */
  boolean sleeps() {
    return state == 'S';
  }

  /**
   * Whether it has given back its memory, so that nothing of the program will ever run in it again:
   * what is left is the kernel's work, such as closing files.
   */
  boolean hasLeft() {
    return memoryBytes == 0;
  }

  static Optional<ProcStat> read(long pid) throws IOException {
    return read(Path.of("/proc", Long.toString(pid)));
  }

  /** The threads of a process; none where it has ended. */
  static List<ProcStat> readThreads(long pid) throws IOException {
    List<ProcStat> threads = new ArrayList<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks) {
        read(task).ifPresent(threads::add);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      // It ended while its threads were listed.
      throw e.getCause();
    }
    return threads;
  }

  private static Optional<ProcStat> read(Path directory) throws IOException {
    String stat;
    try {
      stat = Files.readString(directory.resolve("stat"));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      // It ended between opening and reading (ESRCH).
      if (!Files.exists(directory)) {
        return Optional.empty();
      }
      throw e;
    }
    return Optional.of(parse(stat));
  }

  /** The name in parentheses may hold spaces and parentheses, so fields count from the last one. */
  static ProcStat parse(String stat) throws IOException {
    int nameEnd = stat.lastIndexOf(')');
    List<String> fields =
        nameEnd < 0 ? List.of() : List.of(stat.substring(nameEnd + 1).strip().split(" +", -1));
    if (fields.size() <= MEMORY) {
      throw new IOException("unexpected form of /proc/PID/stat: " + stat.strip());
    }
    try {
      return new ProcStat(
          fields.get(STATE).charAt(0),
          Long.parseLong(fields.get(START_TIME)),
          Long.parseLong(fields.get(MEMORY)));
    } catch (NumberFormatException e) {
      throw new IOException("unexpected form of /proc/PID/stat: " + stat.strip(), e);
    }
  }
}
