package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.domain.MonitorErrors;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.CallContext;
import dev.drover.spi.Jobs;
import dev.drover.spi.block.Bandwidths;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobGroupRules;
import dev.drover.spi.job.JobRules;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Jobs as callers see them. An order is recorded first, durably, and then carried out by the job's
 * worker; so it holds whatever becomes of the caller.
 */
public final class QemuJobs implements Jobs {

  private final JobBook book;
  private final JobWorkers workers;
  private final GroupEnds groups;
  private final LiveDomains live;
  private final ImageHolders holders;

  QemuJobs(
      JobBook book, JobWorkers workers, GroupEnds groups, LiveDomains live, ImageHolders holders) {
    this.holders = holders;
    this.book = book;
    this.workers = workers;
    this.groups = groups;
    this.live = live;
  }

  @Override
  public Optional<Job> get(String jobId) {
    return book.find(jobId);
  }

  @Override
  public List<Job> list() {
    return book.list();
  }

  @Override
  public Job cancel(CallContext call, CancelJobRequest request) {
    String id = request.getJobId();
    Job job = book.require(id);
    while (!givenUp(id)
        && job.getState() != JobState.JOB_STATE_CANCELLED
        && job.getState() != JobState.JOB_STATE_CANCELLING) {
      if (!JobTransitions.allowed(job.getState(), JobState.JOB_STATE_CANCELLING)) {
        job = awaitStartOrRefuse(call, job);
        continue;
      }
      order(job, JobEnding.CANCEL);
      job = book.require(id);
    }
    if (request.getAsync()) {
      return job;
    }
    return JobRules.requireCancelled(book.await(call, id, QemuJobs::ended));
  }

  private boolean givenUp(String jobId) {
    return workers.find(jobId).map(JobWorker::giveUp).orElse(false);
  }

  @Override
  public Job complete(CallContext call, CompleteJobRequest request) {
    String id = request.getJobId();
    Job job = book.require(id);
    JobRules.requireTwoPhases(job);
    JobCompletion completion = request.getCompletion();
    holders.inside().requireCompletable(List.of(job), completion);
    job = request.getWaitReady() ? book.await(call, id, JobRules::pastCopying) : job;
    if (!JobRules.isCompleting(job, completion)) {
      JobRules.requireReady(job);
      boolean together = JobGroupRules.holdsGuest(request);
      if (together) {
        JobRules.requireUnblocked(job);
      }
      boolean ordered =
          together
              ? orderTogether(List.of(job), completion, JobGroupRules.freezeLimit(request))
              : order(job, ending(completion));
      if (!ordered) {
        return complete(call, request);
      }
    }
    return request.getAsync() ? book.require(id) : awaitCompleted(call, id);
  }

  @Override
  public Job resume(CallContext call, ResumeJobRequest request) {
    Job job = book.require(request.getJobId());
    JobRules.requireNotEnded(job);
    if (!job.getBlocked()) {
      return job;
    }
    return worker(job)
        .map(JobWorker::resume)
        .map(tried -> book.await(call, job.getId(), now -> tried.getAsBoolean() || ended(now)))
        .orElseThrow(() -> JobRules.stateInvalid(book.require(job.getId())));
  }

