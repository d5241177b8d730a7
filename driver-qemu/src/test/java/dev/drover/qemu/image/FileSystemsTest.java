package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each file system is asked once at a time, and one that owes an answer is told of (R4). */
class FileSystemsTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final List<String> LOCAL = List.of("/local/a", "/local/b");
  private static final List<String> REMOTE = List.of("/remote/a", "/remote/b");
  private static final List<String> ALL = List.of("/local/a", "/local/b", "/remote/a", "/remote/b");

  private final CountDownLatch answers = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile boolean remoteHangs;
  private final FileSystems fileSystems = new FileSystems(threads, this::number);

  @AfterEach
  void close() {
    answers.countDown();
    threads.shutdown();
  }

  private long number(String path) throws IOException {
    asked.add(path);
    if (path.startsWith("/none")) {
      throw new NoSuchFileException(path);
    }
    boolean remote = path.startsWith("/remote");
    if (remote && remoteHangs) {
      try {
        assertThat(answers.await(5, TimeUnit.MINUTES)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return remote ? 2 : 1;
  }

  private void askAndAwait(List<String> images, int questions) {
    int before = asked.size();
    fileSystems.ask(images, NOON);
    await().until(() -> asked.size() == before + questions);
    await().until(() -> fileSystems.unanswered(images, NOON).isEmpty());
  }

  @Test
  @DisplayName("Once a file system is known, one question is for all of its images")
  void oneQuestion() {
    askAndAwait(ALL, 4);
    askAndAwait(ALL, 2);
  }

  @Test
  @DisplayName("A file system that hangs is told of for each of its images, and for no other")
  void hangs() {
    askAndAwait(ALL, 4);
    remoteHangs = true;
    fileSystems.ask(ALL, NOON);
    await().until(() -> fileSystems.unanswered(LOCAL, NOON).isEmpty());
    for (String image : REMOTE) {
      assertThat(fileSystems.unanswered(List.of(image), NOON))
          .hasValueSatisfying(late -> assertThat(late.since()).isEqualTo(NOON));
      assertThat(fileSystems.unanswered(List.of(image), NOON.minusMillis(1)))
          .as("it is not late yet")
          .isEmpty();
    }
    int questions = asked.size();
    fileSystems.ask(REMOTE, NOON.plusSeconds(1));
    assertThat(asked).as("who hangs is not asked again").hasSize(questions);
    answers.countDown();
    await().until(() -> fileSystems.unanswered(ALL, NOON.plusSeconds(9)).isEmpty());
  }

  @Test
  @DisplayName("That there is no image is an answer")
  void gone() {
    askAndAwait(List.of("/none/a"), 1);
    askAndAwait(List.of("/none/a"), 1);
  }

  @Test
  @DisplayName("Real files of one directory are on one file system, and absent ones on none")
  void real(@TempDir Path directory) throws IOException {
    Path one = Files.createFile(directory.resolve("- one's $(file)"));
    Path two = Files.createFile(directory.resolve("two"));
    try (FileSystemAsker asker = new FileSystemAsker()) {
      assertThat(asker.ask(one.toString()))
          .isEqualTo(asker.ask(two.toString()))
          .isEqualTo(Files.getAttribute(one, "unix:dev"));
      assertThatIOException()
          .isThrownBy(() -> asker.ask(directory.resolve("none").toString()))
          .withMessageContaining("cannot be looked at");
      assertThat(asker.ask(two.toString())).as("it is asked on").isPositive();
    }
  }
}
