package dev.drover.qemu.block;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Moves several jobs in one transaction: all of them or none (D15). */
final class JobMoves {

  private final JobBook book;
  private final JobJournal journal;

  JobMoves(JobBook book, JobJournal journal) {
    this.book = book;
    this.journal = journal;
  }

  /**
   * Records the order to end READY jobs at one moment.
   *
   * @param quiesce how long the guest's file systems may be frozen for it; zero: not at all
   * @return false where one of them is not READY any more; nothing was recorded
   */
  boolean order(List<JobRecord> records, JobEnding ending, String groupId, Duration quiesce) {
    return locked(
        records,
        () -> {
          if (!records.stream().allMatch(record -> record.state() == JobState.JOB_STATE_READY)) {
            return false;
          }
          List<JournalEntry> moved =
              records.stream()
                  .map(record -> record.entry().ordered(ending, groupId, quiesce.toMillis()))
                  .toList();
          book.advanceAll(
              records.stream()
                  .map(
                      record ->
                          new JobBook.Advance(
                              record.id(),
                              JobRecord.stateFor(ending),
                              job -> job.setCompletion(JobRecord.completion(ending))))
                  .toList(),
              transaction -> moved.forEach(entry -> journal.write(transaction, entry)));
          moved(records, moved);
          return true;
        });
  }

  /** Writes a step for each job that leaves its public state as it is. */
  void step(List<JobRecord> records, Function<JobRecord, JournalStep> next) {
    locked(
        records,
        () -> {
          List<JournalEntry> moved =
              records.stream().map(record -> record.entry().at(next.apply(record))).toList();
          journal.write(moved);
          moved(records, moved);
          return true;
        });
  }

  private static void moved(List<JobRecord> records, List<JournalEntry> entries) {
    for (int place = 0; place < records.size(); place++) {
      records.get(place).moved(entries.get(place));
    }
  }

  /** Locks are taken in the order of ids, so that two groups never wait for each other. */
  private static <T> T locked(List<JobRecord> records, Supplier<T> action) {
    List<JobRecord> rest = new ArrayList<>(records);
    rest.sort(Comparator.comparing(JobRecord::id).reversed());
    return lockedRest(rest, action);
  }

  private static <T> T lockedRest(List<JobRecord> rest, Supplier<T> action) {
    if (rest.isEmpty()) {
      return action.get();
    }
    JobRecord first = rest.removeLast();
    return first.locked(() -> lockedRest(rest, action));
  }
}
