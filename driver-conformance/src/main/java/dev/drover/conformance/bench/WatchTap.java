package dev.drover.conformance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A watch stream whose messages are collected. */
public final class WatchTap implements AutoCloseable {

  private final List<WatchResponse> received = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Context.CancellableContext context = Context.current().withCancellation();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Duration patience;

  private WatchTap(Duration patience) {
    this.patience = patience;
  }

  /** Opens a stream; it is closed with the bench. */
  public static WatchTap open(Bench bench, WatchRequest request) {
    WatchTap tap = new WatchTap(bench.target().patience());
    bench.onClose(tap::close);
    tap.context.run(() -> bench.calls().events().watch(request, tap.observer()));
    return tap;
  }

  /** Opens a stream and waits until the state is complete. */
  public static WatchTap live(Bench bench, WatchRequest request) {
    WatchTap tap = open(bench, request);
    var _ = tap.first(WatchTap::stateComplete, "a bookmark that ends the state");
    return tap;
  }

  /** Everything received so far. */
  public List<WatchResponse> received() {
    return List.copyOf(received);
  }

  /** The events received so far. */
  public List<Event> events() {
    return received.stream().filter(WatchResponse::hasEvent).map(WatchResponse::getEvent).toList();
  }

  /** Waits for a message. */
  public WatchResponse first(Predicate<WatchResponse> wanted, String description) {
    await(() -> !failures.isEmpty() || received.stream().anyMatch(wanted));
    assertThat(received).as("%s; the stream ended with %s", description, failures).anyMatch(wanted);
    return received.stream().filter(wanted).findFirst().orElseThrow();
  }

  /** Waits for an event of a kind. */
  public WatchResponse event(EventKind kind) {
    return first(
        message -> message.hasEvent() && message.getEvent().getKind() == kind, kind.name());
  }

  /** Waits until a job's end was told, and answers the states told of it, in order, each once. */
  public List<JobState> states(Job job) {
    var _ =
        first(
            message ->
                message.hasEvent()
                    && message.getEvent().getObject().getJob().getId().equals(job.getId())
                    && terminal(message.getEvent().getObject().getJob().getState()),
            "the end of job " + job.getId());
    List<JobState> states = new ArrayList<>();
    for (Event event : events()) {
      Job told = event.getObject().getJob();
      if (told.getId().equals(job.getId())
          && (states.isEmpty() || states.getLast() != told.getState())) {
        states.add(told.getState());
      }
    }
    return states;
  }

  /** Waits for the end of the stream. */
  public Throwable failure() {
    await(() -> !failures.isEmpty());
    assertThat(failures).as("the end of the stream within %s", patience).isNotEmpty();
    return failures.getFirst();
  }

  /** Waits until something holds of what was received, for as long as the patience lasts. */
  private void await(BooleanSupplier condition) {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (!condition.getAsBoolean() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while a stream is watched", e);
    } finally {
      lock.unlock();
    }
  }

  private void note(Runnable arrival) {
    lock.lock();
    try {
      arrival.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a message says that the state is complete. */
  public static boolean stateComplete(WatchResponse message) {
    return message.hasBookmark() && message.getBookmark().getStateComplete();
  }

  private static boolean terminal(JobState state) {
    return switch (state) {
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> true;
      case JOB_STATE_UNSPECIFIED,
          JOB_STATE_PENDING,
          JOB_STATE_RUNNING,
          JOB_STATE_READY,
          JOB_STATE_PIVOTING,
          JOB_STATE_CANCELLING,
          JOB_STATE_FINALIZING,
          UNRECOGNIZED ->
          false;
    };
  }

  private StreamObserver<WatchResponse> observer() {
    return new StreamObserver<>() {
      @Override
      public void onNext(WatchResponse message) {
        note(() -> received.add(message));
      }

      @Override
      public void onError(Throwable failure) {
        note(() -> failures.add(failure));
      }

      @Override
      public void onCompleted() {
        note(() -> failures.add(new AssertionError("the stream was completed")));
      }
    };
  }

  @Override
  public void close() {
    @Nullable Throwable noCause = null;
    var _ = context.cancel(noCause);
  }
}
