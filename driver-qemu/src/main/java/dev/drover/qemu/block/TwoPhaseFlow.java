package dev.drover.qemu.block;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Active commits and mirrors. Nothing on disk tells whether a pivot has happened, and QEMU ends a
 * kept mirror with the same event as a pivoted one. So a pivot is decided in the journal at {@code
 * pending}, where both sides are equal, flushed, and the guest's requests wait; and what happened
 * is read from the node that the device reads.
 */
final class TwoPhaseFlow implements JobFlow {

  private static final Logger logger = LoggerFactory.getLogger(TwoPhaseFlow.class);

  private final JobRecord record;
  private final JobWork.TwoPhase work;
  private final FlowTools tools;
  private JobEnding sent = JobEnding.NONE;
  private boolean pivotedFromOutside;

  TwoPhaseFlow(JobRecord record, JobWork.TwoPhase work, FlowTools tools) {
    this.record = record;
    this.work = work;
    this.tools = tools;
  }

  @Override
  public boolean turn(BlockHost host, Optional<BlockJobInfo> seen) {
    if (seen.isEmpty()) {
      return absent(host);
    }
    JobSteps.started(record);
    BlockJobInfo job = seen.get();
    switch (job.status()) {
      case UNDEFINED, CREATED, RUNNING ->
          cancelEarly(host, new BlockJobCommand.BlockJobCancel(record.monitorId(), false));
      // QEMU refuses block-job-cancel for a job that an error or somebody else has paused.
      case PAUSED -> cancelEarly(host, new BlockJobCommand.JobCancel(record.monitorId()));
      case READY, STANDBY -> ready(host, job);
      case WAITING, ABORTING, NULL -> {}
      case PENDING -> {
        return pending(host);
      }
      case CONCLUDED -> {
        return record.entry().step().settled()
            ? tidy(host, LiveGraph.of(host))
            : concluded(host, new Finish.Concluded(job.error(), endView(host)));
      }
    }
    return false;
  }

  private void cancelEarly(BlockHost host, BlockJobCommand cancel) {
    if (record.entry().ending() == JobEnding.CANCEL && sent != JobEnding.CANCEL) {
      host.execute(cancel);
      sent = JobEnding.CANCEL;
    }
  }

  private void ready(BlockHost host, BlockJobInfo job) {
    if (record.state() == JobState.JOB_STATE_RUNNING) {
      if (record.endsByItself()) {
        record.finishByItself();
      } else {
        JobSteps.advanceUnlessOrdered(record, JobState.JOB_STATE_READY, JournalStep.READY);
      }
    }
    JobEnding byItself = record.entry().endingWhenReady();
    if (record.entry().ending() == JobEnding.NONE && byItself != JobEnding.NONE) {
      record.order(JobState.JOB_STATE_READY, byItself);
    }
    JobEnding ending = record.entry().ending();
    if (ending == JobEnding.CANCEL && Blockage.holds(job)) {
      // To end in step it would have to write first what it cannot write.
      host.execute(new BlockJobCommand.JobCancel(record.monitorId()));
      sent = ending;
    }
    if (!mayEnd(host, job.status()) || ending == sent) {
      return;
    }
    switch (ending) {
      case NONE -> {}
      case PIVOT -> {
        if (job.status() == JobStatus.READY) {
          complete(host);
        }
      }
      case KEEP, CANCEL -> {
        host.execute(new BlockJobCommand.BlockJobCancel(record.monitorId(), false));
        sent = ending;
      }
    }
  }

  private boolean mayEnd(BlockHost host, JobStatus status) {
    JournalEntry entry = record.entry();
    return group()
        .map(
            group ->
                group.mayEnd(record, host, sent != JobEnding.NONE) && status == JobStatus.READY)
        .orElse(!tools.groups().gathering(entry));
  }

  private Optional<GroupEnd> group() {
    return tools.groups().of(record.entry());
  }

  private void complete(BlockHost host) {
    try {
      host.execute(new BlockJobCommand.JobComplete(record.monitorId()));
      sent = JobEnding.PIVOT;
    } catch (QmpCommandException e) {
      if (statusNow(host).filter(status -> status == JobStatus.READY).isPresent()) {
        if (record.endsByItself()) {
          JobSteps.giveUp(host, record, "the hypervisor refused to finish it: " + e.description());
          return;
        }
        record.refused(e.description());
        group().ifPresent(group -> group.giveUp(e.description()));
        record.readyAgain();
      }
    }
  }

  private Optional<JobStatus> statusNow(BlockHost host) {
    return host.execute(new QueryCommand.QueryJobs()).stream()
        .filter(job -> job.id().equals(record.monitorId()))
        .findFirst()
        .map(job -> job.status());
  }

