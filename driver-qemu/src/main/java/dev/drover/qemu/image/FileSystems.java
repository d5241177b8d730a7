package dev.drover.qemu.image;

import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the file systems below images answer. Each is asked one short question at a time, through
 * one of the images on it, so that one which hangs costs one thread, however many images it holds
 * (R4, R10). Safe for any threads.
 */
public final class FileSystems {

  private static final Logger logger = LoggerFactory.getLogger(FileSystems.class);

  private final ConcurrentMap<String, Long> numbers = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Asked> open = new ConcurrentHashMap<>();
  private final Executor threads;
  private final Question question;

  /** A question to the file system of an image, which may block for ever. */
  @FunctionalInterface
  public interface Question {

    /**
     * Asks.
     *
     * @return the number of the file system
     * @throws IOException where there is no such image; that is an answer, too
     */
    long ask(String path) throws IOException;
  }

  /**
   * A question that has no answer.
   *
   * @param path the image through which was asked
   * @param since when
   */
  public record Asked(String path, Instant since) {}

  /**
   * Makes it without questions.
   *
   * @param threads where questions are asked; a thread may never come back
   */
  public FileSystems(Executor threads, Question question) {
    this.threads = threads;
    this.question = question;
  }

  /** Asks every file system below these images that does not owe an answer. Never blocks. */
  public void ask(Collection<String> images, Instant now) {
    numbers.keySet().retainAll(images);
    Map<String, String> asked = new HashMap<>();
    images.forEach(path -> asked.putIfAbsent(fileSystem(path), path));
    asked.forEach((fileSystem, path) -> ask(fileSystem, new Asked(path, now)));
  }

  private void ask(String fileSystem, Asked asked) {
    if (open.putIfAbsent(fileSystem, asked) != null) {
      return;
    }
    threads.execute(
        () -> {
          try {
            numbers.put(asked.path(), question.ask(asked.path()));
          } catch (IOException e) {
            logger.debug("Image {} tells nothing of its file system", asked.path(), e);
          } finally {
            open.remove(fileSystem, asked);
          }
        });
  }

  /** The oldest question below these images that was asked by then and has no answer. */
  public Optional<Asked> unanswered(Collection<String> images, Instant latest) {
    return images.stream()
        .map(path -> Optional.ofNullable(open.get(fileSystem(path))))
        .flatMap(Optional::stream)
        .filter(asked -> !asked.since().isAfter(latest))
        .min(Comparator.comparing(Asked::since));
  }

  /** What an image's file system is known by: until it has told its number, by the image. */
  private String fileSystem(String path) {
    return Optional.ofNullable(numbers.get(path)).map(number -> "number " + number).orElse(path);
  }
}