  @Override
  public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
    Job job = book.require(request.getJobId());
    long speed = Bandwidths.bytesPerSecond(request.getBandwidth());
    JobRules.requireCopying(job);
    tell(job, new BlockJobCommand.SetSpeed(JournalEntry.monitorId(job.getId()), speed));
    return book.edit(job.getId(), edited -> edited.setSpeedBytesPerSecond(speed), _ -> {});
  }

  /** Tells the process of a job something; what it refuses means that the job has moved on. */
  private void tell(Job job, BlockJobCommand command) {
    try {
      workers
          .host(job)
          .orElseThrow(() -> JobRules.stateInvalid(book.require(job.getId())))
          .execute(command);
    } catch (QmpCommandException e) {
      throw JobRules.stateInvalid(book.require(job.getId()));
    } catch (QmpException e) {
      throw MonitorErrors.of(job.getDomainName(), e);
    }
  }

  /** Records an order and wakes the worker; false where the job has moved on meanwhile. */
  private boolean order(Job job, JobEnding ending) {
    if (job.getDisk().isEmpty()) {
      return book.advanceFrom(job.getState(), JobState.JOB_STATE_CANCELLING, job.getId(), _ -> {})
          .isPresent();
    }
    Optional<JobWorker> worker = worker(job);
    if (worker.isEmpty()) {
      return false;
    }
    boolean recorded = worker.get().record().order(job.getState(), ending);
    worker.get().ring();
    return recorded;
  }

  /**
   * Records the order to end READY jobs at one moment with the guest held, and wakes the workers.
   *
   * @param quiesce how long the guest's file systems may be frozen for it; zero: not at all
   * @return false where one of them has moved on meanwhile; nothing was recorded
   * @throws DriverException GUEST_AGENT_UNAVAILABLE
   */
  boolean orderTogether(List<Job> jobs, JobCompletion completion, Duration quiesce) {
    holders.inside().requireCompletable(jobs, completion);
    if (!quiesce.isZero()) {
      jobs.forEach(this::requireAgent);
    }
    List<Optional<JobWorker>> found = jobs.stream().map(this::worker).toList();
    return found.stream().allMatch(Optional::isPresent)
        && groups.order(
            found.stream().flatMap(Optional::stream).toList(), ending(completion), quiesce);
  }

  private void requireAgent(Job job) {
    live.find(job.getDomainUuid())
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE,
                    "domain '%s' is shut off, so that there is nothing to freeze; go on without quiesce"
                        .formatted(job.getDomainName()),
                    "domain",
                    job.getDomainName()))
        .fileSystems()
        .requireAgent();
  }

  /**
   * The worker of a job; empty where the job has ended meanwhile.
   *
   * @throws DriverException DOMAIN_UNRESPONSIVE where nobody can follow the job at the moment
   */
  private Optional<JobWorker> worker(Job job) {
    Optional<JobWorker> worker = workers.find(job.getId());
    if (worker.isEmpty() && !ended(book.require(job.getId()))) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE,
          ("job %s of domain '%s' cannot be followed at the moment; it is taken up again when the"
                  + " daemon reaches the hypervisor")
              .formatted(job.getId(), job.getDomainName()),
          "domain",
          job.getDomainName(),
          "job",
          job.getId());
    }
    return worker;
  }

  /** A job that is being started can be cancelled in a moment; any other state is too late. */
  private Job awaitStartOrRefuse(CallContext call, Job job) {
    if (job.getState() == JobState.JOB_STATE_PENDING) {
      return book.await(call, job.getId(), now -> now.getState() != JobState.JOB_STATE_PENDING);
    }
    throw JobRules.stateInvalid(job);
  }

  /**
   * Waits for the end of a job whose end was ordered, and refuses where it is not the ordered one.
   */
  Job awaitCompleted(CallContext call, String id) {
    Job job = book.await(call, id, now -> ended(now) || now.getState() == JobState.JOB_STATE_READY);
    if (job.getState() == JobState.JOB_STATE_READY) {
      Optional<JobRecord> record = workers.find(id).map(JobWorker::record);
      Optional<JobRecord.CallOff> calledOff = record.flatMap(JobRecord::calledOff);
      Optional<DriverException> failure = calledOff.flatMap(JobRecord.CallOff::failure);
      if (failure.isPresent()) {
        throw failure.get();
      }
      String why =
          record
              .flatMap(JobRecord::refusal)
              .or(() -> calledOff.map(JobRecord.CallOff::why))
              .orElse("no reason given");
      throw DriverException.of(
          ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
          "the hypervisor of domain '%s' refused to complete job %s, which is READY as before: %s"
              .formatted(job.getDomainName(), id, why),
          "command",
          "job-complete",
          "job",
          id);
    }
    return JobRules.requireSucceeded(job);
  }

  private static boolean ended(Job job) {
    return JobTransitions.terminal(job.getState());
  }

  private static JobEnding ending(JobCompletion completion) {
    return switch (completion) {
      case JOB_COMPLETION_PIVOT -> JobEnding.PIVOT;
      case JOB_COMPLETION_KEEP -> JobEnding.KEEP;
      case JOB_COMPLETION_UNSPECIFIED, UNRECOGNIZED ->
          throw DriverException.of(
              ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
              "completion must say whether to pivot or to keep",
              "field",
              "completion");
    };
  }
}
