package dev.drover.qemu.block;

import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.journal.HeaderRewrite;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Image;
import dev.drover.v1.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Streams and intermediate commits. QEMU rewrites a header at their end without flushing what that
 * header then relies on; so the written node is flushed at {@code pending}, the header is compared
 * afterwards, and until the job is settled the old reference can be put back.
 */
final class OnePhaseFlow implements JobFlow {

  private static final Duration HEADER_DEADLINE = Duration.ofSeconds(30);

  private final JobRecord record;
  private final JobWork.OnePhase work;
  private final FlowTools tools;
  private boolean cancelSent;

  OnePhaseFlow(JobRecord record, JobWork.OnePhase work, FlowTools tools) {
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
    return switch (job.status()) {
      case UNDEFINED, CREATED, RUNNING, PAUSED, READY, STANDBY -> cancelIfOrdered(host);
      case WAITING, ABORTING, NULL -> false;
      case PENDING -> pending(host);
      case CONCLUDED -> concluded(host, job.error(), EndView.of(host, record.entry()));
    };
  }

  private boolean cancelIfOrdered(BlockHost host) {
    if (record.entry().ending() == JobEnding.CANCEL && !cancelSent) {
      host.execute(new BlockJobCommand.JobCancel(record.monitorId()));
      cancelSent = true;
    }
    return false;
  }

  private boolean pending(BlockHost host) {
    if (record.entry().ending() == JobEnding.CANCEL) {
      return cancelIfOrdered(host);
    }
    if (record.entry().step() != JournalStep.FINALIZING) {
      try {
        ChainSurgery.flush(
            host, record.entry().disk(), record.entry().before(), work.writtenNode(), false);
      } catch (QmpCommandException e) {
        JobSteps.giveUp(host, record, "its data could not be flushed: " + e.description());
        return false;
      }
      Optional<String> unwritable = unwritableHeader(host);
      if (unwritable.isPresent()) {
        JobSteps.giveUp(host, record, unwritable.get());
        return false;
      }
      if (!JobSteps.advanceUnlessOrdered(
          record, JobState.JOB_STATE_FINALIZING, JournalStep.FINALIZING)) {
        return cancelIfOrdered(host);
      }
    }
    Optional<Finish.Concluded> end = JobSteps.finish(host, record);
    return end.isPresent() && concluded(host, end.get().error(), end.get().view());
  }

  /**
   * Why the header above a commit could not be rewritten, as far as that can be seen. QEMU opens
   * that image anew for writing, by its path, when it finalizes the job, and dies with the guest
   * where it cannot.
   */
  private Optional<String> unwritableHeader(BlockHost host) {
    if (!(work instanceof JobWork.Commit commit) || !host.hasGuest()) {
      return Optional.empty();
    }
    String path = commit.rewrite().path();
    if (!host.openFiles().map(open -> open.has(path)).orElse(true)) {
      return Optional.of(
          "the file at '%s' is not the one that the hypervisor has open; put that one back"
              .formatted(path));
    }
    return Files.isWritable(Path.of(path))
        ? Optional.empty()
        : Optional.of("'%s' cannot be written to any more".formatted(path));
  }

  private boolean concluded(BlockHost host, Optional<String> error, EndView view) {
    if (error.isEmpty()) {
      return settle(host, view);
    }
    Optional<String> halfway = halfway(view);
    return halfway.isPresent()
        ? diverged(host, "the job failed with '%s', and %s".formatted(error.get(), halfway.get()))
        : abort(host, error);
  }

  /** A stream moves its nodes before it writes the header, and leaves them where that fails. */
  private Optional<String> halfway(EndView view) {
    JournalEntry entry = record.entry();
    return entry.step() == JournalStep.FINALIZING
        ? JobSteps.graphDifference(view, entry.before().getFirst().node(), entry.before())
        : Optional.empty();
  }

  /** QEMU does not know the job: it never began, or was dismissed by this daemon or another. */
  private boolean absent(BlockHost host) {
    return switch (record.entry().step()) {
      case INTENT -> abort(host, Optional.of(JobFailures.NEVER_BEGAN));
      case SETTLED, CLEAN -> tidy(host, host.retired() ? Optional.empty() : LiveGraph.of(host));
      case STARTED, READY, END_REQUESTED, FINALIZING, DECIDED ->
          header().equals(work.rewrite().newReference())
              ? settle(host, EndView.of(host, record.entry()))
              : endedFromOutside(host);
      case ABORTED -> abort(host, Optional.empty());
    };
  }

