package dev.drover.client;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.JobState;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One job. It lives in the daemon: closing the handle, the connection or the client changes nothing
 * about it.
 *
 * <p>Following begins with the first use of a future, a listener or an await, on one virtual
 * thread, and goes on over restarts of the daemon. Listeners are called on that thread, in order.
 * Where the daemon stays away for longer than {@link Drover.Builder#reconnectFor} the following has
 * failed, and so has every later wait; {@link Jobs#get} answers a new handle.
 */
public final class JobHandle implements AutoCloseable {
  private final Connection connection;
  private final JobFollower follower;
  private final String id;

  JobHandle(Connection connection, Job job) {
    this.connection = connection;
    this.id = job.getId();
    this.follower = new JobFollower(connection, job);
  }

  /** Id of the job. */
  public String id() {
    return id;
  }

  /** The newest record this handle has seen; asks nobody. */
  public Job latest() {
    return follower.latest();
  }

  /** Asks the daemon for the record. */
  public Job refresh() {
    Job job =
        connection
            .call(
                JobServiceGrpc.getGetJobMethod(),
                GetJobRequest.newBuilder().setJobId(id).build(),
                connection.settings().deadline())
            .getJob();
    follower.accept(job);
    return job;
  }

  /**
   * Calls the listener with the record as it is now and after each change, until the job has ended
   * (R19). A listener that is added after others were called is called with their newest record at
   * once, on the thread that adds it. It may make calls, such as {@link #pivot()}, and must not
   * wait for the job. One that throws ends the following: futures and waits end with what it threw.
   */
  public JobHandle onProgress(Consumer<Job> listener) {
    follower.listen(listener);
    return this;
  }

  /** Tells the listener when the daemon went away and is looked for again. */
  public JobHandle onConnectionLost(Consumer<DroverException> listener) {
    follower.onLost(listener);
    return this;
  }

  /**
   * Completes with the record when the job has ended, in whatever way; exceptionally where it
   * cannot be followed.
   */
  public CompletableFuture<Job> ended() {
    return follower.ended();
  }

  /**
   * Completes with the record when the job is READY or has ended; exceptionally where it cannot be
   * followed.
   */
  public CompletableFuture<Job> ready() {
    return follower.ready();
  }

  /**
   * The record as it is now and after each change, until the job has ended; each subscription
   * follows the job for itself. A subscriber that is slow misses what was overtaken, and never the
   * end.
   */
  public Flow.Publisher<Job> changes() {
    return follower.publisher();
  }

  /**
   * Waits until the job has ended as asked for, for as long as it takes.
   *
   * @throws DroverException the job's own error where it failed or was cancelled; CALL_CANCELLED
   *     where the handle or the connection is closed or the thread is interrupted, UNAVAILABLE
   *     where the daemon does not come back
   * @throws IllegalStateException where a listener threw, which is the cause
   */
  public Job await() {
    return await(Spans.UNBOUNDED);
  }

  /**
   * Waits until the job has ended as asked for.
   *
   * @throws DroverException the job's own error where it failed or was cancelled; DEADLINE_EXCEEDED
   *     where it goes on; else as {@link #await()}
   */
  public Job await(Duration timeout) {
    return succeeded(await(ended(), timeout));
  }

  /**
   * Waits until the job is READY, or has ended as asked for before.
   *
   * @throws DroverException the job's own error where it failed or was cancelled; DEADLINE_EXCEEDED
   *     where it goes on; else as {@link #await()}
   */
  public Job awaitReady(Duration timeout) {
    return succeeded(await(ready(), timeout));
  }

  /**
   * Ends a READY job and waits for its end within the default deadline.
   *
   * @throws DroverException JOB_NOT_READY, JOB_KIND_INVALID, JOB_STATE_INVALID, JOB_FAILED
   */
  public Job complete(JobCompletion completion) {
    return complete(
        CompleteJobRequest.newBuilder().setCompletion(completion),
        connection.settings().deadline());
  }

  /**
   * Ends a READY job so that the disk goes over to the new image, and waits for the end within the
   * default deadline.
   *
   * @throws DroverException JOB_NOT_READY, JOB_KIND_INVALID, JOB_STATE_INVALID, JOB_FAILED
   */
  public Job pivot() {
    return complete(JobCompletion.JOB_COMPLETION_PIVOT);
  }

  /**
   * Ends a READY job so that the disk stays where it is, and waits for the end within the default
   * deadline.
   *
   * @throws DroverException JOB_NOT_READY, JOB_KIND_INVALID, JOB_STATE_INVALID, JOB_FAILED
   */
  public Job keep() {
    return complete(JobCompletion.JOB_COMPLETION_KEEP);
  }

  /**
   * Waits for READY, ends the job and waits for its end, all within the timeout (R5).
   *
   * @throws DroverException DEADLINE_EXCEEDED, JOB_KIND_INVALID, JOB_STATE_INVALID, JOB_FAILED
   */
  public Job completeWhenReady(JobCompletion completion, Duration timeout) {
    return complete(
        CompleteJobRequest.newBuilder().setCompletion(completion).setWaitReady(true), timeout);
  }

  /** Ends a job as the request says; its job is set to this one. */
  public Job complete(CompleteJobRequest.Builder request, Duration timeout) {
    Job job =
        connection
            .call(JobServiceGrpc.getCompleteJobMethod(), request.setJobId(id).build(), timeout)
            .getJob();
    follower.accept(job);
    return job;
  }

  /**
   * Ends the job without a switch and waits for its end within the default deadline.
   *
   * @throws DroverException JOB_STATE_INVALID
   */
  public Job cancel() {
    return cancel(false);
  }

  /**
   * Ends the job without a switch.
   *
   * @param async true to return when the end is decided, false when the job has ended
   * @throws DroverException JOB_STATE_INVALID
   */
  public Job cancel(boolean async) {
    Job job =
        connection
            .call(
                JobServiceGrpc.getCancelJobMethod(),
                CancelJobRequest.newBuilder().setJobId(id).setAsync(async).build(),
                connection.settings().deadline())
            .getJob();
    follower.accept(job);
    return job;
  }

  /**
   * Lets a blocked job try again at once; one that is not blocked is answered as it is (C20).
   *
   * @throws DroverException JOB_STATE_INVALID
   */
  public Job resume() {
    Job job =
        connection
            .call(
                JobServiceGrpc.getResumeJobMethod(),
                ResumeJobRequest.newBuilder().setJobId(id).build(),
                connection.settings().deadline())
            .getJob();
    follower.accept(job);
    return job;
  }

  /**
   * Changes the limit of a job that goes on; 0 means none.
   *
   * @throws DroverException JOB_STATE_INVALID, OUT_OF_RANGE
   */
  public Job setSpeed(Bandwidth limit) {
    Job job =
        connection
            .call(
                JobServiceGrpc.getSetJobSpeedMethod(),
                SetJobSpeedRequest.newBuilder().setJobId(id).setBandwidth(limit).build(),
                connection.settings().deadline())
            .getJob();
    follower.accept(job);
    return job;
  }

  /** Stops following; futures and waits end with CALL_CANCELLED. The job goes on. */
  @Override
  public void close() {
    follower.close();
  }

  /** True where the state is one a job never leaves. */
  public static boolean terminal(JobState state) {
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

  private Job await(CompletableFuture<Job> future, Duration timeout) {
    try {
      return future.get(Spans.nanos(timeout), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new DroverException(
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          "Job '%s' has not come so far in the time given; it goes on".formatted(id));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DroverException(
          ErrorReason.ERROR_REASON_CALL_CANCELLED,
          "Waiting for job '%s' was interrupted; it goes on".formatted(id));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DroverException failure) {
        throw failure;
      }
      throw new IllegalStateException(
          "A listener of job '%s' failed, so that it is followed no longer".formatted(id),
          e.getCause());
    }
  }

  private static Job succeeded(Job job) {
    if (!terminal(job.getState()) || job.getState() == JobState.JOB_STATE_SUCCEEDED) {
      return job;
    }
    if (job.hasError()) {
      throw DroverException.from(job.getError());
    }
    throw new DroverException(
        job.getState() == JobState.JOB_STATE_CANCELLED
            ? ErrorReason.ERROR_REASON_JOB_CANCELLED
            : ErrorReason.ERROR_REASON_JOB_FAILED,
        "Job '%s' ended as %s".formatted(job.getId(), job.getState()));
  }
}
