package dev.drover.spi.job;

import dev.drover.spi.domain.QuiesceRules;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What holds for jobs that end at one moment, whatever executes them (D15). */
public final class JobGroupRules {

  private JobGroupRules() {}

  /**
   * Refuses ids whose jobs can never end at one moment, whatever their state.
   *
   * @throws DriverException JOB_NOT_FOUND; INVALID_ARGUMENT where a job is named twice or the jobs
   *     are of several domains; JOB_KIND_INVALID where one ends by itself
   */
  public static void require(JobBook book, List<String> ids) {
    Set<String> seen = new HashSet<>();
    for (String id : ids) {
      if (!seen.add(id)) {
        throw invalid("job %s is named twice; name each job once".formatted(id));
      }
    }
    List<Job> jobs = ids.stream().map(book::require).toList();
    Job first = jobs.getFirst();
    for (Job job : jobs) {
      if (!job.getDomainUuid().equals(first.getDomainUuid())) {
        throw invalid(
            "job %s is of domain '%s' and job %s of domain '%s'; only jobs of one domain end together"
                .formatted(first.getId(), first.getDomainName(), job.getId(), job.getDomainName()));
      }
    }
    jobs.forEach(JobRules::requireTwoPhases);
  }

  /**
   * Whether all of them end already as this completion wants it; where not, all are READY for it.
   *
   * @throws DriverException that of {@link JobRules#requireReady} for the first that is not READY,
   *     or that of {@link JobRules#requireUnblocked} for the first that is blocked
   */
  public static boolean areCompleting(List<Job> jobs, JobCompletion completion) {
    if (jobs.stream().allMatch(job -> JobRules.isCompleting(job, completion))) {
      return true;
    }
    jobs.forEach(JobRules::requireReady);
    jobs.forEach(JobRules::requireUnblocked);
    return false;
  }

  /** Whether the guest is to be held while a job ends. */
  public static boolean holdsGuest(CompleteJobRequest request) {
    return request.getHoldGuest() || request.hasQuiesce();
  }

  /** How long file systems may be frozen for the end of a job; zero: they are left alone (D14). */
  public static Duration freezeLimit(CompleteJobRequest request) {
    return request.hasQuiesce() ? QuiesceRules.limit(request.getQuiesce()) : Duration.ZERO;
  }

  /** The same for the end of several jobs. */
  public static Duration freezeLimit(CompleteJobsRequest request) {
    return request.hasQuiesce() ? QuiesceRules.limit(request.getQuiesce()) : Duration.ZERO;
  }

  /** The answer for jobs that ended together, with the time that their guest was held. */
  public static CompleteJobsResponse response(List<Job> ended) {
    CompleteJobsResponse.Builder response = CompleteJobsResponse.newBuilder().addAllJobs(ended);
    ended.stream()
        .filter(job -> job.getResult().hasGuestPause())
        .findFirst()
        .ifPresent(job -> response.setGuestPause(job.getResult().getGuestPause()));
    return response.build();
  }

  private static DriverException invalid(String why) {
    return DriverException.of(ErrorReason.ERROR_REASON_INVALID_ARGUMENT, why, "field", "job_ids");
  }
}