  private boolean settle(BlockHost host, EndView view) {
    JournalEntry entry = record.entry();
    if (!entry.step().settled()) {
      Optional<String> difference = difference(view);
      if (difference.isPresent()) {
        return diverged(host, difference.get());
      }
      if (record.state() == JobState.JOB_STATE_RUNNING) {
        record.advance(JobState.JOB_STATE_FINALIZING, entry.step());
      }
      flushResult(host, entry);
      tools.definitions().settle(record, host);
    }
    return tidy(host, view.graph());
  }

  private Optional<String> difference(EndView view) {
    JournalEntry entry = record.entry();
    return headerDifference(work.rewrite().newReference())
        .or(() -> JobSteps.graphDifference(view, entry.before().getFirst().node(), entry.after()));
  }

  private Optional<String> headerDifference(String expected) {
    String found = header();
    return found.equals(expected)
        ? Optional.empty()
        : Optional.of(
            "the header of '%s' names '%s' instead of '%s'"
                .formatted(work.rewrite().path(), found, expected));
  }

  private boolean diverged(BlockHost host, String how) {
    LettingGo.dismiss(host, record.monitorId());
    host.retire(record.entry());
    tools.ends().diverged(record, how, record.entry().after());
    return true;
  }

  private void flushResult(BlockHost host, JournalEntry entry) {
    List<JournalImage> after = entry.after();
    String overlay = work.rewrite().node();
    ChainSurgery.flush(
        host, entry.disk(), after, overlay, !overlay.equals(after.getFirst().node()));
    host.retire(entry);
    after.stream()
        .filter(image -> image.node().equals(overlay) || image.node().equals(work.writtenNode()))
        .forEach(image -> ImageFiles.sync(image.path()));
  }

  private boolean tidy(BlockHost host, Optional<LiveGraph> graph) {
    List<String> warnings =
        LettingGo.send(host, record.monitorId(), graph, JobSteps.toClose(record.entry()))
            .await(graph);
    JobSteps.clean(record);
    tools.ends().succeeded(record, warnings);
    return true;
  }

  /**
   * Somebody else has ended the job and left its disk on the old chain, which is seen and not
   * supposed.
   */
  private boolean endedFromOutside(BlockHost host) {
    JournalEntry entry = record.entry();
    Optional<String> difference =
        headerDifference(work.rewrite().oldReference())
            .or(
                () ->
                    JobSteps.graphDifference(
                        EndView.of(host, entry), entry.before().getFirst().node(), entry.before()));
    if (difference.isPresent()) {
      return diverged(host, difference.get());
    }
    JobSteps.endedFromOutside(host, record);
    return abort(host, Optional.empty());
  }

  private boolean abort(BlockHost host, Optional<String> error) {
    if (record.entry().step() != JournalStep.ABORTED) {
      record.step(JournalStep.ABORTED);
    }
    LettingGo.dismiss(host, record.monitorId());
    if (work instanceof JobWork.Commit commit) {
      ChainSurgery.makeReadOnly(
          host, record.entry().disk(), record.entry().before(), commit.base());
    }
    host.retire(record.entry());
    JobSteps.endOnOldChain(record, tools.ends(), error, false, List.of());
    return true;
  }

  @Override
  public void settleWithoutHost(HostEnd end) {
    if (record.entry().step().settled()) {
      tools.ends().succeeded(record, List.of());
      return;
    }
    HeaderRewrite rewrite = work.rewrite();
    if (!reference().equals(rewrite.oldReference())) {
      tools
          .tool()
          .rebaseHeader(
              Path.of(rewrite.path()),
              rewrite.format(),
              rewrite.oldReference().isEmpty()
                  ? Optional.empty()
                  : Optional.of(new ImageTool.Backing(rewrite.oldReference(), rewrite.oldFormat())),
              HEADER_DEADLINE);
      ImageFiles.sync(rewrite.path());
    }
    JobSteps.endWithHost(record, tools.ends(), end, false);
  }

  private String header() {
    try {
      return reference();
    } catch (DriverException e) {
      throw JobFailures.diverged(record.job(), String.valueOf(e.getMessage()));
    }
  }

  private String reference() {
    HeaderRewrite rewrite = work.rewrite();
    return tools
        .reader()
        .readOne(Image.newBuilder().setPath(rewrite.path()).setFormat(rewrite.format()).build())
        .getBackingReference();
  }
}
