package dev.drover.qemu.block;

import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies that one call begins with a snapshot, step by step: {@link #make}, {@link #open} and
 * {@link #hold} before the disks change over, {@link #begin} once they have and the jobs are on
 * record. Used by one thread. Closing it lets the guest go on and leaves what was not begun to
 * whoever settles the snapshot.
 */
public final class CopyStart implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(CopyStart.class);

  /** Longest wait of a call for QEMU to count what there is to copy. */
  private static final Duration COUNT_WAIT = Duration.ofSeconds(2);

  private final JobBook book;
  private final JobJournal journal;
  private final JobWorkers workers;
  private final CopyDestinations destinations;
  private final JobEnds ends;
  private final OpeningCheck opening;
  private final List<Copy> copies;
  private final List<JobWorker> prepared = new ArrayList<>();
  private final Set<String> handedOver = new HashSet<>();
  private boolean opened;

  /**
   * A copy that is planned.
   *
   * @param origin what its job is recorded with
   * @param host the process that is going to run it
   * @param draft the job
   * @param frozen node of the image that is going to hold the moment
   */
  record Copy(JobOrigin origin, BlockHost host, JobDraft draft, String frozen) {
    CopyDestination destination() {
      return draft.destination().orElseThrow();
    }
  }

  CopyStart(
      JobBook book,
      JobJournal journal,
      JobWorkers workers,
      CopyDestinations destinations,
      JobEnds ends,
      OpeningCheck opening,
      List<Copy> copies) {
    this.book = book;
    this.journal = journal;
    this.workers = workers;
    this.destinations = destinations;
    this.ends = ends;
    this.opening = opening;
    this.copies = List.copyOf(copies);
  }

  /** True where no copy was asked for. */
  public boolean isEmpty() {
    return copies.isEmpty();
  }

  /** The copies as a snapshot's intent keeps them. */
  public List<PlannedCopy> planned() {
    return copies.stream()
        .map(copy -> new PlannedCopy(copy.origin(), copy.draft().job(), copy.draft().entry()))
        .toList();
  }

  /** The jobs as they would be, without ids. */
  public List<Job> drafts() {
    return copies.stream().map(copy -> copy.draft().job()).toList();
  }

  /**
   * Makes the destinations that do not exist.
   *
   * @param left time that the caller has left
   * @throws DriverException NO_SPACE and what else keeps an image from being made
   */
  public void make(Duration left) {
    copies.forEach(copy -> destinations.make(copy.destination(), left));
  }

  /**
   * Opens the destinations in a running QEMU. One that will read the image that holds the moment is
   * opened without it and closed again, since QEMU moves no disk whose active image something
   * reads.
   *
   * @throws DriverException what QEMU refuses, or the monitor raises
   */
  public void open() {
    opened = true;
    for (Copy copy : copies) {
      try {
        destinations.openBefore(
            copy.host(), copy.draft().entry().disk(), copy.destination(), copy.frozen());
      } catch (QmpException e) {
        throw JobFailures.ofCommand(copy.host(), e);
      }
    }
  }

  /**
   * Makes ready who will follow the jobs, and holds the guest where there is one, until each copy
   * has counted what there is to copy. Does nothing more when it is repeated.
   *
   * @throws DriverException what keeps the guest from being held
   */
  public CopyStart hold() {
    if (!prepared.isEmpty()) {
      return this;
    }
    for (Copy copy : copies) {
      JobRecord record = new JobRecord(book, journal, copy.draft().entry());
      record.noteMade(Optional.empty());
      JobWorker worker = workers.prepare(record, copy.host());
      prepared.add(worker);
      worker.counting().take(copy.host());
    }
    return this;
  }

  /** Writes what another daemon needs to find the processes of jobs that have their own. */
  public void recordHosts(StoreTransaction transaction) {
    copies.forEach(copy -> copy.host().recordIntent(transaction));
  }

  /**
   * Begins the jobs, which are on record. What goes wrong is the end of the job that it concerns.
   *
   * @param left time that the caller has left
   * @return the jobs as they are then
   */
  public List<Job> begin(Duration left) {
    for (int i = 0; i < copies.size(); i++) {
      Copy copy = copies.get(i);
      JobWorker worker = prepared.get(i);
      handedOver.add(worker.record().id());
      begin(copy, worker, left);
    }
    Duration wait = left.compareTo(COUNT_WAIT) < 0 ? left : COUNT_WAIT;
    long end = System.nanoTime() + wait.toNanos();
    for (JobWorker worker : prepared) {
      if (worker.record().state() != JobState.JOB_STATE_FAILED) {
        worker.counting().await(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      }
    }
    return prepared.stream().map(worker -> worker.record().job()).toList();
  }

  private void begin(Copy copy, JobWorker worker, Duration left) {
    BlockHost host = copy.host();
    try {
      host.open(left);
      if (opened) {
        destinations.openAfter(
            host, copy.draft().entry().disk(), copy.destination(), copy.frozen());
      } else {
        destinations.open(host, copy.draft().entry().disk(), copy.destination());
      }
      WrittenFiles written = WrittenFiles.of(opening, host, copy.draft().entry());
      // One that is cancelled for an exchanged image comes to its end with its worker.
      var _ =
          written.begin(
              StartCommands.of(copy.draft().entry(), copy.draft().job().getRequest().getOnError()),
              copy.draft().entry().monitorId());
    } catch (QmpException e) {
      if (e.mayHaveRun()) {
        workers.begin(worker, host);
      } else {
        fail(copy, worker, JobFailures.ofCommand(host, e));
      }
      return;
    } catch (DriverException e) {
      fail(copy, worker, e);
      return;
    }
    JobSteps.started(worker.record());
    workers.begin(worker, host);
  }

  /** Ends a job that did not begin; where that cannot be done, its worker does it later. */
  private void fail(Copy copy, JobWorker worker, DriverException why) {
    JobRecord record = worker.record();
    try {
      copy.host().retire(record.entry());
      List<String> warnings = LettingGo.deleteNodes(copy.host(), record.entry().added());
      ends.ended(
          record,
          JobState.JOB_STATE_FAILED,
          JobFailures.beforeItBegan(record.job(), why),
          false,
          warnings);
      workers.abandon(worker);
    } catch (QmpException | DriverException e) {
      why.addSuppressed(e);
      logger.warn("Job {}, which did not begin, is ended later", record.id(), why);
      workers.begin(worker, copy.host());
    }
  }

  @Override
  public void close() {
    for (JobWorker worker : prepared) {
      String id = worker.record().id();
      if (handedOver.add(id)) {
        workers.abandon(worker);
        journal.find(id).ifPresent(workers::takeUpUnbegun);
      }
    }
  }
}
