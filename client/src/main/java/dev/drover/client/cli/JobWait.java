package dev.drover.client.cli;

import dev.drover.client.DroverException;
import dev.drover.client.JobHandle;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for a job in the foreground with its progress on standard error. Ctrl-C and a timeout abort
 * the job as virsh does; a daemon that restarts meanwhile does not end the wait.
 */
final class JobWait {
  /** Why waiting ended. */
  sealed interface Outcome {
    /** The job has come as far as was waited for. */
    record Reached(Job job) implements Outcome {}

    /** Ctrl-C. */
    record Interrupted() implements Outcome {}

    /** The time was over. */
    record TimedOut() implements Outcome {}
  }

  private final Session session;
  private final JobHandle job;
  private final ProgressLine progress;

  JobWait(Session session, JobHandle job) {
    this.session = session;
    this.job = job;
    Surroundings surroundings = session.surroundings();
    this.progress =
        new ProgressLine(surroundings.err(), surroundings.errorTerminal(), surroundings.columns());
  }

  /**
   * Waits for READY or the end, and aborts the job on Ctrl-C or when the time is over.
   *
   * @param untilEnd true to wait on over READY
   * @return the job READY, succeeded, failed or cancelled
   */
  Job orAbort(boolean untilEnd, WaitOptions options) {
    return switch (until(untilEnd, options.timeout())) {
      case Outcome.Reached reached -> reached.job();
      case Outcome.Interrupted() -> abort(options.async());
      case Outcome.TimedOut() -> abort(options.async());
    };
  }

  /**
   * Waits for the end; Ctrl-C ends the waiting only.
   *
   * @throws CommandFailure after Ctrl-C, saying that the job goes on
   */
  Job ended() {
    return switch (until(true, Optional.empty())) {
      case Outcome.Reached reached -> reached.job();
      case Outcome.Interrupted() -> throw goesOn("Stopped following job '%s'");
      case Outcome.TimedOut() ->
          throw new IllegalStateException("Waiting without a limit came to its limit");
    };
  }

  /**
   * The failure of a command that stopped waiting for a job it leaves alone.
   *
   * @param what what happened, with a place for the job's id
   */
  CommandFailure goesOn(String what) {
    return new CommandFailure(
        (what + "; it goes on and is %s")
            .formatted(job.id(), Texts.state(job.latest().getState())));
  }

  /**
   * Waits for READY or the end.
   *
   * @param untilEnd true to wait on over READY
   */
  Outcome until(boolean untilEnd, Optional<Duration> timeout) {
    CompletableFuture<Outcome> interrupted = new CompletableFuture<>();
    try (Interrupts.Registration _ =
        session
            .surroundings()
            .interrupts()
            .onInterrupt(() -> interrupted.complete(new Outcome.Interrupted()))) {
      if (!session.output().quiet()) {
        job.onConnectionLost(
            lost ->
                progress.remark("Connection lost, looking for the daemon: " + lost.getMessage()));
        job.onProgress(progress::show);
      }
      CompletableFuture<Outcome> reached =
          (untilEnd ? job.ended() : job.ready()).thenApply(Outcome.Reached::new);
      return await(CompletableFuture.anyOf(reached, interrupted), timeout);
    } finally {
      progress.end();
    }
  }

  private static Outcome await(CompletableFuture<Object> first, Optional<Duration> timeout) {
    try {
      return (Outcome)
          (timeout.isPresent()
              ? first.get(timeout.get().toNanos(), TimeUnit.NANOSECONDS)
              : first.get());
    } catch (TimeoutException e) {
      return new Outcome.TimedOut();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DroverException failure) {
        throw failure;
      }
      throw new IllegalStateException("The job cannot be followed", e);
    }
  }

  /** Where the job ended by itself in the same moment, that is the answer. */
  private Job abort(boolean async) {
    try {
      return job.cancel(async);
    } catch (DroverException e) {
      if (e.reason() != ErrorReason.ERROR_REASON_JOB_STATE_INVALID) {
        throw e;
      }
      Job now = job.refresh();
      if (now.getState() == JobState.JOB_STATE_SUCCEEDED) {
        return now;
      }
      throw e;
    }
  }

  /**
   * Says how the job ended, or that it is READY.
   *
   * @param verb "Commit", "Copy", "Pull"
   * @param success what to say after success
   * @param ready what to say where the job waits in READY
   * @throws CommandFailure where the job failed or was cancelled
   */
  void report(Job ended, String verb, String success, String ready) {
    if (ended.getState() == JobState.JOB_STATE_READY) {
      confirm(ready, ended);
    } else {
      reportEnd(ended, verb, success);
    }
  }

  /**
   * Says how the job ended, and of a deletion which disks failed.
   *
   * @param verb "Commit", "Copy", "Deletion"
   * @param success what to say after success
   * @throws CommandFailure where the job failed or was cancelled
   */
  void reportEnd(Job ended, String verb, String success) {
    switch (ended.getState()) {
      case JOB_STATE_SUCCEEDED -> confirm(success, ended);
      case JOB_STATE_CANCELLED, JOB_STATE_CANCELLING -> {
        String aborted = verb + " aborted";
        session.output().done(aborted, ended);
        throw session.output().quiet() ? new CommandFailure(aborted) : new CommandFailure();
      }
      case JOB_STATE_FAILED -> {
        session.output().done(verb + " failed", ended);
        List<String> lines = new ArrayList<>();
        lines.add(ended.getError().getMessage());
        lines.addAll(SnapshotPlans.failures(ended));
        throw new CommandFailure(lines.toArray(String[]::new));
      }
      case JOB_STATE_PENDING,
          JOB_STATE_RUNNING,
          JOB_STATE_READY,
          JOB_STATE_PIVOTING,
          JOB_STATE_FINALIZING,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          throw new IllegalStateException("Waiting ended in state " + ended.getState());
    }
  }

  private void confirm(String text, Job job) {
    session.output().done(text, job);
    job.getResult().getWarningsList().forEach(warning -> progress.remark("warning: " + warning));
  }
}
