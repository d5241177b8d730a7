package dev.drover.test.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.Snapshots;
import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.BlockNode;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.ImageHeader;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes and shows snapshots: all disks move at one moment, or nothing has happened (G1, G11). */
public final class TestSnapshots implements Snapshots {

  private final World world;
  private final Machines machines;
  private final OverlayPlans plans;

  /** Makes the facet. */
  public TestSnapshots(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
    this.plans = new OverlayPlans(world);
  }

  @Override
  public Snapshot create(CallContext call, CreateSnapshotRequest request) {
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
    return world.snapshots().listAll();
  }

  private Snapshot create(CallContext call, String uuid, CreateSnapshotRequest request) {
    Domain domain = world.domains().require(uuid);
    world.jobs().requireIdle(uuid);
    DomainStates.requireActive(domain);
    DomainSpec live = domain.getStatus().getLiveSpec();
    Machine machine =
        machines
            .find(uuid)
            .orElseThrow(
                () -> new IllegalStateException("an active domain without a guest: " + uuid));
    String name =
        request.getName().isEmpty()
            ? Long.toString(world.time().instant().getEpochSecond())
            : request.getName();
    if (!request.getNoMetadata()) {
      world.snapshots().requireUnused(uuid, live.getName(), name);
    }
    List<OverlayPlan> overlays = plans.plan(live, machine, name, request);
    if (request.getValidateOnly()) {
      return withParent(draft(domain, name, request, overlays), request);
    }
    List<BlockImage> made = new ArrayList<>();
    boolean done = false;
    try {
      Map<OverlayPlan, BlockImage> images = make(call, machine, overlays, request, made);
      Snapshot snapshot = draft(world.domains().require(uuid), name, request, overlays);
      Snapshot result = record(uuid, snapshot, overlays, request);
      images.forEach(TestSnapshots::move);
      done = true;
      return result;
    } finally {
      if (!done) {
        made.forEach(world.images()::delete);
      }
    }
  }

  /** Makes the overlays and prepares every disk; nothing is switched yet. */
  private Map<OverlayPlan, BlockImage> make(
      CallContext call,
      Machine machine,
      List<OverlayPlan> overlays,
      CreateSnapshotRequest request,
      List<BlockImage> made) {
    Map<OverlayPlan, BlockImage> result = new HashMap<>();
    int nth = 1;
    for (OverlayPlan plan : overlays) {
      Image overlay = plan.overlay();
      if (!request.getReuseExternal()) {
        world.gate().pass(call, FaultStep.IMAGE_CREATE.id());
        made.add(
            world
                .images()
                .create(
                    overlay.getPath(),
                    overlay.getFormat(),
                    plan.frozen().virtualSizeBytes(),
                    ImageHeader.backing(plan.frozen().path(), plan.frozen().format())));
      }
      if (world.gate().pass(call, FaultStep.SNAPSHOT_DISK.id(nth)) == FaultGate.Passage.CRASH) {
        machines.end(machine, EndCause.CRASHED);
      }
      requireAlive(machine, plan.disk().domainName());
      result.put(plan, world.images().open(overlay.getPath(), overlay.getFormat()).getFirst());
      nth++;
    }
    return result;
  }

  private void requireAlive(Machine machine, String name) {
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

  /** Moves both definitions and enters the snapshot in one step (R8, G10). */
  private Snapshot record(
      String uuid, Snapshot draft, List<OverlayPlan> overlays, CreateSnapshotRequest request) {
    List<SnapshotBook.Change> changes = new ArrayList<>();
    world
        .domains()
        .change(
            uuid,
            domain -> {
              for (OverlayPlan plan : overlays) {
                domain.setSpec(move(domain.getSpec(), plan));
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
              }
            });
    changes.forEach(world.snapshots()::settle);
    return changes.stream().flatMap(change -> change.created().stream()).findFirst().orElse(draft);
  }

  private static void move(OverlayPlan plan, BlockImage overlay) {
    List<BlockImage> images = new ArrayList<>();
    images.add(overlay);
    images.addAll(plan.disk().images());
    plan.disk().replace(images);
  }

  private static DomainSpec move(DomainSpec spec, OverlayPlan plan) {
    Image from = Chain.source(BlockNode.describe(plan.frozen(), ""));
    DomainSpec.Builder builder = spec.toBuilder();
    List<Disk> disks = spec.getDisksList();
    for (int i = 0; i < disks.size(); i++) {
      if (disks.get(i).getTarget().equals(plan.disk().target())
          && disks.get(i).getSource().equals(from)) {
        builder.getDisksBuilder(i).setSource(plan.overlay());
      }
    }
    return builder.build();
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

  private Snapshot draft(
      Domain domain, String name, CreateSnapshotRequest request, List<OverlayPlan> overlays) {
    DomainSpec live = domain.getStatus().getLiveSpec();
    Snapshot.Builder result =
        Snapshot.newBuilder()
            .setName(name)
            .setDescription(request.getDescription())
            .setDomainName(live.getName())
            .setDomainUuid(live.getUuid())
            .setCreateTime(ProtoTimes.timestamp(world.time().instant()))
            .setDomainState(domain.getStatus().getState())
            .setDomainSpec(live);
    for (Disk disk : live.getDisksList()) {
      SnapshotDisk.Builder entry =
          SnapshotDisk.newBuilder()
              .setTarget(disk.getTarget())
              .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
      overlays.stream()
          .filter(plan -> plan.disk().target().equals(disk.getTarget()))
          .findFirst()
          .ifPresent(
              plan ->
                  entry
                      .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                      .setOverlay(plan.overlay())
                      .setFrozen(Chain.source(BlockNode.describe(plan.frozen(), ""))));
      result.addDisks(entry);
    }
    return result.build();
  }
}
