package dev.drover.qemu.block;

import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.snapshot.CommitAftermath;
import dev.drover.spi.snapshot.CommitAftermath.Aftermath;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobResult;
import dev.drover.v1.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Writes a job's terminal state, with what it did to the chain. */
final class JobEnds {

  private static final Logger logger = LoggerFactory.getLogger(JobEnds.class);

  private final FileRemoval removal;
  private final CommitAftermath aftermath;

  JobEnds(FileRemoval removal, CommitAftermath aftermath) {
    this.removal = removal;
    this.aftermath = aftermath;
  }

  /**
   * The job did what it was asked for and the disk has the new chain. Files that are to go are
   * unlinked first.
   *
   * @param warnings what could not be tidied up
   */
  void succeeded(JobRecord record, List<String> warnings) {
    JournalEntry entry = record.entry();
    FileRemoval.Removed removed = removal.remove(entry.jobId(), entry.filesToDelete());
    List<String> told = new ArrayList<>(warnings);
    told.addAll(removed.warnings());
    told.addAll(aftermath.warnings(record.id()));
    record.end(JobState.JOB_STATE_SUCCEEDED, success(record, removed.deleted(), told));
  }

  /**
   * The same for a job that unlinks no files, together with its settling.
   *
   * @param settle runs the transaction that settles the job, and calls back within it
   */
  void succeeded(
      JobRecord record, List<String> warnings, Consumer<Consumer<StoreTransaction>> settle) {
    Aftermath found = aftermath.of(record.job(), CommitAftermath.End.DONE);
    List<String> told = new ArrayList<>(warnings);
    told.addAll(found.warnings());
    record.endWithin(
        JobState.JOB_STATE_SUCCEEDED,
        success(record, List.of(), told),
        write -> aftermath.record(found, mark -> settle.accept(write.andThen(mark))));
  }

  private static Consumer<Job.Builder> success(
      JobRecord record, List<String> deleted, List<String> warnings) {
    JournalEntry entry = record.entry();
    boolean pivoted = entry.work() instanceof JobWork.TwoPhase && !record.endsByItself();
    List<String> invalidated =
        invalidatedBySuccess(entry).stream().filter(path -> !deleted.contains(path)).toList();
    return job -> {
      if (pivoted) {
        job.setCompletion(JobCompletion.JOB_COMPLETION_PIVOT);
      }
      job.setResult(
          result(job, entry.after())
              .setPivoted(pivoted)
              .setQuiesced(entry.quiesceMillis() > 0)
              .addAllDeletedPaths(deleted)
              .addAllInvalidatedPaths(invalidated)
              .addAllWarnings(warnings));
    };
  }

  /** The mirror was ended as asked for without a switch: the other image is a copy of the end. */
  void kept(JobRecord record, List<String> warnings) {
    JournalEntry entry = record.entry();
    Aftermath found = stopped(record);
    endWith(
        found,
        record,
        JobState.JOB_STATE_SUCCEEDED,
        job ->
            job.setCompletion(JobCompletion.JOB_COMPLETION_KEEP)
                .setResult(
                    result(job, entry.before())
                        .setQuiesced(entry.quiesceMillis() > 0)
                        .addAllInvalidatedPaths(between(entry))
                        .addAllWarnings(warnings)
                        .addAllWarnings(found.warnings())));
  }

  /**
   * The job ended on the old chain.
   *
   * @param terminal CANCELLED or FAILED
   * @param consistent whether the destination of a copy holds the state of the end; a destination
   *     that was made for the job and holds nothing usable is unlinked
   */
  void ended(
      JobRecord record,
      JobState terminal,
      DriverException why,
      boolean consistent,
      List<String> warnings) {
    JournalEntry entry = record.entry();
    FileRemoval.Removed removed =
        entry.createdFile().isEmpty() || consistent
            ? new FileRemoval.Removed(List.of(), List.of())
            : removal.removeCreated(entry.jobId(), entry.createdFile(), record.made());
    List<String> told = new ArrayList<>(warnings);
    told.addAll(removed.warnings());
    List<String> invalidated = new ArrayList<>();
    boolean began = !neverBegan(record);
    if (began) {
      invalidated.addAll(between(entry));
    }
    if (began && !consistent) {
      entry.added().stream()
          .limit(entry.work() instanceof JobWork.Mirror ? 1 : 0)
          .map(JournalImage::path)
          .filter(JobEnds::mayBeThere)
          .forEach(invalidated::add);
    }
    Aftermath found = stopped(record);
    told.addAll(found.warnings());
    told(record, terminal, why);
    endWith(
        found,
        record,
        terminal,
        job ->
            job.setError(ErrorStatus.status(why))
                .setResult(
                    result(job, entry.before())
                        .addAllDeletedPaths(removed.deleted())
                        .addAllInvalidatedPaths(invalidated)
                        .addAllWarnings(told)));
  }

