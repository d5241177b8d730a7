package dev.drover.test.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.Snapshots;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskSources;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.MemoryPlan;
import dev.drover.spi.snapshot.MomentCopy;
import dev.drover.spi.snapshot.OverlayRules;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.snapshot.SnapshotDeletions;
import dev.drover.spi.snapshot.SnapshotFiles;
import dev.drover.spi.snapshot.SnapshotImport;
import dev.drover.spi.snapshot.SnapshotKinds;
import dev.drover.spi.snapshot.SnapshotPlan;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.test.block.CopyStart;
import dev.drover.test.block.MomentCopies;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.ImageHeader;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes and shows snapshots of running, paused and shut-off domains, and reverts to them: all disks
 * move at one moment, or nothing has happened (G1, G11).
 */
public final class TestSnapshots implements Snapshots {

  private final World world;
  private final Machines machines;
  private final SnapshotReverts reverts;
  private final SnapshotDeletions deletions;
  private final MomentCopies copies;
  private final InternalSnapshots internals;

  /** Makes the facet. */
  public TestSnapshots(
      World world,
      Machines machines,
      SnapshotReverts reverts,
      SnapshotDeletions deletions,
      MomentCopies copies) {
    this.world = world;
    this.machines = machines;
    this.reverts = reverts;
    this.deletions = deletions;
    this.copies = copies;
    this.internals = new InternalSnapshots(world, machines);
  }

  @Override
  public CreateSnapshotResponse create(CallContext call, CreateSnapshotRequest request) {
    Domain named = world.domains().require(request.getDomain());
    String uuid = named.getSpec().getUuid();
    try (DomainLanes.Pass _ =
        world.lanes().enter(call, uuid, named.getSpec().getName(), "create a snapshot")) {
      return world.lock().get(() -> create(call, uuid, request));
    }
  }

  @Override
  public Snapshot get(DomainRef ref, String name) {
    DomainSpec spec = world.domains().require(ref).getSpec();
    return world.snapshots().require(spec.getUuid(), spec.getName(), name);
  }

  @Override
  public List<Snapshot> list(DomainRef ref) {
    return world.snapshots().list(world.domains().require(ref).getSpec().getUuid());
  }

  @Override
  public List<Snapshot> listAll() {
    return world.snapshots().listAll().stream()
        .filter(snapshot -> world.domains().find(snapshot.getDomainUuid()).isPresent())
        .toList();
  }