  /** The guest's requests wait here: nothing is done that could take long. */
  private boolean pending(BlockHost host) {
    if (!mayFinalize(host)) {
      return false;
    }
    Optional<Finish.Concluded> end =
        switch (record.entry().ending()) {
          case PIVOT -> pivot(host);
          case KEEP, CANCEL -> {
            if (record.entry().step() != JournalStep.FINALIZING) {
              record.step(JournalStep.FINALIZING);
            }
            yield JobSteps.finish(host, record);
          }
          case NONE -> {
            JobSteps.giveUp(host, record, "it was completed behind the daemon's back");
            yield Optional.empty();
          }
        };
    return end.isPresent() && !isGuestHeld() && concluded(host, end.get());
  }

  /** Whoever looks at the job next lets a guest go on that is held for it, and tells how long. */
  private boolean isGuestHeld() {
    return record.job().getResult().hasGuestPause();
  }

  private boolean mayFinalize(BlockHost host) {
    return group()
        .map(group -> group.mayFinalize(record, host))
        .orElse(!tools.groups().gathering(record.entry()));
  }

  private Optional<Finish.Concluded> pivot(BlockHost host) {
    if (record.entry().step() != JournalStep.DECIDED) {
      try {
        decide();
      } catch (DriverException e) {
        JobSteps.giveUp(host, record, "the decision could not be recorded: " + e.getMessage());
        return Optional.empty();
      }
    }
    JournalEntry entry = record.entry();
    Finish finish =
        settlesWithItsEnd(host, entry) && !isGuestHeld()
            ? Finish.sendWithLettingGo(host, record, entry.dropped())
            : Finish.send(host, record);
    try {
      finish.requireAccepted();
    } catch (QmpCommandException e) {
      record.step(JournalStep.END_REQUESTED);
      JobSteps.giveUp(host, record, "the hypervisor refused to pivot: " + e.description());
      return Optional.empty();
    }
    return finish.concluded();
  }

  /** With the decision the data is moved, which is told in the same transaction. */
  private void decide() {
    if (record.state() == JobState.JOB_STATE_PIVOTING) {
      record.advance(JobState.JOB_STATE_FINALIZING, JournalStep.DECIDED);
    } else {
      record.step(JournalStep.DECIDED);
    }
  }

  private EndView endView(BlockHost host) {
    return EndView.of(host, record.entry());
  }

  private boolean concluded(BlockHost host, Finish.Concluded end) {
    if (end.error().isPresent()) {
      return abort(host, end.error());
    }
    EndView view = end.view();
    if (view.reads(work.newRoot())) {
      return settle(host, end);
    }
    if (view.reads(work.oldRoot())) {
      return endedWithoutPivot(host);
    }
    left("the device reads neither its old nor its new image");
    LettingGo.dismiss(host, record.monitorId());
    host.retire(record.entry());
    tools
        .ends()
        .diverged(
            record,
            "the device reads node '%s'".formatted(view.root().orElse("(none)")),
            record.entry().before());
    return true;
  }

  /** QEMU does not know the job: it never began, or was dismissed by this daemon or another. */
  private boolean absent(BlockHost host) {
    return switch (record.entry().step()) {
      case INTENT -> abort(host, Optional.of(JobFailures.NEVER_BEGAN));
      case SETTLED, CLEAN -> tidy(host, host.retired() ? Optional.empty() : LiveGraph.of(host));
      case ABORTED -> abort(host, Optional.empty());
      case FINALIZING -> concluded(host, new Finish.Concluded(Optional.empty(), endView(host)));
      case STARTED, READY, END_REQUESTED -> absent(host, this::endedFromOutside);
      case DECIDED -> absent(host, this::endedUnseen);
    };
  }

  private boolean absent(BlockHost host, Predicate<BlockHost> unlessPivoted) {
    EndView view = endView(host);
    return view.reads(work.newRoot())
        ? settle(host, new Finish.Concluded(Optional.empty(), view))
        : unlessPivoted.test(host);
  }

  /** The device was just seen to read the new root. */
  private boolean settle(BlockHost host, Finish.Concluded end) {
    EndView view = end.view();
    JournalEntry entry = record.entry();
    if (entry.step() != JournalStep.DECIDED) {
      pivotedFromOutside = true;
      logger.warn(
          "Job {} of domain {}: disk {} was pivoted behind the daemon's back",
          record.id(),
          host.domainName(),
          entry.disk());
    }
    Optional<String> difference = JobSteps.chainDifference(view, work.newRoot(), entry.after());
    if (record.state() == JobState.JOB_STATE_PIVOTING
        || record.state() == JobState.JOB_STATE_READY
        || record.state() == JobState.JOB_STATE_RUNNING) {
      record.advance(JobState.JOB_STATE_FINALIZING, entry.step());
    }
    host.retire(entry);
    if (difference.isEmpty() && settlesWithItsEnd(host, entry)) {
      List<String> warnings =
          end.lettingGo()
              .orElseGet(
                  () -> LettingGo.send(host, record.monitorId(), view.graph(), entry.dropped()))
              .await(view.graph());
      tools
          .ends()
          .succeeded(record, warnings, journal -> tools.definitions().move(record, host, journal));
      return true;
    }
    tools.definitions().settle(record, host);
    if (difference.isPresent()) {
      left(difference.get());
      LettingGo.dismiss(host, record.monitorId());
      tools.ends().diverged(record, difference.get(), entry.after());
      return true;
    }
    return tidy(host, view.graph());
  }

