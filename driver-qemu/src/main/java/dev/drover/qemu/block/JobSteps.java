package dev.drover.qemu.block;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.JobState;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steps that jobs of both shapes have in common. */
final class JobSteps {

  private static final Logger logger = LoggerFactory.getLogger(JobSteps.class);

  private JobSteps() {}

  /** Notes that QEMU runs the job, where that is not on record yet. */
  static void started(JobRecord record) {
    if (record.state() == JobState.JOB_STATE_PENDING) {
      record.advance(JobState.JOB_STATE_RUNNING, JournalStep.STARTED);
    }
  }

  /**
   * Moves the job on, unless a caller has ordered another ending in the same moment.
   *
   * @return false where the order was first
   */
  static boolean advanceUnlessOrdered(JobRecord record, JobState state, JournalStep step) {
    return record.advanceIf(entry -> entry.ending() == JobEnding.NONE, state, step);
  }

  /**
   * Lets a pending job change the graph.
   *
   * @return how it ended; empty where that is not known yet
   */
  static Optional<Finish.Concluded> finish(BlockHost host, JobRecord record) {
    Finish finish = Finish.send(host, record);
    try {
      finish.requireAccepted();
    } catch (QmpCommandException e) {
      giveUp(host, record, "the hypervisor refused to finish it: " + e.description());
      return Optional.empty();
    }
    return finish.concluded();
  }

  /** Images of a settled job whose nodes are still to be closed. */
  static List<JournalImage> toClose(JournalEntry entry) {
    return entry.step() == JournalStep.CLEAN ? List.of() : entry.dropped();
  }

  /**
   * Notes that the nodes of a settled job are closed, before files are unlinked: where there are
   * none, its end tells that as well.
   */
  static void clean(JobRecord record) {
    JournalEntry entry = record.entry();
    if (entry.step() != JournalStep.CLEAN && !entry.filesToDelete().isEmpty()) {
      record.step(JournalStep.CLEAN);
    }
  }

  /** Cancels a job that cannot go on; its end is seen as that of any other. */
  static void giveUp(BlockHost host, JobRecord record, String why) {
    logger.warn(
        "Job {} on disk {} of domain {} is given up: {}",
        record.id(),
        record.entry().disk(),
        host.domainName(),
        why);
    record.refused(why);
    host.execute(new BlockJobCommand.JobCancel(record.monitorId()));
  }

  /** Notes that somebody has ended and dismissed a job past the daemon. */
  static void endedFromOutside(BlockHost host, JobRecord record) {
    String why = "it was ended behind the daemon's back";
    logger.warn(
        "Job {} on disk {} of domain {}: {}",
        record.id(),
        record.entry().disk(),
        host.domainName(),
        why);
    record.refused(why);
  }

  /** Cancels a job at {@code pending} whose group has given its common end up. */
  static void callOff(BlockHost host, JobRecord record) {
    host.execute(new BlockJobCommand.JobCancel(record.monitorId()));
  }

  /** How the disk's nodes differ from a chain; empty where they agree. */
  static Optional<String> graphDifference(
      EndView view, String expectedRoot, List<JournalImage> chain) {
    if (!view.reads(expectedRoot)) {
      return Optional.of(
          "the device reads node '%s' instead of '%s'"
              .formatted(view.root().orElse("(none)"), expectedRoot));
    }
    return chainDifference(view, expectedRoot, chain);
  }

  /** How the nodes below a root differ from a chain; empty where they agree. */
  static Optional<String> chainDifference(EndView view, String root, List<JournalImage> chain) {
    List<String> expected = chain.stream().map(JournalImage::node).toList();
    return view.graph()
        .map(graph -> graph.chain(root))
        .filter(found -> !found.equals(expected))
        .map(found -> "its nodes are %s instead of %s".formatted(found, expected));
  }

  /**
   * Ends a job whose disk stays on the old chain, as CANCELLED where that was ordered, here or
   * behind the daemon's back, and as FAILED otherwise.
   */
  static void endOnOldChain(
      JobRecord record,
      JobEnds ends,
      Optional<String> error,
      boolean consistent,
      List<String> warnings) {
    if (record.entry().ending() == JobEnding.CANCEL) {
      ends.ended(
          record,
          JobState.JOB_STATE_CANCELLED,
          JobFailures.cancelled(record.job(), "on request"),
          consistent,
          warnings);
      return;
    }
    boolean cancelled = error.isEmpty() || error.filter(JobFailures::isCancel).isPresent();
    if (cancelled && record.abandonment().isPresent()) {
      ends.ended(
          record, JobState.JOB_STATE_FAILED, record.abandonment().get(), consistent, warnings);
      return;
    }
    Optional<String> calledOff =
        record
            .calledOff()
            .map(JobRecord.CallOff::why)
            .filter(_ -> !record.entry().group().isEmpty());
    if (calledOff.isPresent() && error.filter(JobFailures::isCancel).isPresent()) {
      ends.ended(
          record,
          JobState.JOB_STATE_CANCELLED,
          JobFailures.cancelled(
              record.job(), "the common end with other jobs was given up: " + calledOff.get()),
          consistent,
          warnings);
      return;
    }
    if (record.refusal().isEmpty() && error.filter(JobFailures::isCancel).isPresent()) {
      logger.warn(
          "Job {} on disk {} of domain {} was cancelled behind the daemon's back",
          record.id(),
          record.entry().disk(),
          record.job().getDomainName());
      ends.ended(
          record,
          JobState.JOB_STATE_CANCELLED,
          JobFailures.cancelled(record.job(), "from outside"),
          consistent,
          warnings);
      return;
    }
    DriverException failure =
        record
            .refusal()
            .map(why -> JobFailures.ofRefusal(record.job(), why))
            .or(() -> error.map(text -> JobFailures.ofJob(record.job(), text)))
            .orElseGet(
                () -> JobFailures.interrupted(record.job(), "the daemon stopped while it ended"));
    ends.ended(record, JobState.JOB_STATE_FAILED, failure, consistent, warnings);
  }

  /** Ends a job whose process is gone and whose disk stays on the old chain. */
  static void endWithHost(JobRecord record, JobEnds ends, HostEnd end, boolean consistent) {
    boolean ordered = record.entry().ending() == JobEnding.CANCEL;
    if (ordered || end.inOrder()) {
      ends.ended(
          record,
          JobState.JOB_STATE_CANCELLED,
          JobFailures.cancelled(record.job(), ordered ? "on request" : end.detail()),
          consistent,
          List.of());
      return;
    }
    ends.ended(
        record,
        JobState.JOB_STATE_FAILED,
        JobFailures.interrupted(record.job(), end.detail()),
        consistent,
        List.of());
  }
}
