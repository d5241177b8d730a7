package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Knows whether {@code query-named-block-nodes} is safe. QEMU 7.2 to 10.0 dereferences a dangling
 * filter node while a stream job is concluded and not dismissed. Used on the loop thread only, in
 * the order in which bytes leave and arrive, so its answer is about the moment the next byte is
 * written.
 *
 * <p>A stream job counts as unsafe from the first moment it could be concluded: from its start when
 * it concludes without an order, else from the order (finalize or cancel), until its end is seen.
 * Jobs of unknown kind count as streams. Streams that were there before this connection are taken
 * to be of the daemon's own making, which do not conclude without an order.
 */
final class StreamJobGuard {

  /** What is known about one job id. */
  private static final class Job {
    JobType type = JobType.UNKNOWN;
    Optional<JobStatus> status = Optional.empty();
    boolean concludesByItself;
    boolean orderedToEnd;
    int startsInFlight;
    int ordersInFlight;

    boolean isUnsafe() {
      boolean streamPerhaps = type == JobType.STREAM || type == JobType.UNKNOWN;
      return streamPerhaps
          && (concludesByItself
              || orderedToEnd
              || ordersInFlight > 0
              || status.map(StreamJobGuard::isAtItsEnd).orElse(false));
    }
  }

  /** Far more than a QEMU has; one that names another job with each event is not to be followed. */
  private static final int MOST_JOBS = 1024;

  private final Map<String, Job> jobs = new HashMap<>();
  private boolean jobsKnown;

  /** Why a command must not be sent now; empty when it may. */
  Optional<String> refusal(QmpCommand<?> command) {
    if (!(command instanceof QueryCommand.QueryNamedBlockNodes)) {
      return Optional.empty();
    }
    if (!jobsKnown) {
      return Optional.of(
          "QEMU crashes on it beside a concluded stream job, and the jobs of this QEMU are not"
              + " known yet; send query-jobs first");
    }
    TreeSet<String> unsafe = new TreeSet<>();
    jobs.forEach(
        (id, job) -> {
          if (job.isUnsafe()) {
            unsafe.add(id);
          }
        });
    return unsafe.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "QEMU crashes on it while a stream job is concluded and not dismissed; dismiss "
                + String.join(", ", unsafe)
                + " first");
  }

  /** A command is about to be written. */
  void sending(QmpCommand<?> command) {
    startedJob(command)
        .ifPresent(
            started -> {
              Job job = jobs.computeIfAbsent(started.id(), id -> new Job());
              if (job.type == JobType.UNKNOWN) {
                job.type = started.type();
              }
              job.concludesByItself |= started.concludesByItself();
              job.startsInFlight++;
            });
    orderedJob(command)
        .ifPresent(id -> jobs.computeIfAbsent(id, unknown -> new Job()).ordersInFlight++);
  }

  /** QEMU carried a command out. */
  void succeeded(QmpCommand<?> command, JsonNode result) {
    startedJob(command)
        .map(started -> jobs.get(started.id()))
        .ifPresent(job -> job.startsInFlight--);
    orderedJob(command)
        .map(jobs::get)
        .ifPresent(
            job -> {
              job.ordersInFlight--;
              job.orderedToEnd = true;
            });
    if (command instanceof BlockJobCommand.JobDismiss dismiss) {
      jobs.remove(dismiss.jobId());
    } else if (command instanceof QueryCommand.QueryJobs query) {
      replaceAll(query.decode(result));
    }
  }

  /** QEMU refused a command. */
  void failed(QmpCommand<?> command) {
    startedJob(command)
        .ifPresent(
            started -> {
              Job job = jobs.get(started.id());
              if (job != null && --job.startsInFlight == 0 && job.status.isEmpty()) {
                jobs.remove(started.id());
              }
            });
    orderedJob(command)
        .ifPresent(
            id -> {
              Job job = jobs.get(id);
              if (job != null && --job.ordersInFlight == 0 && job.status.isEmpty()) {
                jobs.remove(id);
              }
            });
  }

  /**
   * QEMU reported something.
   *
   * @throws QmpProtocolException where it has more jobs than any has
   */
  void observe(QmpEvent event) {
    switch (event.name()) {
      case "JOB_STATUS_CHANGE" -> {
        String id = Fields.text(event.data(), "id");
        JobStatus status = JobStatus.of(Fields.text(event.data(), "status"));
        if (status == JobStatus.NULL) {
          jobs.remove(id);
        } else {
          jobs.computeIfAbsent(id, unknown -> new Job()).status = Optional.of(status);
          if (jobs.size() > MOST_JOBS) {
            throw new QmpProtocolException(
                "QEMU told of more than %d jobs at a time".formatted(MOST_JOBS));
          }
        }
      }
      case "BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED" -> {
        Job job = jobs.get(Fields.text(event.data(), "device"));
        if (job != null) {
          job.type = JobType.of(Fields.text(event.data(), "type"));
        }
      }
      default -> {}
    }
  }

  private void replaceAll(List<JobInfo> reported) {
    Set<String> present = new HashSet<>();
    for (JobInfo info : reported) {
      present.add(info.id());
      Job job = jobs.computeIfAbsent(info.id(), id -> new Job());
      job.type = info.type();
      job.status = Optional.of(info.status());
    }
    jobs.entrySet()
        .removeIf(
            entry -> !present.contains(entry.getKey()) && entry.getValue().startsInFlight == 0);
    jobsKnown = true;
  }

  private static boolean isAtItsEnd(JobStatus status) {
    return switch (status) {
      case WAITING, ABORTING, CONCLUDED, UNDEFINED -> true;
      case CREATED, RUNNING, PAUSED, READY, STANDBY, PENDING, NULL -> false;
    };
  }

  private record Started(String id, JobType type, boolean concludesByItself) {}

  private static Optional<Started> startedJob(QmpCommand<?> command) {
    return switch (command) {
      case BlockJobCommand.BlockStream stream ->
          Optional.of(
              new Started(stream.options().jobId(), JobType.STREAM, stream.mayConcludeByItself()));
      case BlockJobCommand.BlockCommit commit ->
          Optional.of(new Started(commit.options().jobId(), JobType.COMMIT, false));
      case BlockJobCommand.BlockdevMirror mirror ->
          Optional.of(new Started(mirror.options().jobId(), JobType.MIRROR, false));
      default -> Optional.empty();
    };
  }

  private static Optional<String> orderedJob(QmpCommand<?> command) {
    return switch (command) {
      case BlockJobCommand.JobFinalize finalize -> Optional.of(finalize.jobId());
      case BlockJobCommand.JobCancel cancel -> Optional.of(cancel.jobId());
      case BlockJobCommand.BlockJobCancel cancel -> Optional.of(cancel.jobId());
      case BlockJobCommand.JobComplete complete -> Optional.of(complete.jobId());
      default -> Optional.empty();
    };
  }
}
