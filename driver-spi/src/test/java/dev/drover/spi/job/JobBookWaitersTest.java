package dev.drover.spi.job;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.drover.spi.CallContext;
import dev.drover.spi.FakeTime;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody who uses the register keeps it from others, and who waits hears of every change. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JobBookWaitersTest {

  private static final String JOB = "it";
  private static final JobOrigin ORIGIN = new JobOrigin("ann", JOB, "", ByteString.EMPTY, "");

  private final FakeTime time = new FakeTime();
  private final MemoryStore store = new MemoryStore();
  private final JobBook book = new JobBook(store, time, _ -> {});
  private final CallContext patient = time.call(Duration.ofDays(1));
  private final ExecutorService others = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    others.shutdownNow();
  }

  /** Every way to use the register that may have to wait for others, from a job that is PENDING. */
  static Stream<Arguments> uses() {
    return Stream.of(
        use("begin", (test, book) -> test.begin("another", "vdb")),
        use(
            "enqueue",
            (test, book) ->
                book.enqueue(
                    test.origin("another"),
                    draft("vdb"),
                    QueuePlace.getDefaultInstance(),
                    Any.getDefaultInstance())),
        use(
            "beginWithin",
            (test, book) ->
                book.beginWithin(
                    List.of(new JobBook.Beginning(test.origin("another"), draft("vdb"))),
                    test.store::transact)),
        use("discard", (test, book) -> book.discard(JOB, _ -> {})),
        use("advance", (test, book) -> test.advance(JobState.JOB_STATE_RUNNING)),
        use(
            "advanceWithin",
            (test, book) ->
                book.advanceWithin(JOB, JobState.JOB_STATE_RUNNING, _ -> {}, test.store::transact)),
        use(
            "advanceFrom",
            (test, book) ->
                book.advanceFrom(
                    JobState.JOB_STATE_PENDING, JobState.JOB_STATE_RUNNING, JOB, _ -> {})),
        use("edit", (test, book) -> book.edit(JOB, _ -> {}, _ -> {})),
        use("observe", (test, book) -> book.observe(JOB, _ -> {})),
        use("observe nobody", (test, book) -> book.observe("nobody", _ -> {})),
        use("await", (test, book) -> book.await(test.patient, JOB, _ -> true)),
        use(
            "a refused begin",
            (test, book) ->
                refused(
                    ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> test.begin("another", "vda"))),
        use(
            "a refused move",
            (test, book) ->
                assertThatThrownBy(() -> test.advance(JobState.JOB_STATE_SUCCEEDED))
                    .isInstanceOf(IllegalStateException.class)));
  }

  private static Arguments use(String name, BiConsumer<JobBookWaitersTest, JobBook> use) {
    return Arguments.of(name, use);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("uses")
  void whoeverIsDoneLetsOthersIn(String name, BiConsumer<JobBookWaitersTest, JobBook> use) {
    // R4: else one job would stop the jobs of all domains.
    begin(JOB, "vda");
    use.accept(this, book);
    CompletableFuture<Job> other =
        CompletableFuture.supplyAsync(() -> begin("of another domain", "vdc"), others)
            .orTimeout(20, TimeUnit.SECONDS);
    assertThat(other.join().getId()).as("after %s", name).isEqualTo("of another domain");
  }

  @Test
  void eachChangeIsHeardWhenItComes() {
    // E14, R19: a waiter that looked only now and then would be late at every one of them.
    begin(JOB, "vda");
    var _ = advance(JobState.JOB_STATE_RUNNING);
    within(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 1; i <= 40; i++) {
            int step = i;
            CompletableFuture<Job> heard = await(job -> job.getProgress().getOffsetBytes() == step);
            if (i % 2 == 0) {
              book.observe(JOB, job -> job.setProgress(offset(step)));
            } else {
              var _ = book.edit(JOB, job -> job.setProgress(offset(step)), _ -> {});
            }
            assertThat(heard.join().getProgress().getOffsetBytes()).isEqualTo(step);
          }
        });
  }

  @Test
  void whoWaitsForAJobThatIsTakenBackHearsSo() {
    // R2: the call that began it has failed, and leaves no record.
    within(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 0; i < 40; i++) {
            begin(JOB, "vda");
            CompletableFuture<Job> waiting = await(_ -> false);
            book.discard(JOB, _ -> {});
            refused(
                ErrorReason.ERROR_REASON_JOB_NOT_FOUND,
                () -> {
                  try {
                    waiting.join();
                  } catch (CompletionException e) {
                    throw e.getCause();
                  }
                });
          }
        });
  }

  @Test
  void aWaitThatIsInterruptedSaysThatTheJobGoesOn() throws InterruptedException {
    // R2
    begin(JOB, "vda");
    CountDownLatch waits = new CountDownLatch(1);
    AtomicReference<DriverException> failure = new AtomicReference<>();
    CompletableFuture<Boolean> marked = new CompletableFuture<>();
    Thread waiter =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    var _ =
                        book.await(
                            patient,
                            JOB,
                            _ -> {
                              waits.countDown();
                              return false;
                            });
                  } catch (DriverException e) {
                    failure.set(e);
                  }
                  marked.complete(Thread.currentThread().isInterrupted());
                });
    waits.await();
    waiter.interrupt();
    assertThat(marked.join()).as("its thread knows that it is to end").isTrue();
    assertThat(failure.get().reason()).isEqualTo(ErrorReason.ERROR_REASON_CALL_CANCELLED);
    assertThat(failure.get().metadata()).containsEntry("job", JOB);
    assertThat(book.require(JOB).getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(begin("another", "vdb").getId()).isEqualTo("another");
  }

  /** Begins a wait, and returns when it has looked at the job for the first time. */
  private CompletableFuture<Job> await(Predicate<Job> wanted) {
    CountDownLatch looked = new CountDownLatch(1);
    CompletableFuture<Job> result =
        CompletableFuture.supplyAsync(
            () ->
                book.await(
                    patient,
                    JOB,
                    job -> {
                      looked.countDown();
                      return wanted.test(job);
                    }),
            others);
    try {
      assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return result;
  }

  private static void within(Duration most, Runnable action) {
    long begin = System.nanoTime();
    action.run();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(most);
  }

  private static JobProgress offset(int bytes) {
    return JobProgress.newBuilder().setOffsetBytes(bytes).build();
  }

  private Job begin(String id, String disk) {
    return book.begin(origin(id), draft(disk), _ -> {});
  }

  private JobOrigin origin(String id) {
    return ORIGIN.withJobId(id);
  }

  private Job advance(JobState next) {
    return book.advance(JOB, next, _ -> {}, _ -> {});
  }

  private static Job draft(String disk) {
    return Job.newBuilder()
        .setKind(JobKind.JOB_KIND_PULL)
        .setDomainName("web")
        .setDomainUuid("web")
        .setDisk(disk)
        .build();
  }
}
