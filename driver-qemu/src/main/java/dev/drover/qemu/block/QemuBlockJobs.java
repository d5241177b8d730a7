package dev.drover.qemu.block;

import com.google.protobuf.Message;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.BlockJobs;
import dev.drover.spi.CallContext;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.block.CopyPlan;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.block.PullPlan;
import dev.drover.spi.block.RebaseRequests;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.queue.JobStarts;
import dev.drover.spi.queue.StartGate;
import dev.drover.spi.queue.StartRequest;
import dev.drover.spi.snapshot.OverwrittenDisks;
import dev.drover.v1.BackingChain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainState;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.ListDisksRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Disks, chains and the start of jobs on QEMU. The plans decide; this class only brings together.
 */
public final class QemuBlockJobs implements BlockJobs, JobStarts {

  private final LiveDisks disks;
  private final JobBook book;
  private final DomainLanes lanes;
  private final ForeignJobs foreign;
  private final JobStart start;
  private final CopyDestinations destinations;
  private final ImageHolders holders;
  private final OverwrittenDisks overwritten;
  private final OfflineHosts offline;
  private final InstantSource clock;

  QemuBlockJobs(
      LiveDisks disks,
      JobBook book,
      DomainLanes lanes,
      ForeignJobs foreign,
      JobStart start,
      CopyDestinations destinations,
      ImageHolders holders,
      OverwrittenDisks overwritten,
      OfflineHosts offline,
      InstantSource clock) {
    this.disks = disks;
    this.book = book;
    this.lanes = lanes;
    this.foreign = foreign;
    this.start = start;
    this.destinations = destinations;
    this.holders = holders;
    this.overwritten = overwritten;
    this.offline = offline;
    this.clock = clock;
  }

  @Override
  public List<DomainDisk> disks(ListDisksRequest request) {
    Domain domain = disks.domain(request.getDomain());
    return disks.disks(domain).stream().map(disk -> shown(domain, disk)).toList();
  }

  @Override
  public BackingChain chain(CallContext call, GetBackingChainRequest request) {
    Chain chain = disks.chain(disks.domain(request.getDomain()), request.getDisk());
    return BackingChain.newBuilder().setDisk(chain.disk()).addAllImages(chain.images()).build();
  }

  @Override
  public Job start(CallContext call, JobOrigin origin, StartRequest request, StartGate gate) {
    Asking asking = new Asking(call, origin, gate);
    return switch (request) {
      case StartRequest.Pull(BlockPullRequest pull) -> pull(asking, pull);
      case StartRequest.Commit(BlockCommitRequest commit) -> commit(asking, commit);
      case StartRequest.Copy(BlockCopyRequest copy) -> copy(asking, copy);
      case StartRequest.Rebase(BlockRebaseRequest rebase) -> rebase(asking, rebase);
    };
  }

  /** Who asks for a job, and what its start passes on the way. */
  private record Asking(CallContext call, JobOrigin origin, StartGate gate) {

    Asking(CallContext call, JobOrigin origin) {
      this(call, origin, StartGate.OPEN);
    }

    Asking(CallContext call, Message request, String jobId, String requestId) {
      this(call, JobOrigin.of(call, request, jobId, requestId));
    }
  }

  @Override
  public Job pull(CallContext call, BlockPullRequest request) {
    return pull(new Asking(call, request, request.getJobId(), request.getRequestId()), request);
  }

  @Override
  public Job commit(CallContext call, BlockCommitRequest request) {
    return commit(new Asking(call, request, request.getJobId(), request.getRequestId()), request);
  }

  /** The same as a step of another job, or for a call. */
  public Job commit(CallContext call, JobOrigin origin, BlockCommitRequest request) {
    return commit(new Asking(call, origin), request);
  }

