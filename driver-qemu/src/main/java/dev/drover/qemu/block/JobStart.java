package dev.drover.qemu.block;

import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.activity.JobTurn;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a job: recorded first, then begun. What fails before QEMU can have begun it is undone and
 * leaves no record; where nobody knows whether QEMU began it, the record stays and its worker finds
 * out.
 */
final class JobStart {

  private static final Logger logger = LoggerFactory.getLogger(JobStart.class);

  /** Longest wait of a call for QEMU to count what there is to copy. */
  private static final Duration COUNT_WAIT = Duration.ofSeconds(2);

  private final JobBook book;
  private final JobJournal journal;
  private final JobWorkers workers;
  private final CopyDestinations destinations;
  private final FileRemoval removal;
  private final OpeningCheck opening;
  private final Activities activities;

  JobStart(
      JobBook book,
      JobJournal journal,
      JobWorkers workers,
      CopyDestinations destinations,
      FileRemoval removal,
      OpeningCheck opening,
      Activities activities) {
    this.book = book;
    this.journal = journal;
    this.workers = workers;
    this.destinations = destinations;
    this.removal = removal;
    this.opening = opening;
    this.activities = activities;
  }

  /**
   * Starts a job in a process.
   *
   * @param origin the call, with the id the job will have
   * @param left time that the caller has left, for making a destination
   * @return the job, which QEMU has accepted
   * @throws DriverException what QEMU, the system or the file system refused; nothing is left of
   *     the job unless the reason says that it is not known whether it began. CHAIN_DIVERGED or
   *     PATH_NOT_ALLOWED where an image that it writes to was exchanged; where that was seen only
   *     after it began, it is on record and being cancelled
   */
  Job start(JobOrigin origin, BlockHost host, JobDraft draft, Duration left) {
    JobRecord record = new JobRecord(book, journal, draft.entry());
    JobWorker worker = workers.prepare(record, host);
    try {
      book.begin(
          origin,
          draft.job(),
          transaction -> {
            journal.write(transaction, draft.entry());
            host.recordIntent(transaction);
          });
    } catch (RuntimeException e) {
      workers.abandon(worker);
      throw e;
    }
    Optional<DriverException> exchanged;
    try (JobTurn turn = turn(origin, record)) {
      host.open(left);
      draft
          .destination()
          .ifPresent(
              destination -> {
                destinations.make(destination, left);
                record.noteMade(Optional.empty());
                destinations.open(host, draft.entry().disk(), destination);
              });
      WrittenFiles written = WrittenFiles.of(opening, host, draft.entry());
      if (draft.entry().work() instanceof JobWork.TwoPhase) {
        worker.counting().take(host);
      }
      exchanged =
          written.begin(
              StartCommands.of(draft.entry(), draft.job().getRequest().getOnError()),
              draft.entry().monitorId());
      turn.reached(JournalStep.INTENT.name());
    } catch (QmpException e) {
      DriverException failure = JobFailures.ofCommand(host, e);
      if (e.mayHaveRun()) {
        workers.begin(worker, host);
      } else {
        undo(worker, host, failure);
      }
      throw failure;
    } catch (DriverException e) {
      undo(worker, host, e);
      throw e;
    }
    JobSteps.started(record);
    workers.begin(worker, host);
    if (exchanged.isPresent()) {
      throw exchanged.get();
    }
    if (draft.entry().work() instanceof JobWork.TwoPhase) {
      worker.counting().await(left.compareTo(COUNT_WAIT) < 0 ? left : COUNT_WAIT);
    }
    return record.job();
  }

  /** What a call starts is seen as done by that call. */
  private JobTurn turn(JobOrigin origin, JobRecord record) {
    return origin.called() ? JobTurn.UNOBSERVED : activities.turn(record.job());
  }

  private void undo(JobWorker worker, BlockHost host, DriverException failure) {
    JobRecord record = worker.record();
    try {
      List<JournalImage> added = record.entry().added();
      host.retire(record.entry());
      LettingGo.deleteNodes(host, added).forEach(logger::warn);
      record
          .made()
          .ifPresent(
              file -> removal.remove(record.id(), List.of(file)).warnings().forEach(logger::warn));
      record.discard();
      workers.abandon(worker);
    } catch (QmpException | DriverException e) {
      failure.addSuppressed(e);
      workers.begin(worker, host);
    }
  }
}
