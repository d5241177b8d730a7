package dev.drover.test.block;

import com.google.protobuf.Message;
import dev.drover.spi.BlockJobs;
import dev.drover.spi.CallContext;
import dev.drover.spi.activity.Work;
import dev.drover.spi.block.Bandwidths;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.block.RebaseRequests;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.queue.JobStarts;
import dev.drover.spi.queue.StartGate;
import dev.drover.spi.queue.StartRequest;
import dev.drover.spi.snapshot.OverwrittenDisks;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.BlockNode;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.BackingChain;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobResult;
import dev.drover.v1.ListDisksRequest;
import java.util.List;
import java.util.Optional;

/** Disks, chains and the jobs started on them. */
public final class TestBlockJobs implements BlockJobs, JobStarts {

  private final World world;
  private final Machines machines;
  private final JobEngine engine;

  TestBlockJobs(World world, Machines machines, JobEngine engine) {
    this.world = world;
    this.machines = machines;
    this.engine = engine;
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

  /** What a call asks for, once its disk is known. */
  @FunctionalInterface
  private interface Planner {
    JobStart plan(OpenDisk disk, Chain chain, boolean running);
  }

  /** The fields that all calls share. */
  private record Order(
      DomainRef domain,
      String disk,
      Bandwidth bandwidth,
      boolean validateOnly,
      boolean delete,
      Optional<Image> aside) {

    Order(
        DomainRef domain, String disk, Bandwidth bandwidth, boolean validateOnly, boolean delete) {
      this(domain, disk, bandwidth, validateOnly, delete, Optional.empty());
    }
  }

  @Override
  public List<DomainDisk> disks(ListDisksRequest request) {
    Domain domain = world.domains().require(request.getDomain());
    return KnownChains.current(domain).getDisksList().stream()
        .map(disk -> describe(domain, disk))
        .toList();
  }

  @Override
  public BackingChain chain(CallContext call, GetBackingChainRequest request) {
    return world
        .lock()
        .get(
            () -> {
              Domain domain = world.domains().require(request.getDomain());
              String name = domain.getSpec().getName();
              Disk disk =
                  DiskLookup.find(
                      name, KnownChains.current(domain).getDisksList(), request.getDisk());
              return BackingChain.newBuilder()
                  .setDisk(disk.getTarget())
                  .addAllImages(chain(domain, disk).images())
                  .build();
            });
  }

  @Override
  public Job start(CallContext call, JobOrigin origin, StartRequest request, StartGate gate) {
    Asking asking = new Asking(call, origin, gate);
    return switch (request) {
      case StartRequest.Pull(BlockPullRequest pull) -> pull(asking, pull, Optional.empty());
      case StartRequest.Commit(BlockCommitRequest commit) -> commit(asking, commit);
      case StartRequest.Copy(BlockCopyRequest copy) -> copy(asking, copy);
      case StartRequest.Rebase(BlockRebaseRequest rebase) -> rebase(asking, rebase);
    };
  }

  @Override
  public Job pull(CallContext call, BlockPullRequest request) {
    return pull(
        new Asking(call, request, request.getJobId(), request.getRequestId()),
        request,
        Optional.empty());
  }

  /** A pull as a step of another job, or for a call. */
  public Job pull(CallContext call, JobOrigin origin, BlockPullRequest request) {
    return pull(new Asking(call, origin), request, Optional.empty());
  }

  /**
   * A pull as a step of another job into an image that the disk does not read, so that no guest has
   * it open: its own chain is what the job works on.
   */
  public Job pullAside(CallContext call, JobOrigin origin, BlockPullRequest request, Image into) {
    return pull(new Asking(call, origin), request, Optional.of(into));
  }

  private Job pull(Asking asking, BlockPullRequest request, Optional<Image> aside) {
    return start(
        asking,
        new Order(
            request.getDomain(),
            request.getDisk(),
            request.getBandwidth(),
            request.getValidateOnly(),
            false,
            aside),
        (disk, chain, running) -> JobStart.Pull.of(world, chain, request));
  }

  @Override
  public Job commit(CallContext call, BlockCommitRequest request) {
    return commit(new Asking(call, request, request.getJobId(), request.getRequestId()), request);
  }

  /** A commit as a step of another job, or for a call. */
  public Job commit(CallContext call, JobOrigin origin, BlockCommitRequest request) {
    return commit(new Asking(call, origin), request);
  }

  private Job commit(Asking asking, BlockCommitRequest request) {
    return start(
        asking,
        new Order(
            request.getDomain(),
            request.getDisk(),
            request.getBandwidth(),
            request.getValidateOnly(),
            request.getDelete()),
        (disk, chain, running) -> JobStart.Commit.of(world, disk, chain, request, running));
  }

  @Override
  public Job copy(CallContext call, BlockCopyRequest request) {
    return copy(new Asking(call, request, request.getJobId(), request.getRequestId()), request);
  }

  private Job copy(Asking asking, BlockCopyRequest request) {
    return start(
        asking,
        new Order(
            request.getDomain(),
            request.getDisk(),
            request.getBandwidth(),
            request.getValidateOnly(),
            false),
        (disk, chain, running) -> JobStart.Copy.of(world, disk, chain, request));
  }

  @Override
  public Job rebase(CallContext call, BlockRebaseRequest request) {
    return rebase(new Asking(call, request, request.getJobId(), request.getRequestId()), request);
  }

  private Job rebase(Asking asking, BlockRebaseRequest request) {
    return start(
        asking,
        new Order(
            request.getDomain(),
            request.getDisk(),
            request.getBandwidth(),
            request.getValidateOnly(),
            false),
        (disk, chain, running) ->
            request.getCopy()
                ? JobStart.Copy.of(world, disk, chain, RebaseRequests.copy(request, chain.active()))
                : JobStart.Pull.of(world, chain, RebaseRequests.pull(request)));
  }

  private Job start(Asking asking, Order order, Planner planner) {
    long speed = Bandwidths.bytesPerSecond(order.bandwidth());
    Optional<Job> repeated = repeated(order, asking.origin());
    if (repeated.isPresent()) {
      return repeated.get();
    }
    Domain named = world.domains().require(order.domain());
    String uuid = named.getSpec().getUuid();
    String name = named.getSpec().getName();
    try (DomainLanes.Pass _ = world.lanes().enter(asking.call(), uuid, name, "start a block job")) {
      return world
          .lock()
          .get(
              () ->
                  repeated(order, asking.origin())
                      .orElseGet(() -> start(asking, uuid, order, speed, planner)));
    }
  }

  private Optional<Job> repeated(Order order, JobOrigin origin) {
    return order.validateOnly() ? Optional.empty() : world.jobs().repeated(origin);
  }

  private Job start(Asking asking, String uuid, Order order, long speed, Planner planner) {
    Domain domain = world.domains().require(uuid);
    String name = domain.getSpec().getName();
    Disk found =
        DiskLookup.findWritable(name, KnownChains.current(domain).getDisksList(), order.disk());
    world.jobs().requireFree(uuid, found.getTarget(), asking.origin());
    Optional<Machine> machine = machines.find(uuid).filter(_ -> order.aside().isEmpty());
    OpenDisk disk =
        machine
            .flatMap(guest -> guest.disk(found.getTarget()))
            .orElseGet(() -> world.disks().open(uuid, name, worked(found, order.aside())));
    boolean taken = false;
    try {
      JobStart start = planner.plan(disk, disk.chain(), machine.isPresent());
      Job draft = warned(start, draft(domain, disk, start, speed));
      if (order.validateOnly()) {
        return draft;
      }
      Optional<Job> waits = asking.gate().hold(draft);
      if (waits.isPresent()) {
        return waits.get();
      }
      Job job = begin(asking, draft, start, disk, machine, order.delete());
      taken = true;
      return job;
    } finally {
      if (!taken) {
        world.disks().disclaim(disk);
        if (machine.isEmpty()) {
          world.disks().close(disk);
        }
      }
    }
  }

  private static Disk worked(Disk disk, Optional<Image> aside) {
    return aside.map(image -> disk.toBuilder().setSource(image).build()).orElse(disk);
  }

  private Job begin(
      Asking asking,
      Job draft,
      JobStart start,
      OpenDisk disk,
      Optional<Machine> machine,
      boolean delete) {
    Job job = world.jobs().begin(asking.origin(), draft, transaction -> {});
    try {
      JobTask task = start.prepare(asking.call(), disk);
      FaultGate.Passage passage =
          world
              .gate()
              .pass(
                  asking.call(),
                  new Work.Command(
                      draft.getDomainUuid(), draft.getDomainName(), FaultStep.JOB_START.id()));
      if (passage == FaultGate.Passage.CRASH) {
        machine.ifPresent(guest -> machines.end(guest, EndCause.CRASHED));
        throw connectionLost(draft);
      }
      if (machine.isPresent() && !machines.alive(machine.get())) {
        world.domains().find(draft.getDomainUuid()).ifPresent(DomainStates::requireActive);
        throw connectionLost(draft);
      }
      JobRun run =
          new JobRun(
              job.getId(),
              disk,
              machine,
              task,
              delete,
              draft.getSpeedBytesPerSecond(),
              world.pace(),
              world.clock().now());
      return engine.begin(run);
    } catch (RuntimeException e) {
      start.undo();
      world.jobs().discard(job.getId(), transaction -> {});
      throw e;
    }
  }

  private static DriverException connectionLost(Job draft) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST,
        "the hypervisor of domain '%s' ended while the job was started; start the domain again"
            .formatted(draft.getDomainName()),
        "domain",
        draft.getDomainName(),
        "command",
        "start a block job");
  }

  private static Job draft(Domain domain, OpenDisk disk, JobStart start, long speed) {
    return Job.newBuilder()
        .setKind(start.kind())
        .setDomainName(domain.getSpec().getName())
        .setDomainUuid(domain.getSpec().getUuid())
        .setDisk(disk.target())
        .setSpeedBytesPerSecond(speed)
        .setCompletion(start.completion())
        .setRequest(start.request())
        .setResult(
            JobResult.newBuilder()
                .addAllChainBefore(disk.chain().images())
                .addAllChainAfter(disk.chain().images()))
        .build();
  }

  /** A commit tells before it begins which other disks it overwrites. */
  private Job warned(JobStart start, Job draft) {
    if (!(start instanceof JobStart.Commit)) {
      return draft;
    }
    Job.Builder told = draft.toBuilder();
    told.getResultBuilder()
        .addAllWarnings(
            new OverwrittenDisks(world.domains(), new ModelImages(world.images())).of(draft));
    return told.build();
  }

  private Chain chain(Domain domain, Disk disk) {
    String name = domain.getSpec().getName();
    Optional<OpenDisk> open =
        machines
            .find(domain.getSpec().getUuid())
            .flatMap(machine -> machine.disk(disk.getTarget()));
    if (open.isPresent()) {
      return open.get().chain();
    }
    if (!disk.hasSource()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DISK_HAS_NO_SOURCE,
          "disk '%s' of domain '%s' has no source".formatted(disk.getTarget(), name),
          "domain",
          name,
          "disk",
          disk.getTarget());
    }
    List<BlockImage> images =
        world.images().open(disk.getSource().getPath(), disk.getSource().getFormat());
    return new Chain(
        name,
        disk.getTarget(),
        images.stream().map(image -> BlockNode.describe(image, "")).toList());
  }

  private DomainDisk describe(Domain domain, Disk disk) {
    DomainDisk.Builder result =
        DomainDisk.newBuilder().setTarget(disk.getTarget()).setReadOnly(disk.getReadOnly());
    if (disk.hasSource()) {
      result.setSource(disk.getSource());
      world
          .images()
          .find(disk.getSource().getPath())
          .ifPresent(image -> result.setCapacityBytes(image.virtualSizeBytes()));
    }
    world
        .jobs()
        .holder(domain.getSpec().getUuid(), disk.getTarget())
        .ifPresent(job -> result.setJobId(job.getId()));
    return result.build();
  }
}