  private Job commit(Asking asking, BlockCommitRequest request) {
    return begin(
        asking,
        new Target(request.getDomain(), request.getDisk(), "block commit"),
        request.getValidateOnly(),
        drafts -> {
          CommitPlan plan = CommitPlan.of(drafts.chain(), request, drafts.host().hasGuest());
          holders.inside().requireCommittable(drafts.chain(), plan);
          return drafts.commit(plan, request, overwritten);
        });
  }

  @Override
  public Job copy(CallContext call, BlockCopyRequest request) {
    return copy(new Asking(call, request, request.getJobId(), request.getRequestId()), request);
  }

  private Job copy(Asking asking, BlockCopyRequest request) {
    return begin(
        asking,
        Target.ofCopy(request.getDomain(), request.getDisk(), request.getShallow()),
        request.getValidateOnly(),
        drafts -> copy(drafts, request));
  }

  @Override
  public Job rebase(CallContext call, BlockRebaseRequest request) {
    return rebase(new Asking(call, request, request.getJobId(), request.getRequestId()), request);
  }

  private Job rebase(Asking asking, BlockRebaseRequest request) {
    if (!request.getCopy()) {
      return pull(asking, RebaseRequests.pull(request));
    }
    return begin(
        asking,
        Target.ofCopy(request.getDomain(), request.getDisk(), request.getShallow()),
        request.getValidateOnly(),
        drafts -> copy(drafts, RebaseRequests.copy(request, drafts.chain().active())));
  }

  /** A pull as a step of another job, or for a call. */
  public Job pull(CallContext call, JobOrigin origin, BlockPullRequest request) {
    return pull(new Asking(call, origin), request);
  }

  private Job pull(Asking asking, BlockPullRequest request) {
    return begin(
        asking,
        new Target(request.getDomain(), request.getDisk(), "block pull"),
        request.getValidateOnly(),
        drafts -> pull(drafts, request));
  }

  private JobDraft pull(JobDrafts drafts, BlockPullRequest request) {
    PullPlan plan = PullPlan.of(drafts.chain(), request);
    holders.inside().requirePullable(drafts.chain(), plan);
    return drafts.pull(plan, request);
  }

  /**
   * A pull as a step of another job into an image that the disk does not read. The images of its
   * own chain are opened by a storage daemon, as those of a shut-off domain are.
   *
   * @throws DriverException IMAGE_IN_USE where a process writes to one of them
   */
  public Job pullAside(CallContext call, JobOrigin origin, BlockPullRequest request, Image into) {
    return begin(
        new Asking(call, origin),
        new Target(request.getDomain(), request.getDisk(), "block pull", Optional.of(into), false),
        request.getValidateOnly(),
        drafts -> pull(drafts, request));
  }

  private JobDraft copy(JobDrafts drafts, BlockCopyRequest request) {
    CopyPlan plan = CopyPlan.of(drafts.chain(), request);
    if (request.getAutoComplete() == JobCompletion.JOB_COMPLETION_PIVOT) {
      holders.inside().requireLeavable(drafts.chain());
    }
    List<ChainImage> images = drafts.graph().chain(drafts.host().domainName()).images();
    List<ChainImage> copied = plan.shallow() ? images.subList(0, 1) : images;
    return drafts.copy(destinations.examine(drafts.host(), drafts.graph(), plan, copied), request);
  }

  /**
   * What a job works on.
   *
   * @param aside an image that the disk does not read, whose chain is meant; empty: the disk's own
   * @param leavesChain whether what comes of it needs no file of the chain
   */
  private record Target(
      DomainRef domain, String disk, String operation, Optional<Image> aside, boolean leavesChain) {

    Target(DomainRef domain, String disk, String operation) {
      this(domain, disk, operation, Optional.empty(), false);
    }

    static Target ofCopy(DomainRef domain, String disk, boolean shallow) {
      return new Target(domain, disk, "block copy", Optional.empty(), !shallow);
    }
  }

  /** Makes a draft from a disk and the nodes it has. */
  private interface Planner {
    JobDraft plan(JobDrafts drafts);
  }

