package dev.drover.spi.snapshot;

import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Closes a deletion whose steps have been tried: all records go, or what is left is on record. */
final class DeletionEnd {

  private final DomainBook domains;
  private final JobBook jobs;
  private final SnapshotBook snapshots;
  private final DeletionRecords records;
  private final DeletionWork work;

  DeletionEnd(
      DomainBook domains,
      JobBook jobs,
      SnapshotBook snapshots,
      DeletionRecords records,
      DeletionWork work) {
    this.domains = domains;
    this.jobs = jobs;
    this.snapshots = snapshots;
    this.records = records;
    this.work = work;
  }

  void end(String jobId) {
    Job job = jobs.require(jobId);
    Set<String> left = new TreeSet<>();
    for (SnapshotStep step : job.getSnapshotPlan().getStepsList()) {
      if (step.getState() != SnapshotStepState.SNAPSHOT_STEP_STATE_DONE) {
        left.add(step.getDisk().equals(MemoryPlan.NO_DISK) ? "memory" : step.getDisk());
      }
    }
    if (left.isEmpty()) {
      succeed(job);
    } else {
      giveUp(job, left);
    }
  }

  private void succeed(Job job) {
    // A cancel that comes now is too late, and one that came before found nothing left to stop.
    jobs.advanceFrom(
        JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_FINALIZING, job.getId(), _ -> {});
    Set<String> names = records.names(job.getId());
    String uuid = job.getDomainUuid();
    if (domains.find(uuid).isPresent()) {
      List<SnapshotBook.Change> changes = new ArrayList<>();
      long stay =
          snapshots.list(uuid).stream()
              .filter(snapshot -> !names.contains(snapshot.getName()))
              .count();
      work.change(
          uuid,
          domain -> domain.getStatusBuilder().setSnapshotCount((int) stay),
          transaction -> {
            changes.clear();
            snapshots.list(uuid).stream()
                .filter(snapshot -> names.contains(snapshot.getName()) && snapshot.hasMemory())
                .map(snapshot -> snapshot.getMemory().getPath())
                .filter(path -> !path.isEmpty())
                .forEach(path -> snapshots.owned().remove(transaction, uuid, path));
            changes.add(snapshots.remove(transaction, uuid, names));
          });
      changes.forEach(snapshots::settle);
    }
    jobs.advance(
        job.getId(),
        JobState.JOB_STATE_SUCCEEDED,
        _ -> {},
        transaction -> records.delete(transaction, job.getId()));
  }

  private void giveUp(Job job, Set<String> left) {
    Set<String> names = records.names(job.getId());
    Set<String> gone = gone(job);
    boolean cancelled = job.getState() == JobState.JOB_STATE_CANCELLING;
    DriverException why =
        cancelled
            ? cancelled(job)
            : incomplete(job, left); // Whoever hears of the end finds the records as the end tells.
    snapshots.change(
        transaction ->
            snapshots.edit(
                transaction,
                job.getDomainUuid(),
                snapshot ->
                    names.contains(snapshot.getName())
                        ? MovedSnapshots.left(snapshot, gone)
                        : snapshot));
    jobs.advance(
        job.getId(),
        cancelled ? JobState.JOB_STATE_CANCELLED : JobState.JOB_STATE_FAILED,
        ended -> ended.setError(ErrorStatus.status(why)),
        transaction -> records.delete(transaction, job.getId()));
  }

  /** The images, by disk, that a step has removed or written to, and the moments let go of. */
  private static Set<String> gone(Job job) {
    Set<String> gone = new HashSet<>();
    for (SnapshotStep step : job.getSnapshotPlan().getStepsList()) {
      if (step.getState() == SnapshotStepState.SNAPSHOT_STEP_STATE_DONE
          && step.getAction() == SnapshotAction.SNAPSHOT_ACTION_DISCARD) {
        gone.add(MovedSnapshots.discarded(step.getDisk(), step.getSnapshot()));
      } else if (step.getState() == SnapshotStepState.SNAPSHOT_STEP_STATE_DONE
          && step.getAction() != SnapshotAction.SNAPSHOT_ACTION_KEEP) {
        for (Image image : step.getImagesList()) {
          gone.add(step.getDisk() + ":" + image.getPath());
        }
        gone.add(step.getDisk() + ":" + step.getInto().getPath());
      }
    }
    return gone;
  }

  private static DriverException incomplete(Job job, Set<String> left) {
    String disks = String.join(",", left);
    return DriverException.of(
        ErrorReason.ERROR_REASON_SNAPSHOT_DELETE_INCOMPLETE,
        ("snapshot '%s' of domain '%s' was not deleted for disks %s; the job's plan tells why, and"
                + " the same call again goes on with what is left")
            .formatted(job.getSnapshot(), job.getDomainName(), disks),
        "domain",
        job.getDomainName(),
        "snapshot",
        job.getSnapshot(),
        "disks",
        disks);
  }

  private static DriverException cancelled(Job job) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_CANCELLED,
        ("the deletion of snapshot '%s' of domain '%s' was cancelled; the job's plan tells what was"
                + " done before, and the same call again goes on")
            .formatted(job.getSnapshot(), job.getDomainName()),
        "job",
        job.getId());
  }
}