  private static boolean mayBeThere(String path) {
    try {
      return ImageFiles.exists(path);
    } catch (DriverException _) {
      return true;
    }
  }

  /** Graph, headers and plan disagree: nothing is deleted, and the chain that was found is told. */
  void diverged(JobRecord record, String how, List<JournalImage> found) {
    DriverException why = JobFailures.diverged(record.job(), how);
    told(record, JobState.JOB_STATE_FAILED, why);
    JournalEntry entry = record.entry();
    List<String> invalidated =
        found.equals(entry.after()) ? invalidatedBySuccess(entry) : between(entry);
    boolean settled = entry.step().settled();
    Aftermath written = settled ? Aftermath.NONE : stopped(record);
    List<String> warnings = settled ? aftermath.warnings(record.id()) : written.warnings();
    endWith(
        written,
        record,
        JobState.JOB_STATE_FAILED,
        job ->
            job.setError(ErrorStatus.status(why))
                .setResult(
                    result(job, found)
                        .addAllInvalidatedPaths(invalidated)
                        .addAllWarnings(warnings)));
  }

  /**
   * What a commit that is not settled has done to snapshots (R3, R9). It wrote into its base from
   * its beginning on, and a process that is gone may have begun it unseen.
   */
  private Aftermath stopped(JobRecord record) {
    return neverBegan(record)
        ? Aftermath.NONE
        : aftermath.of(record.job(), CommitAftermath.End.STOPPED);
  }

  private static boolean neverBegan(JobRecord record) {
    return record.state() == JobState.JOB_STATE_PENDING
        && record.entry().step() == JournalStep.ABORTED;
  }

  private void endWith(
      Aftermath found, JobRecord record, JobState terminal, Consumer<Job.Builder> edit) {
    record.endWithin(terminal, edit, write -> aftermath.recordWith(found, write));
  }

  /** One line in the log for each job that did not do what it was asked for (A7). */
  private static void told(JobRecord record, JobState terminal, DriverException why) {
    logger
        .atLevel(terminal == JobState.JOB_STATE_FAILED ? Level.WARN : Level.INFO)
        .log(
            "Job {} on disk {} of domain {} ended {}: {}",
            record.id(),
            record.entry().disk(),
            record.job().getDomainName(),
            terminal == JobState.JOB_STATE_FAILED ? "failed" : "cancelled",
            why.getMessage());
  }

  /** Images whose own view of the disk is lost by success (C9); a pull loses none. */
  private static List<String> invalidatedBySuccess(JournalEntry entry) {
    return switch (entry.work()) {
      case JobWork.Commit _, JobWork.ActiveCommit _ ->
          entry.dropped().stream().map(JournalImage::path).toList();
      case JobWork.Stream _, JobWork.Mirror _ -> List.of();
    };
  }

  /** Images between top and base of a commit that did not go through: base has changed below. */
  private static List<String> between(JournalEntry entry) {
    return switch (entry.work()) {
      case JobWork.Commit _, JobWork.ActiveCommit _ ->
          entry.dropped().stream().skip(1).map(JournalImage::path).toList();
      case JobWork.Stream _, JobWork.Mirror _ -> List.of();
    };
  }

  private static JobResult.Builder result(Job.Builder job, List<JournalImage> after) {
    Map<String, ChainImage> known =
        job.getResult().getChainBeforeList().stream()
            .collect(Collectors.toMap(ChainImage::getPath, image -> image, (one, _) -> one));
    long size = job.getResult().getChainBefore(0).getVirtualSizeBytes();
    JobResult.Builder result = job.getResult().toBuilder().clearChainAfter();
    for (JournalImage image : after) {
      ChainImage.Builder shown =
          known
              .getOrDefault(
                  image.path(),
                  ChainImage.newBuilder()
                      .setPath(image.path())
                      .setFormat(image.format())
                      .setVirtualSizeBytes(size)
                      .build())
              .toBuilder();
      result.addChainAfter(
          shown
              .setIndex(result.getChainAfterCount())
              .setBackingReference(image.backingReference())
              .setNodeName(image.node()));
    }
    return result;
  }
}
