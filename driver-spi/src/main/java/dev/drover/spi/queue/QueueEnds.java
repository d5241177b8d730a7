package dev.drover.spi.queue;

import dev.drover.spi.block.Convergences;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;

/** How jobs end whose turn never came, or whose start was refused then: the chain is as before. */
final class QueueEnds {

  private final JobBook book;

  QueueEnds(JobBook book) {
    this.book = book;
  }

  Job cancelled(Job job) {
    return end(
        job,
        JobState.JOB_STATE_CANCELLED,
        DriverException.of(
            ErrorReason.ERROR_REASON_JOB_CANCELLED,
            "job %s on disk '%s' of domain '%s' was cancelled by a caller before its turn came"
                .formatted(job.getId(), job.getDisk(), job.getDomainName()),
            "job",
            job.getId()));
  }

  void overdue(Job job) {
    failed(job, Convergences.notConverged(job));
  }

  void failed(Job job, DriverException why) {
    var _ = end(job, JobState.JOB_STATE_FAILED, why);
  }

  private Job end(Job job, JobState state, DriverException why) {
    return book.advance(
        job.getId(),
        state,
        ended -> {
          ended.setError(ErrorStatus.status(why));
          ended
              .getResultBuilder()
              .clearChainAfter()
              .addAllChainAfter(job.getResult().getChainBeforeList());
        },
        _ -> {});
  }
}
