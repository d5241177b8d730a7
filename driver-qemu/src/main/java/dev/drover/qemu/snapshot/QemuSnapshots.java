package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.DomainEnd;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomainListener;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.CallContext;
import dev.drover.spi.DriverContext;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.Snapshots;
import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * External disk-only snapshots of running and paused domains; the facet behind {@code
 * SnapshotService}. A snapshot whose outcome could not be learned, because QEMU or the daemon went
 * away in the middle, is ended as soon as it can be: when QEMU answers again, when it has ended, or
 * when the daemon starts.
 */
public final class QemuSnapshots implements Snapshots, LiveDomainListener {

  private static final Logger logger = LoggerFactory.getLogger(QemuSnapshots.class);
  private static final Duration MAKING = Duration.ofSeconds(30);

  private final DriverContext context;
  private final DomainBook domains;
  private final DomainLanes lanes;
  private final JobBook jobs;
  private final SnapshotBook snapshots;
  private final LiveDomains lives;
  private final OverlayPlans plans;
  private final OverlayFiles files;
  private final SnapshotIntents intents;
  private final SnapshotSettler settler;
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();

  /** Makes the facet on the driver's registers. */
  public QemuSnapshots(
      DriverContext context,
      DomainBook domains,
      DomainLanes lanes,
      JobBook jobs,
      SnapshotBook snapshots,
      LiveDomains lives,
      ImagePaths paths,
      ImageTool tool) {
    this.context = context;
    this.domains = domains;
    this.lanes = lanes;
    this.jobs = jobs;
    this.snapshots = snapshots;
    this.lives = lives;
    ChainReader chains = new ChainReader(paths);
    this.plans = new OverlayPlans(paths, chains);
    this.files = new OverlayFiles(tool, chains);
    this.intents = new SnapshotIntents(context.store());
    this.settler = new SnapshotSettler(domains, snapshots, lives, intents, files);
  }

  /**
   * Ends what an earlier run of the daemon left in the middle. To be done once the QEMUs that live
   * are known, and before jobs look at the chains.
   */
  public void recover() {
    for (SnapshotIntent intent : intents.list()) {
      settleIfKnown(intent.domainUuid());
    }
  }

  @Override
  public void onAdopted(LiveDomain domain) {
    settleIfKnown(domain.uuid());
  }

  @Override
  public void onAnswering(LiveDomain domain) {
    settleIfKnown(domain.uuid());
  }

  @Override
  public void onEnded(LiveDomain domain, DomainEnd how) {
    settleIfKnown(domain.uuid());
  }

  /** Ends an unfinished snapshot of a domain, unless a call is at it or QEMU does not answer. */
  private void settleIfKnown(String uuid) {
    if (!underWay.add(uuid)) {
      return;
    }
    try {
      Optional<SnapshotIntent> intent = intents.find(uuid);
      boolean silent = lives.find(uuid).filter(live -> live.connection().isEmpty()).isPresent();
      if (intent.isPresent() && !silent) {
        settler.settle(intent.get());
      }
    } catch (RuntimeException e) {
      logger.error("The unfinished snapshot of domain {} could not be ended yet", uuid, e);
    } finally {
      underWay.remove(uuid);
    }
  }

  @Override
  public Snapshot get(DomainRef ref, String name) {
    DomainSpec spec = domains.require(ref).getSpec();
    return snapshots.require(spec.getUuid(), spec.getName(), name);
  }

  @Override
  public List<Snapshot> list(DomainRef ref) {
    return snapshots.list(domains.require(ref).getSpec().getUuid());
  }

  @Override
  public Job delete(CallContext call, DeleteSnapshotRequest request) {
    throw new UnsupportedOperationException("to be built");
  }

  @Override
  public Job revert(CallContext call, RevertSnapshotRequest request) {
    throw new UnsupportedOperationException("to be built");
  }

  @Override
  public List<Snapshot> listAll() {
    return snapshots.listAll();
  }

  @Override
  public Snapshot create(CallContext call, CreateSnapshotRequest request) {
    Domain named = domains.require(request.getDomain());
    String uuid = named.getSpec().getUuid();
    try (DomainLanes.Pass _ =
        lanes.enter(call, uuid, named.getSpec().getName(), "create a snapshot")) {
      settleIfKnown(uuid);
      Domain domain = domains.require(uuid);
      jobs.requireIdle(uuid);
      DomainStates.requireActive(domain);
      LiveDomain live = lives.require(domain);
      live.monitor();
      String name =
          request.getName().isEmpty()
              ? Long.toString(context.clock().instant().getEpochSecond())
              : request.getName();
      if (!request.getNoMetadata()) {
        snapshots.requireUnused(uuid, named.getSpec().getName(), name);
      }
      DomainSpec running = domain.getStatus().getLiveSpec();
      List<OverlayPlan> overlays = plans.plan(running, live, name, request);
      Snapshot draft = draft(domain, running, name, request, overlays);
      if (request.getValidateOnly()) {
        return withParent(draft, request);
      }
      call.check(context.clock().instant());
      return make(call, live, running, intent(draft, live, overlays, request));
    }
  }

