package dev.drover.qemu.image;

import dev.drover.spi.DurationWords;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Questions about the files of guests' disks, below which a file system may lie that does not
 * answer: a server that is gone, a device that hangs. Nothing ends a thread that is in such a
 * question, and a virtual one keeps a processor from all the others meanwhile. So a thread of its
 * own asks, whoever wants to know waits for a bounded time, and as long as an old question about a
 * file has no answer no further thread is spent on that file (R4, R10). A scout looks at the file
 * ahead of each question, so that the thread waits for that and can be ended (R27); a question that
 * goes on to other files, or opens one, sends it ahead itself.
 */
final class FileQuestions {
  private static final Duration OLD = Duration.ofSeconds(1);

  /**
   * The questions to this host's file systems, which are the same for every driver in a process.
   */
  static final FileQuestions HOST =
      new FileQuestions(
          Executors.newCachedThreadPool(
              Thread.ofPlatform().daemon().name("file-question-", 0).factory()),
          OLD,
          FileScouts.PROCESSES);

  private final ConcurrentMap<String, Asked> open = new ConcurrentHashMap<>();
  private final Executor threads;
  private final Duration old;
  private final FileScouts scouts;

  /**
   * Makes it without questions.
   *
   * @param threads where questions are asked; a thread may never come back
   * @param old how long others ask about the same file beside a question that has no answer
   * @param scouts go ahead of questions
   */
  FileQuestions(Executor threads, Duration old, FileScouts scouts) {
    this.threads = threads;
    this.old = old;
    this.scouts = scouts;
  }

  /** A question to a file system, which may block for ever. */
  @FunctionalInterface
  interface Question<T> {
    T ask() throws IOException;
  }

  /** No answer came in time; whether the file is there is not known. */
  static final class Unanswered extends IOException {
    Unanswered(String path, Duration patience) {
      super(
          ("the file system of '%s', or of an image below it, has not answered for %s; see to the"
                  + " storage, then try again")
              .formatted(path, DurationWords.of(patience)));
    }
  }

  /** Whoever goes ahead of questions. */
  FileScouts scouts() {
    return scouts;
  }

  private record Asked(long since, CompletableFuture<?> answer) {}

  /**
   * The answer.
   *
   * @param path the file, as whoever asks writes it
   * @param patience how long to wait
   * @throws Unanswered where that was too short
   * @throws IOException as the question, and so are its unchecked exceptions
   */
  <T> T answer(String path, Duration patience, Question<T> question) throws IOException {
    return answerAtOnce(
        path,
        patience,
        () -> {
          scouts.look(path);
          return question.ask();
        });
  }

  /** The same of a file that a scout has just come back from. */
  <T> T answerAtOnce(String path, Duration patience, Question<T> question) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    Optional<Asked> before = Optional.ofNullable(open.get(path));
    long silence = before.map(asked -> System.nanoTime() - asked.since()).orElse(0L);
    if (silence > Math.max(patience.toNanos(), old.toNanos())) {
      // Somebody has waited as long in vain; whoever asks about many files waits for each but once.
      throw new Unanswered(path, patience);
    }
    if (before.isPresent() && silence > old.toNanos()) {
      // Its answer is another's; that there is one is what counts.
      await(before.get().answer().handle((_, _) -> true), path, patience, end);
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    Asked asked = new Asked(System.nanoTime(), answer);
    var _ = open.putIfAbsent(path, asked);
    threads.execute(
        () -> {
          try {
            T found = question.ask();
            open.remove(path, asked);
            answer.complete(found);
          } catch (IOException | RuntimeException | Error e) {
            open.remove(path, asked);
            answer.completeExceptionally(e);
          }
        });
    return await(answer, path, patience, end);
  }

  private static <T> T await(CompletableFuture<T> answer, String path, Duration patience, long end)
      throws IOException {
    try {
      return answer.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new Unanswered(path, patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unanswered(path, patience);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
