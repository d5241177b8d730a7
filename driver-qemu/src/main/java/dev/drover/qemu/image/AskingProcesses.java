package dev.drover.qemu.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Asks file systems from processes of their own. The kernel cannot end a process while a thread of
 * it waits for a file system that does not answer: were that the daemon, its files and locks would
 * stay, and no other daemon could take its place (R27). Processes that got an answer are used
 * again; they end when this daemon does, by whatever means.
 */
final class AskingProcesses implements AutoCloseable {

  /** As many rest as are used all the time; those of a busy moment end with it. */
  private static final int MOST_RESTING = 4;

  private final String loop;
  private final ConcurrentLinkedDeque<Asker> idle = new ConcurrentLinkedDeque<>();
  private final Set<Asker> all = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Makes it without processes.
   *
   * @param loop program for the shell that answers each line it reads, a path, with one line
   */
  AskingProcesses(String loop) {
    this.loop = loop;
  }

  private record Asker(Process process, Writer questions, BufferedReader answers) {

    static Asker start(String loop) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder("/bin/sh", "-c", loop).redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().clear();
      builder.environment().put("PATH", "/usr/bin:/bin");
      Process process = builder.start();
      return new Asker(process, process.outputWriter(), process.inputReader());
    }

    Optional<String> ask(String path) throws IOException {
      questions.write(path + "\n");
      questions.flush();
      return Optional.ofNullable(answers.readLine());
    }
  }

  /**
   * The answer about a path, which is one line. Waits for it as long as it takes, in a way that the
   * kernel can end.
   *
   * @throws IOException where a process could not be started, or has ended
   */
  String ask(String path) throws IOException {
    Optional<Asker> rested = Optional.ofNullable(idle.pollFirst());
    Asker asker = rested.isPresent() ? rested.get() : Asker.start(loop);
    all.add(asker);
    if (closed) {
      end(asker);
      throw new IOException("nobody asks any more");
    }
    Optional<String> answer;
    try {
      answer = asker.ask(path);
    } catch (IOException e) {
      end(asker);
      throw e;
    }
    if (answer.isEmpty()) {
      end(asker);
      throw new IOException("whoever asked for '%s' has ended".formatted(path));
    }
    if (idle.size() < MOST_RESTING) {
      idle.addFirst(asker);
    } else {
      end(asker);
    }
    return answer.get();
  }

  private void end(Asker asker) {
    all.remove(asker);
    asker.process().destroyForcibly();
  }

  /** Ends every process; one that the kernel holds ends when its file system answers. */
  @Override
  public void close() {
    closed = true;
    all.forEach(this::end);
  }
}