  @Override
  public Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
    DomainSpec named = world.domains().require(request.getDomain()).getSpec();
    try (DomainLanes.Pass _ =
        world.lanes().enter(call, named.getUuid(), named.getName(), "import a snapshot")) {
      return world.lock().get(() -> importRecord(named.getUuid(), request));
    }
  }

  private Snapshot importRecord(String uuid, ImportSnapshotRequest request) {
    DomainSpec now = KnownChains.current(world.domains().require(uuid));
    world.jobs().requireIdle(uuid);
    SnapshotFiles files = new WorldFiles(world, now.getName(), machines.find(uuid));
    SnapshotImport checked =
        SnapshotImport.of(
            now, request, world.snapshots().list(uuid), files, world.time().instant());
    checked.requireUncommitted(world.jobs().active(), files);
    requireUnwritten(uuid, checked.frozenPaths());
    if (!request.getValidateOnly()) {
      checked.enter(world.domains(), world.snapshots());
    }
    return checked.snapshot();
  }

  @Override
  public Job revert(CallContext call, RevertSnapshotRequest request) {
    JobOrigin origin = JobOrigin.of(call, request, request.getJobId(), request.getRequestId());
    Optional<Job> repeated = repeated(origin, request);
    if (repeated.isPresent()) {
      return repeated.get();
    }
    DomainSpec named = world.domains().require(request.getDomain()).getSpec();
    DomainLanes.Pass lane =
        world.lanes().enter(call, named.getUuid(), named.getName(), "revert to a snapshot");
    return world.lock().get(() -> revert(call, named.getUuid(), origin, request, lane));
  }

  @Override
  public Job delete(CallContext call, DeleteSnapshotRequest request) {
    return deletions.delete(call, request, _ -> {});
  }

  private Optional<Job> repeated(JobOrigin origin, RevertSnapshotRequest request) {
    return request.getValidateOnly() ? Optional.empty() : world.jobs().repeated(origin);
  }

  private Job revert(
      CallContext call,
      String uuid,
      JobOrigin origin,
      RevertSnapshotRequest request,
      DomainLanes.Pass lane) {
    boolean handedOver = false;
    try {
      Optional<Job> meanwhile = repeated(origin, request);
      if (meanwhile.isPresent()) {
        return meanwhile.get();
      }
      RevertPlan plan = plan(uuid, request);
      if (request.getValidateOnly()) {
        return plan.job();
      }
      Job job = reverts.begin(call, origin, plan, lane);
      handedOver = true;
      return job;
    } finally {
      if (!handedOver) {
        lane.close();
      }
    }
  }

  private RevertPlan plan(String uuid, RevertSnapshotRequest request) {
    Domain domain = world.domains().require(uuid);
    String name = domain.getSpec().getName();
    world.jobs().requireIdle(uuid);
    Snapshot snapshot = world.snapshots().require(uuid, name, request.getName());
    RevertPlan plan =
        RevertPlan.of(domain, snapshot, request, new WorldFiles(world, name, machines.find(uuid)));
    requireUnwritten(uuid, plan.frozenPaths());
    return plan;
  }

  private CreateSnapshotResponse create(
      CallContext call, String uuid, CreateSnapshotRequest request) {
    Domain domain = world.domains().require(uuid);
    world.jobs().requireIdle(uuid);
    DomainSpec now = KnownChains.current(domain);
    Optional<Machine> machine = machines.find(uuid);
    String name =
        request.getName().isEmpty()
            ? Long.toString(world.time().instant().getEpochSecond())
            : request.getName();
    SnapshotKinds.requireSame(
        now.getName(), world.snapshots().list(uuid), SnapshotKinds.internal(request));
    if (!request.getNoMetadata()) {
      world.snapshots().requireUnused(uuid, now.getName(), name);
    }
    if (SnapshotKinds.internal(request)) {
      InternalSnapshots.Draft draft = internals.plan(domain, now, name, machine, request);
      return request.getValidateOnly()
          ? CreateSnapshotResponse.newBuilder()
              .setSnapshot(withParent(draft.snapshot(), request))
              .build()
          : internals.make(call, draft);
    }
    AgentFreeze freeze = AgentFreeze.of(world, machine, now.getName(), request);
    WorldFiles files = new WorldFiles(world, now.getName(), machine);
    SnapshotPlan plan = SnapshotPlan.of(now, name, request, files);
    OverlayRules.requireFree(plan, world.domains().list(), world.snapshots().listAll(), files);
    Optional<SnapshotMemory> planned = MemoryPlan.of(domain, plan, request, files);
    requireUnwritten(uuid, plan.frozenPaths());
    List<MomentCopy> ordered = MomentCopy.of(call, request, plan, files, world.jobs());
    try (CopyStart start = copies.plan(domain, machine, ordered)) {
      if (request.getValidateOnly()) {
        return CreateSnapshotResponse.newBuilder()
            .setSnapshot(
                withParent(freeze.reached(record(domain, plan, request, planned)), request))
            .addAllCopyJobs(start.drafts())
            .build();
      }
      CreateSnapshotResponse.Builder answer = CreateSnapshotResponse.newBuilder();
      try (TakenMemory memory =
          new TakenMemory(world, machines, machine, planned, request.hasLiveMemory())) {
        answer.setSnapshot(make(call, request, plan, machine, freeze, memory, start));
        memory.pause().ifPresent(answer::setGuestPause);
      }
      return answer.addAllCopyJobs(start.begin(call)).build();
    }
  }

  private Snapshot make(
      CallContext call,
      CreateSnapshotRequest request,
      SnapshotPlan plan,
      Optional<Machine> machine,
      AgentFreeze freeze,
      TakenMemory guestMemory,
      CopyStart start) {
    String uuid = plan.spec().getUuid();
    List<BlockImage> made = new ArrayList<>();
    boolean done = false;
    try {
      start.make(call);
      Optional<SnapshotMemory> memory = guestMemory.take(call, plan.spec().getName(), made);
      Map<OpenDisk, BlockImage> moves = make(call, machine, plan, made, start);
      freeze.ask(call);
      machine.ifPresent(guest -> requireAlive(machines, guest, plan.spec().getName()));
      requireUnwritten(uuid, plan.frozenPaths());
      Snapshot snapshot =
          freeze.reached(record(world.domains().require(uuid), plan, request, memory));
      Snapshot result = enter(uuid, snapshot, plan, owned(uuid, plan, made), request, start);
      moves.forEach(TestSnapshots::move);
      done = true;
      return result;
    } finally {
      if (!done) {
        made.forEach(world.images()::delete);
      }
    }
  }

  /** A moment is held by images that nobody else writes to. */
  private void requireUnwritten(String uuid, Set<String> paths) {
    for (String path : paths) {
      world.images().find(path).ifPresent(image -> world.disks().requireUnwritten(uuid, image));
    }
  }

  /**
   * Makes the overlays and prepares every disk; nothing is switched yet.
   *
   * @return the overlays of the disks that a guest has open, or a copy that begins
   */
  private Map<OpenDisk, BlockImage> make(
      CallContext call,
      Optional<Machine> machine,
      SnapshotPlan plan,
      List<BlockImage> made,
      CopyStart start) {
    Map<OpenDisk, BlockImage> result = new HashMap<>();
    int nth = 1;
    for (SnapshotPlan.Part part : plan.parts()) {
      Image overlay = part.overlay();
      if (part.make()) {
        world.gate().pass(call, FaultStep.IMAGE_CREATE.id());
        made.add(
            world
                .images()
                .create(
                    overlay.getPath(),
                    overlay.getFormat(),
                    part.frozen().getVirtualSizeBytes(),
                    ImageHeader.backing(part.frozen().getPath(), part.frozen().getFormat())));
      }
      boolean crash =
          world.gate().pass(call, FaultStep.SNAPSHOT_DISK.id(nth)) == FaultGate.Passage.CRASH;
      if (crash) {
        machine.ifPresent(guest -> machines.end(guest, EndCause.CRASHED));
      }
      machine.ifPresent(guest -> requireAlive(machines, guest, plan.spec().getName()));
      BlockImage opened = world.images().open(overlay.getPath(), overlay.getFormat()).getFirst();
      machine
          .flatMap(guest -> guest.disk(part.target()))
          .or(() -> start.disk(part.target()))
          .ifPresent(disk -> result.put(disk, opened));
      nth++;
    }
    return result;
  }

  /**
   * Refuses to go on with a snapshot whose guest has ended meanwhile.
   *
   * @throws DriverException HYPERVISOR_CONNECTION_LOST
   */
  static void requireAlive(Machines machines, Machine machine, String name) {
    if (!machines.alive(machine)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST,
          "the hypervisor of domain '%s' ended during the snapshot; nothing was changed"
              .formatted(name),
          "domain",
          name,
          "command",
          "create a snapshot");
    }
  }

  private static List<OwnedImage> owned(String uuid, SnapshotPlan plan, List<BlockImage> made) {
    List<OwnedImage> owned = new ArrayList<>(overlays(uuid, plan, made));
    made.stream()
        .filter(file -> owned.stream().noneMatch(one -> one.image().getPath().equals(file.path())))
        .map(file -> MemoryPlan.owned(uuid, file.path(), Long.toString(file.number())))
        .forEach(owned::add);
    return owned;
  }

  private static List<OwnedImage> overlays(String uuid, SnapshotPlan plan, List<BlockImage> made) {
    return plan.parts().stream()
        .flatMap(
            part ->
                made.stream()
                    .filter(image -> image.path().equals(part.overlay().getPath()))
                    .map(image -> TestDeletionWork.owned(uuid, part.target(), image)))
        .toList();
  }

  /** Moves both definitions and enters the snapshot and its jobs in one step (R8, G10, G12). */
  private Snapshot enter(
      String uuid,
      Snapshot draft,
      SnapshotPlan plan,
      List<OwnedImage> made,
      CreateSnapshotRequest request,
      CopyStart start) {
    List<SnapshotBook.Change> changes = new ArrayList<>();
    start.record(jobs -> enter(uuid, draft, plan, made, request, changes, jobs));
    changes.forEach(world.snapshots()::settle);
    return changes.stream().flatMap(change -> change.created().stream()).findFirst().orElse(draft);
  }

  private void enter(
      String uuid,
      Snapshot draft,
      SnapshotPlan plan,
      List<OwnedImage> made,
      CreateSnapshotRequest request,
      List<SnapshotBook.Change> changes,
      Consumer<StoreTransaction> jobs) {
    world
        .domains()
        .change(
            uuid,
            domain -> {
              domain.setSpec(move(domain.getSpec(), plan));
              if (domain.getStatus().hasLiveSpec()) {
                domain.getStatusBuilder().setLiveSpec(move(domain.getStatus().getLiveSpec(), plan));
              }
              if (!request.getNoMetadata()) {
                domain
                    .getStatusBuilder()
                    .setSnapshotCount(domain.getStatus().getSnapshotCount() + 1);
              }
            },
            transaction -> {
              if (!request.getNoMetadata()) {
                changes.add(world.snapshots().add(transaction, draft));
                made.forEach(image -> world.snapshots().owned().add(transaction, image));
              }
              world.snapshots().owned().leave(transaction, uuid, plan.frozen());
              world.snapshots().owned().take(transaction, uuid, plan.given());
              jobs.accept(transaction);
            });
  }

  private static void move(OpenDisk disk, BlockImage overlay) {
    List<BlockImage> images = new ArrayList<>();
    images.add(overlay);
    images.addAll(disk.images());
    disk.replace(images);
  }

  private static DomainSpec move(DomainSpec spec, SnapshotPlan plan) {
    DomainSpec moved = spec;
    for (SnapshotPlan.Part part : plan.parts()) {
      moved = DiskSources.moved(moved, part.target(), Chain.source(part.frozen()), part.overlay());
    }
    return moved;
  }

  private Snapshot withParent(Snapshot draft, CreateSnapshotRequest request) {
    Optional<Snapshot> parent = world.snapshots().current(draft.getDomainUuid());
    return request.getNoMetadata()
        ? draft
        : draft.toBuilder()
            .setParent(parent.map(Snapshot::getName).orElse(""))
            .setCurrent(true)
            .build();
  }

  private Snapshot record(
      Domain domain,
      SnapshotPlan plan,
      CreateSnapshotRequest request,
      Optional<SnapshotMemory> memory) {
    Snapshot disks = plan.record(request, domain.getStatus().getState(), world.time().instant());
    return memory.map(taken -> disks.toBuilder().setMemory(taken).build()).orElse(disks);
  }
}
