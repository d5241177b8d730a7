package dev.drover.server.watch;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.WatchJobResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows single jobs. The job itself is what counts: events only say when to look again, and a
 * look every second finds what an event that never came would have told (R1).
 */
public final class JobStreams {

  private static final Duration LOOK = Duration.ofSeconds(1);

  private final OpenStreams open;
  private final ExecutorService executor;
  private final Timers timers;
  private final InstantSource clock;

  /** Makes the follower. */
  @Inject
  public JobStreams(
      OpenStreams open, ExecutorService executor, Timers timers, InstantSource clock) {
    this.open = open;
    this.executor = executor;
    this.timers = timers;
    this.clock = clock;
  }

  /** Whether a job has ended. */
  public static boolean ended(Job job) {
    return switch (job.getState()) {
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

  /** Whether a job has ended or waits for somebody. */
  public static boolean needsSomebody(Job job) {
    return ended(job) || job.getState() == JobState.JOB_STATE_READY || job.getBlocked();
  }

  /**
   * Waits on the current thread until a job is as asked.
   *
   * @param look answers the job as it is
   * @throws DriverException DEADLINE_EXCEEDED, CALL_CANCELLED, DAEMON_STOPPING
   */
  public Job await(EventHub hub, Supplier<Job> look, Predicate<Job> done, Instant deadline) {
    Semaphore news = new Semaphore(0);
    AtomicReference<@Nullable DriverException> stop = new AtomicReference<>();
    Context context = Context.current();
    Context.CancellationListener gone = _ -> news.release();
    context.addListener(gone, Runnable::run);
    try (EventHub.Registration _ = hub.onPublish(news::release);
        OpenStreams.Registration _ =
            open.add(
                why -> {
                  stop.set(why);
                  news.release();
                })) {
      while (true) {
        Job job = look.get();
        if (done.test(job)) {
          return job;
        }
        check(stop.get(), context, job, deadline);
        sleepUntilNews(news, deadline);
      }
    } finally {
      context.removeListener(gone);
    }
  }

  private void check(@Nullable DriverException stop, Context context, Job job, Instant deadline) {
    if (stop != null) {
      throw stop;
    }
    if (context.isCancelled()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_CALL_CANCELLED, "the caller has given up the call");
    }
    if (!clock.instant().isBefore(deadline)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          "the deadline has passed; the job " + job.getId() + " goes on as " + job.getState(),
          "job",
          job.getId());
    }
  }

  private void sleepUntilNews(Semaphore news, Instant deadline) {
    Duration left = Duration.between(clock.instant(), deadline);
    Duration wait = left.compareTo(LOOK) < 0 ? left : LOOK;
    try {
      boolean told = news.tryAcquire(Math.max(0, wait.toNanos()), TimeUnit.NANOSECONDS);
      if (told) {
        news.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_DAEMON_STOPPING, "the daemon is stopping; connect again");
    }
  }

  /**
   * Streams a job at once and at every change until it has ended. Changes while the client is busy
   * are merged.
   *
   * @param look answers the job as it is
   */
  public void stream(
      EventHub hub, Supplier<Job> look, ServerCallStreamObserver<WatchJobResponse> client) {
    Attachments attachments = new Attachments();
    StreamPump<WatchJobResponse> pump =
        new StreamPump<>(client, new Changes(look), executor, attachments::close);
    attachments.add(hub.onPublish(pump::signal)::close);
    attachments.add(open.add(pump::fail)::close);
    Ticks ticks = new Ticks(pump);
    attachments.add(ticks::close);
    ticks.schedule();
    pump.signal();
  }

  /** A job's changes. */
  private static final class Changes implements StreamPump.Source<WatchJobResponse> {

    private final Supplier<Job> look;
    private Optional<Job> sent = Optional.empty();

    Changes(Supplier<Job> look) {
      this.look = look;
    }

    @Override
    public Optional<WatchJobResponse> next() {
      Optional<Job> now = Optional.of(look.get());
      if (now.equals(sent)) {
        return Optional.empty();
      }
      sent = now;
      return now.map(job -> WatchJobResponse.newBuilder().setJob(job).build());
    }

    @Override
    public boolean complete() {
      return sent.filter(JobStreams::ended).isPresent();
    }
  }

  /** Signals a pump from time to time. */
  private final class Ticks {

    private final StreamPump<?> pump;
    private final AtomicReference<Timers.Pending> pending = new AtomicReference<>(() -> {});
    private volatile boolean closed;

    Ticks(StreamPump<?> pump) {
      this.pump = pump;
    }

    void schedule() {
      pending.set(timers.after(LOOK, this::tick));
    }

    void close() {
      closed = true;
      pending.get().cancel();
    }

    private void tick() {
      if (!closed) {
        pump.signal();
        schedule();
      }
    }
  }
}
