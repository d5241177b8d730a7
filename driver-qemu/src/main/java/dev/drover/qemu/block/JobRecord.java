package dev.drover.qemu.block;

import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.DoomedFile;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One job on record: its public state and its journal entry, which only move together, each time in
 * one transaction. The worker and the callers who order an ending both come here.
 */
final class JobRecord {

  private final JobBook book;
  private final JobJournal journal;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile JournalEntry entry;
  private volatile Optional<DriverException> abandonment = Optional.empty();
  private volatile Optional<String> refusal = Optional.empty();
  private volatile Optional<CallOff> calledOff = Optional.empty();
  private volatile Optional<DoomedFile> made = Optional.empty();

  /**
   * That the common end of this job and others was given up.
   *
   * @param why for people
   * @param failure what the caller who ordered the end is told; empty: that the hypervisor refused
   */
  record CallOff(String why, Optional<DriverException> failure) {}

  JobRecord(JobBook book, JobJournal journal, JournalEntry entry) {
    this.book = book;
    this.journal = journal;
    this.entry = entry;
  }

  /** Id of the job. */
  String id() {
    return entry.jobId();
  }

  /** Id of the job in QEMU. */
  String monitorId() {
    return entry.monitorId();
  }

  /** The newest journal entry. */
  JournalEntry entry() {
    return entry;
  }

  /** The job as it is shown. */
  Job job() {
    return book.require(id());
  }

  /** The same; empty before it is on record. */
  Optional<Job> known() {
    return book.find(id());
  }

  /** State of the job. */
  JobState state() {
    return job().getState();
  }

  /** True once the job has ended. */
  boolean ended() {
    return book.find(id()).map(job -> JobTransitions.terminal(job.getState())).orElse(true);
  }

  /** Writes a step that leaves the public state as it is. */
  void step(JournalStep next) {
    change(current -> current.at(next), (edit, write) -> book.edit(id(), edit, write));
  }

  /** Writes a step and the public state that goes with it. */
  void advance(JobState state, JournalStep next) {
    change(current -> current.at(next), (edit, write) -> book.advance(id(), state, edit, write));
  }

