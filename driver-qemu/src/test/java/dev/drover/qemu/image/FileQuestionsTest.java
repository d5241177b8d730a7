package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A file system that does not answer costs one thread, and nobody waits for ever (R4, R10). */
class FileQuestionsTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> scouted = new CopyOnWriteArrayList<>();
  private final FileQuestions questions =
      new FileQuestions(threads, Duration.ZERO, new FileScouts(this::scout));

  @AfterEach
  void close() {
    answers.countDown();
    threads.shutdown();
  }

  private String scout(String order) {
    scouted.add(order);
    if (order.contains("/dead")) {
      var _ = hangs();
    }
    return "";
  }

  private int hangs() {
    asked.incrementAndGet();
    try {
      assertThat(answers.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return 7;
  }

  @Test
  @DisplayName("An answer, a refusal and a fault of the question reach whoever asked")
  void answers() throws IOException {
    assertThat(questions.answer("/a", LONG, () -> 1)).isEqualTo(1);
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(
            () ->
                questions.answer(
                    "/a",
                    LONG,
                    () -> {
                      throw new NoSuchFileException("/a");
                    }));
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                questions.answer(
                    "/a",
                    LONG,
                    () -> {
                      throw new IllegalStateException("fault");
                    }));
  }

  @Test
  @DisplayName(
      "Of a file that does not answer, one question is open, and others are asked of others")
  void silence() throws IOException {
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(FileQuestions.Unanswered.class)
          .isThrownBy(() -> questions.answer("/hung", SHORT, this::hangs))
          .withMessageContaining(
              "the file system of '/hung', or of an image below it, has not answered for 20 ms");
    }

    assertThat(asked).hasValue(1);
    assertThat(questions.answer("/other", LONG, () -> 2)).isEqualTo(2);
  }

  @Test
  @DisplayName("A question is not asked before a scout has looked at the file (R27)")
  void scout() throws IOException {
    assertThat(questions.answer("/alive", LONG, asked::incrementAndGet)).isEqualTo(1);
    assertThatExceptionOfType(FileQuestions.Unanswered.class)
        .isThrownBy(
            () ->
                questions.answer(
                    "/dead",
                    SHORT,
                    () -> {
                      throw new IllegalStateException("the daemon asked");
                    }));
    assertThat(scouted).containsExactly("looks /alive", "looks /dead");
  }

  @Test
  @DisplayName("When it answers again, whoever waited asks their own question")
  void recovery() throws Exception {
    assertThatExceptionOfType(FileQuestions.Unanswered.class)
        .isThrownBy(() -> questions.answer("/hung", SHORT, this::hangs));
    var waiting = threads.submit(() -> questions.answer("/hung", LONG, () -> 3));

    answers.countDown();

    assertThat(waiting.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(questions.answer("/hung", LONG, () -> 4)).isEqualTo(4);
  }
}
