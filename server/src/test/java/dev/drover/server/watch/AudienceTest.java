package dev.drover.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** R6: everybody hears of news, and who publishes does not pay for each. */
class AudienceTest {

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Audience audience = new Audience(tasks::add, 2);
  private final List<String> told = new ArrayList<>();

  private void runAll() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  @Test
  void newsIsATaskForEachShareAndReachesEveryStream() {
    List<String> names = IntStream.range(0, 100).mapToObj(Integer::toString).toList();
    names.forEach(name -> audience.add(() -> told.add(name)));
    audience.wake();
    assertThat(tasks).hasSize(2);
    runAll();
    assertThat(told).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void newsBeforeTheTaskRunsIsToldOnce() {
    audience.add(() -> told.add("one"));
    audience.wake();
    audience.wake();
    assertThat(tasks).hasSize(1);
    runAll();
    assertThat(told).containsExactly("one");
    audience.wake();
    runAll();
    assertThat(told).containsExactly("one", "one");
  }

  @Test
  void newsWhileItIsToldIsToldAgain() {
    AtomicReference<Optional<Runnable>> meanwhile =
        new AtomicReference<>(Optional.of(audience::wake));
    audience.add(
        () -> {
          told.add("one");
          meanwhile.getAndSet(Optional.empty()).ifPresent(Runnable::run);
        });
    audience.wake();
    runAll();
    assertThat(told).containsExactly("one", "one");
  }

  @Test
  void aStreamThatFailsHoldsUpNobody() {
    for (int i = 0; i < 4; i++) {
      audience.add(
          () -> {
            throw new IllegalStateException("broken");
          });
      audience.add(() -> told.add("well"));
      audience.add(() -> told.add("well"));
    }
    audience.wake();
    runAll();
    assertThat(told).hasSize(8);
    audience.wake();
    runAll();
    assertThat(told).hasSize(16);
  }

  @Test
  void aStreamThatHasLeftHearsNothing() {
    Runnable leave = audience.add(() -> told.add("one"));
    leave.run();
    audience.wake();
    assertThat(tasks).isEmpty();
    assertThat(told).isEmpty();
  }
}
