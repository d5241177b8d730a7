package dev.drover.client;

import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.JobState;
import dev.drover.v1.WatchJobRequest;
import dev.drover.v1.WatchJobResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Reads the changes of one job and hands them to listeners and futures. */
final class JobFollower implements AutoCloseable {
  private final Connection connection;
  private final WatchJobRequest request;
  private final ResumingStream<WatchJobRequest, WatchJobResponse> stream;
  private final AtomicReference<Job> latest;
  private final AtomicBoolean started = new AtomicBoolean();

  /** Held while listeners are called: each hears of every record once, in order. */
  private final ReentrantLock telling = new ReentrantLock();

  private final List<Consumer<Job>> listeners = new CopyOnWriteArrayList<>();
  private Optional<Job> told = Optional.empty();
  private final List<Consumer<DroverException>> lostListeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Job> ready = new CompletableFuture<>();
  private final CompletableFuture<Job> ended = new CompletableFuture<>();

  JobFollower(Connection connection, Job first) {
    this.latest = new AtomicReference<>(first);
    this.connection = connection;
    this.request = WatchJobRequest.newBuilder().setJobId(first.getId()).build();
    this.stream =
        new ResumingStream<>(
            connection,
            JobServiceGrpc.getWatchJobMethod(),
            () -> request,
            failure -> lostListeners.forEach(listener -> listener.accept(failure)));
  }

  Job latest() {
    return latest.get();
  }

  /**
   * Takes a record from elsewhere, unless a newer one is known; listeners hear of changes from the
   * stream only.
   */
  void accept(Job job) {
    latest.accumulateAndGet(
        job, (known, other) -> other.getRevision() >= known.getRevision() ? other : known);
  }

  /** A listener that comes after others were told is told the same, here and now. */
  void listen(Consumer<Job> listener) {
    telling.lock();
    try {
      told.ifPresent(listener);
      listeners.add(listener);
    } finally {
      telling.unlock();
    }
    start();
  }

  void onLost(Consumer<DroverException> listener) {
    lostListeners.add(listener);
  }

  CompletableFuture<Job> ready() {
    start();
    return ready.copy();
  }

  CompletableFuture<Job> ended() {
    start();
    return ended.copy();
  }

  Flow.Publisher<Job> publisher() {
    return new StreamPublisher<>(this::source, "drover-changes-" + latest().getId());
  }

  private StreamPublisher.Source<Job> source() {
    ResumingStream<WatchJobRequest, WatchJobResponse> own =
        new ResumingStream<>(
            connection, JobServiceGrpc.getWatchJobMethod(), () -> request, _ -> {});
    return StreamPublisher.Source.of(() -> own.next().map(WatchJobResponse::getJob), own::close);
  }

  private void start() {
    if (started.compareAndSet(false, true)) {
      Thread.ofVirtual().name("drover-job-" + latest().getId()).start(this::follow);
    }
  }

  private void follow() {
    try {
      Optional<WatchJobResponse> next = stream.next();
      while (next.isPresent()) {
        deliver(next.get().getJob());
        next = stream.next();
      }
      giveUp(closed(latest().getId()));
    } catch (RuntimeException e) {
      giveUp(e);
    } finally {
      stream.close();
    }
  }

  private void deliver(Job job) {
    accept(job);
    tell(job);
    boolean over = JobHandle.terminal(job.getState());
    if (over || job.getState() == JobState.JOB_STATE_READY) {
      ready.complete(job);
    }
    if (over) {
      ended.complete(job);
    }
  }

  private void tell(Job job) {
    telling.lock();
    try {
      told = Optional.of(job);
      listeners.forEach(listener -> listener.accept(job));
    } finally {
      telling.unlock();
    }
  }

  private static DroverException closed(String id) {
    return new DroverException(
        ErrorReason.ERROR_REASON_CALL_CANCELLED,
        "Job '%s' is followed no longer: its handle or the connection was closed; it goes on"
            .formatted(id));
  }

  /** Has no effect on futures that are complete. */
  private void giveUp(RuntimeException why) {
    ready.completeExceptionally(why);
    ended.completeExceptionally(why);
  }

  @Override
  public void close() {
    stream.close();
    giveUp(closed(latest().getId()));
  }
}
