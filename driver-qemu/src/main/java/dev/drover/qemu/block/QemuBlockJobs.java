package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.DiskGraph;
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
import dev.drover.spi.queue.StartRequest;
import dev.drover.v1.BackingChain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
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
      OfflineHosts offline,
      InstantSource clock) {
    this.disks = disks;
    this.book = book;
    this.lanes = lanes;
    this.foreign = foreign;
    this.start = start;
    this.destinations = destinations;
    this.holders = holders;
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
  public Job start(CallContext call, JobOrigin origin, StartRequest request) {
    return switch (request) {
      case StartRequest.Pull(BlockPullRequest pull) -> pull(call, origin, pull);
      case StartRequest.Commit(BlockCommitRequest commit) -> commit(call, origin, commit);
      case StartRequest.Copy(BlockCopyRequest copy) -> copy(call, origin, copy);
      case StartRequest.Rebase(BlockRebaseRequest rebase) -> rebase(call, origin, rebase);
    };
  }

  @Override
  public Job pull(CallContext call, BlockPullRequest request) {
    JobOrigin origin = JobOrigin.of(call, request, request.getJobId(), request.getRequestId());
    return pull(call, origin, request);
  }

  @Override
  public Job commit(CallContext call, BlockCommitRequest request) {
    JobOrigin origin = JobOrigin.of(call, request, request.getJobId(), request.getRequestId());
    return commit(call, origin, request);
  }

  /** The same as a step of another job, or for a call. */
  public Job commit(CallContext call, JobOrigin origin, BlockCommitRequest request) {
    return begin(
        call,
        origin,
        new Target(request.getDomain(), request.getDisk(), "block commit"),
        request.getValidateOnly(),
        drafts -> {
          CommitPlan plan = CommitPlan.of(drafts.chain(), request, drafts.host().hasGuest());
          holders.inside().requireCommittable(drafts.chain(), plan);
          return drafts.commit(plan, request);
        });
  }

  @Override
  public Job copy(CallContext call, BlockCopyRequest request) {
    JobOrigin origin = JobOrigin.of(call, request, request.getJobId(), request.getRequestId());
    return copy(call, origin, request);
  }

  private Job copy(CallContext call, JobOrigin origin, BlockCopyRequest request) {
    return begin(
        call,
        origin,
        new Target(request.getDomain(), request.getDisk(), "block copy"),
        request.getValidateOnly(),
        drafts -> copy(drafts, request));
  }

  @Override
  public Job rebase(CallContext call, BlockRebaseRequest request) {
    JobOrigin origin = JobOrigin.of(call, request, request.getJobId(), request.getRequestId());
    return rebase(call, origin, request);
  }

  private Job rebase(CallContext call, JobOrigin origin, BlockRebaseRequest request) {
    if (!request.getCopy()) {
      return pull(call, origin, RebaseRequests.pull(request));
    }
    return begin(
        call,
        origin,
        new Target(request.getDomain(), request.getDisk(), "block copy"),
        request.getValidateOnly(),
        drafts -> copy(drafts, RebaseRequests.copy(request, drafts.chain().active())));
  }

  /** A pull as a step of another job, or for a call. */
  public Job pull(CallContext call, JobOrigin origin, BlockPullRequest request) {
    return begin(
        call,
        origin,
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
        call,
        origin,
        new Target(request.getDomain(), request.getDisk(), "block pull", Optional.of(into)),
        request.getValidateOnly(),
        drafts -> pull(drafts, request));
  }

  private JobDraft copy(JobDrafts drafts, BlockCopyRequest request) {
    CopyPlan plan = CopyPlan.of(drafts.chain(), request);
    if (request.getAutoComplete() == JobCompletion.JOB_COMPLETION_PIVOT) {
      holders.inside().requireLeavable(drafts.chain());
    }
    return drafts.copy(destinations.examine(drafts.host(), drafts.graph(), plan), request);
  }

  /**
   * What a job works on.
   *
   * @param aside an image that the disk does not read, whose chain is meant; empty: the disk's own
   */
  private record Target(DomainRef domain, String disk, String operation, Optional<Image> aside) {

    Target(DomainRef domain, String disk, String operation) {
      this(domain, disk, operation, Optional.empty());
    }
  }

  /** Makes a draft from a disk and the nodes it has. */
  private interface Planner {
    JobDraft plan(JobDrafts drafts);
  }

  private Job begin(
      CallContext call, JobOrigin origin, Target target, boolean validateOnly, Planner planner) {
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
      JobDraft draft =
          planned(
              new JobDrafts(
                  host, graph, disks.chain(name, graph), jobId, target.aside().isPresent()),
              planner);
      if (!host.hasGuest()) {
        holders.requireUnused(draft.entry());
      }
      if (validateOnly) {
        return draft.job();
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
