package dev.drover.client.cli;

import dev.drover.client.BlockCommit;
import dev.drover.client.JobHandle;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover blockcommit}: moves the data of overlays down into their base. */
@Command(
    name = "blockcommit",
    description = {
      "Move the data of overlays down into a base. The active image of a running domain needs"
          + " --active; its job becomes ready, and ends with --pivot or --keep-overlay, or later"
          + " with 'drover blockjob'."
    })
final class BlockCommitCommand extends DomainVerb {
  @Parameters(index = "1", paramLabel = "PATH", description = "Target (vda) or source of the disk.")
  private String path = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "BANDWIDTH",
      description = "Speed limit in MiB/s.")
  private Optional<String> bandwidth = Optional.empty();

  @Option(
      names = "--bytes",
      description = "The bandwidth is in bytes/s; units such as 10MiB are understood.")
  private boolean bytes;

  @Option(
      names = "--base",
      paramLabel = "IMAGE",
      description = "Image that receives the data. Default: the bottom of the chain.")
  private Optional<String> base = Optional.empty();

  @Option(names = "--shallow", description = "Use the image directly below top as base.")
  private boolean shallow;

  @Option(
      names = "--top",
      paramLabel = "IMAGE",
      description = "Image whose data is moved, with all between. Default: the active image.")
  private Optional<String> top = Optional.empty();

  @Option(names = "--active", description = "Commit the active image, in two phases.")
  private boolean active;

  @Option(names = "--delete", description = "Delete the files that become invalid.")
  private boolean delete;

  @Option(
      names = "--pivot",
      description = "Once ready, go over to the base; implies --active --wait.")
  private boolean pivot;

  @Option(
      names = "--keep-overlay",
      description = "Once ready, stay on the overlay; implies --active --wait.")
  private boolean keepOverlay;

  @Option(names = "--keep-relative", description = "Keep references between images relative.")
  private boolean keepRelative;

  @Mixin private final ErrorPolicyOption errors = new ErrorPolicyOption();
  @Mixin private final ConvergenceOptions convergence = new ConvergenceOptions();
  @Mixin private final WaitOptions waiting = new WaitOptions();

  BlockCommitCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    if (pivot && keepOverlay) {
      throw new CommandFailure("Options --pivot and --keep-overlay are mutually exclusive");
    }
    boolean completes = pivot || keepOverlay;
    boolean waits = waiting.waits() || completes;
    waiting.check(waits);
    boolean activeCommit = active || completes;
    BlockCommit commit = domain().disk(path).commit();
    if (activeCommit) {
      commit.active();
    }
    if (shallow) {
      commit.shallow();
    }
    if (delete) {
      commit.delete();
    }
    if (keepRelative) {
      commit.keepRelative();
    }
    base.ifPresent(commit::base);
    top.ifPresent(commit::top);
    bandwidth.map(text -> BandwidthOption.parse(text, bytes)).ifPresent(commit::bandwidth);
    if (completes) {
      // The daemon completes the job, so that it ends well even if this process is gone by then.
      commit.thenComplete(
          pivot ? JobCompletion.JOB_COMPLETION_PIVOT : JobCompletion.JOB_COMPLETION_KEEP);
    }
    commit.onError(errors.policy());
    convergence.maxPause().ifPresent(commit::holdGuestFor);
    convergence.within().ifPresent(commit::convergeWithin);
    JobHandle job = commit.start();
    if (!waits) {
      Job begun = job.latest();
      output()
          .done(Texts.begun(activeCommit ? "Active Block Commit" : "Block Commit", begun), begun);
      return;
    }
    JobWait wait = new JobWait(session(), job);
    Job ended = wait.orAbort(completes, waiting);
    wait.report(ended, "Commit", success(), "Now in synchronized phase");
  }

  private String success() {
    if (pivot) {
      return "Successfully pivoted";
    }
    return keepOverlay ? "Commit complete, overlay image kept" : "Commit complete";
  }

  @Override
  String failure() {
    return "Failed to commit disk '%s' of domain '%s'".formatted(path, words());
  }
}