  /**
   * Whether nothing has to wait until the definition has moved on durably: no files are unlinked,
   * and no other disks change over with this one. Until the end is on record the decision tells
   * which chain is the truth, with the old nodes closed as well as open.
   */
  private static boolean settlesWithItsEnd(BlockHost host, JournalEntry entry) {
    return entry.step() == JournalStep.DECIDED
        && entry.group().isEmpty()
        && entry.filesToDelete().isEmpty()
        && host.hasGuest();
  }

  private boolean tidy(BlockHost host, Optional<LiveGraph> graph) {
    if (!changedOver(host)) {
      return false;
    }
    JournalEntry entry = record.entry();
    List<String> warnings = new ArrayList<>();
    if (pivotedFromOutside) {
      warnings.add("the disk was pivoted behind the daemon's back");
    }
    warnings.addAll(
        LettingGo.send(host, record.monitorId(), graph, JobSteps.toClose(entry)).await(graph));
    JobSteps.clean(record);
    tools.ends().succeeded(record, warnings);
    return true;
  }

  private boolean endedWithoutPivot(BlockHost host) {
    boolean consistent = record.entry().step() == JournalStep.FINALIZING;
    if (!consistent) {
      return endedFromOutside(host);
    }
    if (!changedOver(host)) {
      return false;
    }
    LettingGo.dismiss(host, record.monitorId());
    List<String> warnings = putBack(host);
    host.retire(record.entry());
    if (record.entry().ending() == JobEnding.KEEP) {
      tools.ends().kept(record, warnings);
    } else {
      JobSteps.endOnOldChain(record, tools.ends(), Optional.empty(), true, warnings);
    }
    return true;
  }

  /** Somebody else has ended the job and left its disk on the old chain. */
  private boolean endedFromOutside(BlockHost host) {
    JobSteps.endedFromOutside(host, record);
    return abort(host, Optional.empty());
  }

  /** QEMU has not pivoted after all, and a daemon died before it had read why. */
  private boolean endedUnseen(BlockHost host) {
    record.refused("it ended without the pivot while the daemon did not look");
    return abort(host, Optional.empty());
  }

  /** False while other disks of a group have not changed over yet and the guest is held. */
  private boolean changedOver(BlockHost host) {
    return group()
        .map(group -> group.changedOver(record, host))
        .orElse(!tools.groups().gathering(record.entry()));
  }

  private void left(String why) {
    group().ifPresent(group -> group.left(record, why));
  }

  private boolean abort(BlockHost host, Optional<String> error) {
    left(error.orElse("it was given up"));
    if (record.entry().step() != JournalStep.ABORTED) {
      record.step(JournalStep.ABORTED);
    }
    LettingGo.dismiss(host, record.monitorId());
    List<String> warnings = putBack(host);
    host.retire(record.entry());
    JobSteps.endOnOldChain(record, tools.ends(), error, false, warnings);
    return true;
  }

  /** Closes what the job had opened, and closes for writing what it had opened for writing. */
  private List<String> putBack(BlockHost host) {
    JournalEntry entry = record.entry();
    return switch (work) {
      case JobWork.ActiveCommit commit -> {
        ChainSurgery.makeReadOnly(host, entry.disk(), entry.before(), commit.base());
        yield List.of();
      }
      case JobWork.Mirror _ -> LettingGo.deleteNodes(host, entry.added());
    };
  }

  @Override
  public void settleWithoutHost(HostEnd end) {
    // Before the entry is read: a decision of the group that is being recorded counts for this job.
    group().ifPresent(GroupEnd::hostEnded);
    JournalEntry entry = record.entry();
    if (entry.step().decidesForNewRoot()) {
      if (!entry.step().settled()) {
        logger.info(
            "Job {}: the pivot was decided before the hypervisor ended, so disk {} has its new"
                + " chain",
            record.id(),
            entry.disk());
        tools.definitions().settleWithoutHost(record);
      }
      if (record.state() == JobState.JOB_STATE_PIVOTING) {
        record.advance(JobState.JOB_STATE_FINALIZING, JournalStep.SETTLED);
      }
      tools.ends().succeeded(record, List.of());
      return;
    }
    boolean consistent = entry.step() == JournalStep.FINALIZING;
    if (consistent && entry.ending() == JobEnding.KEEP) {
      tools.ends().kept(record, List.of());
      return;
    }
    JobSteps.endWithHost(record, tools.ends(), end, consistent);
  }
}
