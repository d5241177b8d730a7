package dev.drover.qemu.block;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.DoomedFile;
import dev.drover.qemu.journal.HeaderRewrite;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.spi.block.Bandwidths;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.block.Convergences;
import dev.drover.spi.block.PullPlan;
import dev.drover.spi.snapshot.OverwrittenDisks;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import dev.drover.v1.JobResult;
import java.util.List;
import java.util.Optional;

/**
 * Turns plans into drafts: the plan's images become the nodes that QEMU has for them.
 *
 * @param host the process that will run the job
 * @param graph the disk as that process has it
 * @param chain the same chain with what the headers say now
 * @param jobId id the job will have
 * @param aside whether the chain is one that the disk does not read
 */
record JobDrafts(BlockHost host, DiskGraph graph, Chain chain, String jobId, boolean aside) {

  /** A pull. */
  JobDraft pull(PullPlan plan, BlockPullRequest request) {
    JobWork work =
        new JobWork.Stream(
            node(plan.into()),
            plan.base().map(this::node).orElse(""),
            rewrite(plan.into(), plan.backingReference(), plan.base()));
    long speed = Bandwidths.bytesPerSecond(request.getBandwidth());
    Job job = job(JobKind.JOB_KIND_PULL, plan.request(request), speed).build();
    return draft(job, work, images(plan.after()), List.of(), JobEnding.NONE, Optional.empty());
  }

  /** A commit, of the active image or below it. */
  JobDraft commit(CommitPlan plan, BlockCommitRequest request, OverwrittenDisks overwritten) {
    JobWork work =
        plan.overlay()
            .<JobWork>map(
                overlay ->
                    new JobWork.Commit(
                        graph.active().formatNode(),
                        node(plan.top()),
                        node(plan.base()),
                        rewrite(overlay, plan.backingReference(), Optional.of(plan.base()))))
            .orElseGet(
                () -> new JobWork.ActiveCommit(graph.active().formatNode(), node(plan.base())));
    long speed = Bandwidths.bytesPerSecond(request.getBandwidth());
    Job.Builder job =
        job(plan.kind(), plan.request(request), speed)
            .setCompletion(
                plan.twoPhase()
                    ? request.getAutoComplete()
                    : JobCompletion.JOB_COMPLETION_UNSPECIFIED);
    job.getResultBuilder().addAllWarnings(overwritten.of(job.build()));
    List<DoomedFile> delete = request.getDelete() ? doomed(plan.invalidated()) : List.of();
    return draft(
        job.build(),
        work,
        images(plan.after()),
        delete,
        plan.twoPhase() ? ending(request.getAutoComplete()) : JobEnding.NONE,
        Optional.empty());
  }

  /** A copy. */
  JobDraft copy(CopyDestination destination, BlockCopyRequest request) {
    JobWork work =
        new JobWork.Mirror(
            graph.active().formatNode(),
            destination.images().getFirst().node(),
            destination.plan().shallow(),
            Convergences.writeBlocking(request.getConvergence()),
            request.getGranularityBytes(),
            request.getBufferSizeBytes());
    long speed = Bandwidths.bytesPerSecond(request.getBandwidth());
    Job job =
        job(JobKind.JOB_KIND_COPY, destination.plan().request(request), speed)
            .setCompletion(request.getAutoComplete())
            .build();
    return draft(
        job,
        work,
        destination.images(),
        List.of(),
        ending(request.getAutoComplete()),
        Optional.of(destination));
  }

  /** The images of a chain with the nodes they have. */
  List<JournalImage> images(Chain wanted) {
    return wanted.images().stream()
        .map(
            image -> {
              ImageNode node = graph.at(image.getPath()).orElseThrow();
              return new JournalImage(
                  image.getPath(),
                  image.getFormat(),
                  node.formatNode(),
                  node.fileNode(),
                  image.getBackingReference());
            })
        .toList();
  }

  private List<DoomedFile> doomed(List<ChainImage> invalidated) {
    Optional<OpenFiles> open = host.openFiles();
    return invalidated.stream().map(image -> DoomedFile.of(image.getPath(), open)).toList();
  }

  private JobDraft draft(
      Job job,
      JobWork work,
      List<JournalImage> after,
      List<DoomedFile> filesToDelete,
      JobEnding endingWhenReady,
      Optional<CopyDestination> destination) {
    return new JobDraft(
        job,
        new JournalEntry(
            jobId,
            host.domainUuid(),
            graph.target(),
            JournalStep.INTENT,
            work,
            JobEnding.NONE,
            endingWhenReady,
            host.newNodeName(graph.target()),
            job.getSpeedBytesPerSecond(),
            images(chain),
            after,
            filesToDelete,
            destination.map(CopyDestination::createdFile).orElse(""),
            "",
            0,
            aside),
        destination);
  }

  private Job.Builder job(JobKind kind, JobRequest request, long speed) {
    return Job.newBuilder()
        .setKind(kind)
        .setDomainName(host.domainName())
        .setDomainUuid(host.domainUuid())
        .setDisk(graph.target())
        .setSpeedBytesPerSecond(speed)
        .setRequest(request)
        .setResult(
            JobResult.newBuilder()
                .addAllChainBefore(chain.images())
                .addAllChainAfter(chain.images()));
  }

  private HeaderRewrite rewrite(
      ChainImage image, String reference, Optional<ChainImage> newBacking) {
    return new HeaderRewrite(
        node(image),
        image.getPath(),
        image.getFormat(),
        image.getBackingReference(),
        chain.below(image).map(ChainImage::getFormat).orElse(ImageFormat.IMAGE_FORMAT_UNSPECIFIED),
        reference,
        newBacking.map(ChainImage::getFormat).orElse(ImageFormat.IMAGE_FORMAT_UNSPECIFIED));
  }

  private String node(ChainImage image) {
    return graph.at(image.getPath()).orElseThrow().formatNode();
  }

  private static JobEnding ending(JobCompletion completion) {
    return switch (completion) {
      case JOB_COMPLETION_PIVOT -> JobEnding.PIVOT;
      case JOB_COMPLETION_KEEP -> JobEnding.KEEP;
      case JOB_COMPLETION_UNSPECIFIED, UNRECOGNIZED -> JobEnding.NONE;
    };
  }
}