  private SnapshotIntent intent(
      Snapshot draft, LiveDomain live, List<OverlayPlan> overlays, CreateSnapshotRequest request) {
    List<SnapshotIntent.MovingDisk> moving = new ArrayList<>();
    for (OverlayPlan plan : overlays) {
      ChainImage frozen = plan.frozen().image();
      ChainImage.Builder overlay =
          ChainImage.newBuilder()
              .setPath(plan.overlay().getPath())
              .setFormat(plan.overlay().getFormat())
              .setVirtualSizeBytes(frozen.getVirtualSizeBytes())
              .setBackingReference(frozen.getPath());
      if (!plan.make()) {
        overlay.setBackingReference(files.backingReference(plan.overlay()));
      }
      moving.add(
          new SnapshotIntent.MovingDisk(
              plan.disk(),
              ImageNode.named(overlay.build(), live.newNodeName(plan.disk().target())),
              plan.make()));
    }
    return new SnapshotIntent(draft, !request.getNoMetadata(), moving);
  }

  private Snapshot make(
      CallContext call, LiveDomain live, DomainSpec running, SnapshotIntent intent) {
    underWay.add(intent.domainUuid());
    boolean unknown = false;
    try {
      intents.put(intent);
      for (SnapshotIntent.MovingDisk disk : intent.disks()) {
        if (disk.made()) {
          files.make(disk.overlay().image(), disk.before().active().image(), time(call));
        }
        OverlayNodes.open(live, running, disk);
      }
      unknown = true;
      OverlayNodes.move(live, intent);
      return settler.forward(intent, Optional.of(live));
    } catch (DriverException e) {
      unknown = unknown && mayHaveRun(e);
      if (!unknown) {
        takeBack(intent, live, e);
      }
      throw e;
    } finally {
      underWay.remove(intent.domainUuid());
      if (lives.find(intent.domainUuid()).isEmpty()) {
        settleIfKnown(intent.domainUuid());
      }
    }
  }

  /** Only QEMU's own refusal proves that the disks have not moved. */
  private static boolean mayHaveRun(DriverException failure) {
    return !(failure.getCause() instanceof QmpException qmp) || qmp.mayHaveRun();
  }

  private void takeBack(SnapshotIntent intent, LiveDomain live, DriverException failure) {
    try {
      settler.back(intent, lives.find(intent.domainUuid()).filter(live::equals));
    } catch (DriverException e) {
      failure.addSuppressed(e);
      logger.warn(
          "Domain {}: what the failed snapshot '{}' made is taken back later",
          live.name(),
          intent.snapshot().getName(),
          e);
    }
  }

  private Duration time(CallContext call) {
    Duration left = call.remaining(context.clock().instant());
    return left.compareTo(MAKING) < 0 ? left : MAKING;
  }

  private Snapshot withParent(Snapshot draft, CreateSnapshotRequest request) {
    return request.getNoMetadata()
        ? draft
        : draft.toBuilder()
            .setParent(snapshots.current(draft.getDomainUuid()).map(Snapshot::getName).orElse(""))
            .setCurrent(true)
            .build();
  }

  private Snapshot draft(
      Domain domain,
      DomainSpec running,
      String name,
      CreateSnapshotRequest request,
      List<OverlayPlan> overlays) {
    Snapshot.Builder snapshot =
        Snapshot.newBuilder()
            .setName(name)
            .setDescription(request.getDescription())
            .setDomainName(running.getName())
            .setDomainUuid(running.getUuid())
            .setCreateTime(ProtoTimes.timestamp(context.clock().instant()))
            .setDomainState(domain.getStatus().getState())
            .setDomainSpec(running);
    for (Disk disk : running.getDisksList()) {
      snapshot.addDisks(part(disk, overlays));
    }
    return snapshot.build();
  }

  private static SnapshotDisk part(Disk disk, List<OverlayPlan> overlays) {
    SnapshotDisk.Builder part =
        SnapshotDisk.newBuilder()
            .setTarget(disk.getTarget())
            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
    for (OverlayPlan plan : overlays) {
      if (plan.disk().target().equals(disk.getTarget())) {
        Image frozen = Chain.source(plan.frozen().image());
        part.setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
            .setOverlay(plan.overlay())
            .setFrozen(frozen);
      }
    }
    return part.build();
  }
}