  /**
   * The same, where the newest entry passes a test.
   *
   * @return false where it does not; nothing was written
   */
  boolean advanceIf(Predicate<JournalEntry> test, JobState state, JournalStep next) {
    lock.lock();
    try {
      if (!test.test(entry)) {
        return false;
      }
      advance(state, next);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes that an I/O error holds the job, or that it goes on.
   *
   * @param reason UNSPECIFIED where it goes on
   */
  void blocked(ErrorReason reason, String detail) {
    book.edit(
        id(),
        job ->
            job.setBlocked(reason != ErrorReason.ERROR_REASON_UNSPECIFIED)
                .setBlockedReason(reason)
                .setBlockedDetail(detail),
        _ -> {});
  }

  /** Notes how long the guest was held for the job; empty: not at all. */
  void guestPause(Optional<Duration> pause) {
    book.edit(
        id(),
        job ->
            pause.ifPresentOrElse(
                held -> job.getResultBuilder().setGuestPause(ProtoTimes.duration(held)),
                () -> job.getResultBuilder().clearGuestPause()),
        _ -> {});
  }

  /** Adds what its owner should know of the job, whatever becomes of it. */
  void warn(String warning) {
    book.edit(id(), job -> job.getResultBuilder().addWarnings(warning), _ -> {});
  }

  /** Notes why the job is being cancelled though nobody ordered it. */
  void abandon(DriverException why) {
    abandonment = Optional.of(why);
  }

  /** Why the job is being cancelled though nobody ordered it. */
  Optional<DriverException> abandonment() {
    return abandonment;
  }

  /** Notes why QEMU did not do what it was told, for whoever asks next. */
  void refused(String why) {
    refusal = Optional.of(why);
  }

  /** Why QEMU did not do what it was told last. */
  Optional<String> refusal() {
    return refusal;
  }

  /** Notes why the common end of this job and others was given up. */
  void callOff(CallOff given) {
    calledOff = Optional.of(given);
  }

  /** Why the common end of this job and others was given up last. */
  Optional<CallOff> calledOff() {
    return calledOff;
  }

  /** Adds to the time that the guest was held for the job, durably. */
  void notePause(Duration pause) {
    book.edit(
        id(),
        job ->
            job.getResultBuilder()
                .setGuestPause(
                    ProtoTimes.duration(
                        ProtoTimes.duration(job.getResult().getGuestPause()).plus(pause))),
        _ -> {});
  }

  /**
   * Notes which file is the destination that was made for the job, so that none put in its place is
   * ever taken for it (R3).
   *
   * @param open files that the process has open, where it has opened the destination already
   */
  void noteMade(Optional<OpenFiles> open) {
    String path = entry.createdFile();
    if (!path.isEmpty() && made.isEmpty()) {
      made = Optional.of(DoomedFile.of(path, open)).filter(file -> file.inode() != 0);
    }
  }

  /** The destination that was made for the job; empty where none was, or it is not known. */
  Optional<DoomedFile> made() {
    return made;
  }

  /** Does something while nobody else moves the job. */
  <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Takes an entry over that was written with those of other jobs; under {@link #locked}. */
  void moved(JournalEntry written) {
    entry = written;
  }

  /**
   * Writes a step inside a transaction that changes something else too.
   *
   * @param change runs that transaction and calls back within it
   */
  void stepWithin(JournalStep next, Consumer<Consumer<StoreTransaction>> change) {
    lock.lock();
    try {
      JournalEntry moved = entry.at(next);
      change.accept(transaction -> journal.write(transaction, moved));
      entry = moved;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Records an order to end the job, where the job's state is still the one that was looked at.
   *
   * @return false where the job has moved on meanwhile; nothing was recorded
   */
  boolean order(JobState seen, JobEnding ending) {
    lock.lock();
    try {
      JobState next = stateFor(ending);
      if (state() != seen || !JobTransitions.allowed(seen, next)) {
        return false;
      }
      JournalEntry ordered = entry.ordered(ending);
      book.advance(
          id(),
          next,
          job -> job.setCompletion(completion(ending)),
          transaction -> journal.write(transaction, ordered));
      entry = ordered;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * True where the job ends by itself although QEMU has it wait in READY: the commit of the active
   * image of a shut-off domain (C16).
   */
  boolean endsByItself() {
    return entry.work() instanceof JobWork.TwoPhase && job().getKind() == JobKind.JOB_KIND_COMMIT;
  }

  /**
   * Records that a job which ends by itself goes to its end, unless a caller has ordered another.
   */
  void finishByItself() {
    lock.lock();
    try {
      if (entry.ending() != JobEnding.NONE) {
        return;
      }
      JournalEntry ordered = entry.ordered(JobEnding.PIVOT);
      book.advance(
          id(),
          JobState.JOB_STATE_FINALIZING,
          _ -> {},
          transaction -> journal.write(transaction, ordered));
      entry = ordered;
    } finally {
      lock.unlock();
    }
  }

  /** Takes an order to pivot back, since QEMU refused to begin: the job is READY as before. */
  void readyAgain() {
    change(
        JournalEntry::readyAgain,
        (edit, write) ->
            book.advance(
                id(),
                JobState.JOB_STATE_READY,
                job -> job.setCompletion(JobCompletion.JOB_COMPLETION_UNSPECIFIED),
                write));
  }

  /** Ends the job for good; its journal entry goes, and nothing is expected any more. */
  void end(JobState terminal, Consumer<Job.Builder> edit) {
    lock.lock();
    try {
      book.advance(id(), terminal, edit, transaction -> journal.remove(transaction, id()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * The same inside a transaction that changes something else too.
   *
   * @param change runs that transaction and calls back within it
   */
  void endWithin(
      JobState terminal, Consumer<Job.Builder> edit, Consumer<Consumer<StoreTransaction>> change) {
    lock.lock();
    try {
      book.advanceWithin(
          id(),
          terminal,
          edit,
          write ->
              change.accept(
                  transaction -> {
                    write.accept(transaction);
                    journal.remove(transaction, id());
                  }));
    } finally {
      lock.unlock();
    }
  }

  /** Takes the job back as if it had never been asked for. */
  void discard() {
    lock.lock();
    try {
      book.discard(id(), transaction -> journal.remove(transaction, id()));
    } finally {
      lock.unlock();
    }
  }

  private void change(UnaryOperator<JournalEntry> move, Write write) {
    lock.lock();
    try {
      JournalEntry moved = move.apply(entry);
      write.run(_ -> {}, transaction -> journal.write(transaction, moved));
      entry = moved;
    } finally {
      lock.unlock();
    }
  }

  /** State of a job that was ordered to end. */
  static JobState stateFor(JobEnding ending) {
    return ending == JobEnding.PIVOT ? JobState.JOB_STATE_PIVOTING : JobState.JOB_STATE_CANCELLING;
  }

  /** What an order says about a job's completion. */
  static JobCompletion completion(JobEnding ending) {
    return switch (ending) {
      case PIVOT -> JobCompletion.JOB_COMPLETION_PIVOT;
      case KEEP -> JobCompletion.JOB_COMPLETION_KEEP;
      case NONE, CANCEL -> JobCompletion.JOB_COMPLETION_UNSPECIFIED;
    };
  }

  /** A change of the register with a journal write in its transaction. */
  private interface Write {
    void run(Consumer<Job.Builder> edit, Consumer<StoreTransaction> journal);
  }
}