  private Job begin(Asking asking, Target target, boolean validateOnly, Planner planner) {
    CallContext call = asking.call();
    JobOrigin origin = asking.origin();
    Optional<Job> repeated = validateOnly ? Optional.empty() : book.repeated(origin);
    if (repeated.isPresent()) {
      return repeated.get();
    }
    Domain domain = disks.domain(target.domain());
    String name = domain.getSpec().getName();
    String uuid = domain.getSpec().getUuid();
    try (DomainLanes.Pass _ = lanes.enter(call, uuid, name, target.operation())) {
      Optional<Job> meanwhile = validateOnly ? Optional.empty() : book.repeated(origin);
      if (meanwhile.isPresent()) {
        return meanwhile.get();
      }
      Domain now = disks.domain(target.domain());
      if (disks.process(now).isEmpty()) {
        requireOffline(now);
      }
      Disk disk = DiskLookup.findWritable(name, disks.disks(now), target.disk());
      book.requireFree(uuid, disk.getTarget(), origin);
      String jobId = origin.jobId().isEmpty() ? UUID.randomUUID().toString() : origin.jobId();
      BlockHost host = host(now, disk, jobId, target.aside());
      DiskGraph graph = host.disk(disk.getTarget());
      if (host.hasGuest()) {
        foreign.requireUntouched(host, graph);
      }
      Chain chain =
          target.leavesChain() && host.hasGuest()
              ? disks.openChain(name, graph)
              : disks.chain(name, graph);
      JobDraft draft =
          planned(new JobDrafts(host, graph, chain, jobId, target.aside().isPresent()), planner);
      if (draft.entry().work() instanceof JobWork.OnePhase work) {
        disks.requireRoom(work.rewrite());
      }
      disks.requireWritable(host, draft.entry());
      holders.requireUnused(draft.entry());
      if (validateOnly) {
        return draft.job();
      }
      Optional<Job> waits = asking.gate().hold(draft.job());
      if (waits.isPresent()) {
        return waits.get();
      }
      JobOrigin named = origin.withJobId(jobId);
      return start.start(named, host, draft, call.remaining(clock.instant()));
    }
  }

  /**
   * A domain without a process must be shut off, and what works on shut-off domains be installed.
   */
  private void requireOffline(Domain domain) {
    DomainState state = domain.getStatus().getState();
    boolean off =
        state == DomainState.DOMAIN_STATE_SHUT_OFF || state == DomainState.DOMAIN_STATE_CRASHED;
    if (!off || !offline.available()) {
      LiveDomain meanwhile = disks.requireProcess(domain);
      throw new IllegalStateException(
          "domain '%s' came up inside its lane".formatted(meanwhile.name()));
    }
  }

  private BlockHost host(Domain domain, Disk disk, String jobId, Optional<Image> aside) {
    if (aside.isPresent()) {
      Disk branch = disk.toBuilder().setSource(aside.get()).build();
      return offline.prepare(domain, branch, disks.stored(domain, branch), jobId);
    }
    Optional<LiveDomain> process = disks.process(domain);
    return process.isPresent()
        ? new LiveHost(process.get())
        : offline.prepare(domain, disk, disks.stored(domain, disk), jobId);
  }

  private static JobDraft planned(JobDrafts drafts, Planner planner) {
    try {
      return planner.plan(drafts);
    } catch (QmpException e) {
      throw JobFailures.ofCommand(drafts.host(), e);
    }
  }

  private DomainDisk shown(Domain domain, Disk disk) {
    DomainDisk.Builder shown =
        DomainDisk.newBuilder()
            .setTarget(disk.getTarget())
            .setReadOnly(disk.getReadOnly())
            .setJobId(
                book.holder(domain.getSpec().getUuid(), disk.getTarget())
                    .map(Job::getId)
                    .orElse(""))
            .setCapacityBytes(disks.capacityBytes(domain, disk));
    if (disk.hasSource()) {
      shown.setSource(disk.getSource());
    }
    return shown.build();
  }
}
