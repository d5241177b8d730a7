package dev.drover.qemu.snapshot;

import dev.drover.qemu.block.CopyStart;
import dev.drover.qemu.block.ImageHolders;
import dev.drover.qemu.block.MomentCopies;
import dev.drover.qemu.block.QemuBlock;
import dev.drover.qemu.domain.DomainEnd;
import dev.drover.qemu.domain.DomainPower;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomainListener;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.CallContext;
import dev.drover.spi.DriverContext;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.Snapshots;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.QuiesceRules;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.InternalPlan;
import dev.drover.spi.snapshot.MemoryPlan;
import dev.drover.spi.snapshot.MomentCopy;
import dev.drover.spi.snapshot.OverlayRules;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.snapshot.SnapshotDeletions;
import dev.drover.spi.snapshot.SnapshotFiles;
import dev.drover.spi.snapshot.SnapshotImport;
import dev.drover.spi.snapshot.SnapshotKinds;
import dev.drover.spi.snapshot.SnapshotPlan;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots of running, paused and shut-off domains, and the way back to them; the facet behind
 * {@code SnapshotService}. A snapshot or revert whose outcome could not be learned, because QEMU or
 * the daemon went away in the middle, is ended as soon as it can be: when QEMU answers again, when
 * it has ended, or when the daemon starts.
 */
public final class QemuSnapshots implements Snapshots, LiveDomainListener, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(QemuSnapshots.class);
  private static final Duration MAKING = Duration.ofSeconds(30);

  private final DriverContext context;
  private final DomainBook domains;
  private final DomainLanes lanes;
  private final JobBook jobs;
  private final SnapshotBook snapshots;
  private final LiveDomains lives;
  private final OverlayFiles files;
  private final SnapshotIntents intents;
  private final SnapshotMemories memories;
  private final MomentCopies copies;
  private final SnapshotSettler settler;
  private final InternalSnapshots internals;
  private final OpenedDisks opened;
  private final ImageHolders holders;
  private final OpeningCheck opening;
  private final SnapshotReverts reverts;
  private final SnapshotDeletions deletions;
  private volatile boolean recovered;
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();

  /** Makes the facet on the driver's registers. */
  public QemuSnapshots(
      DriverContext context,
      DomainBook domains,
      DomainLanes lanes,
      JobBook jobs,
      SnapshotBook snapshots,
      LiveDomains lives,
      DomainPower power,
      QemuBlock block,
      ImagePaths paths,
      ImageTool tool) {
    this.context = context;
    this.domains = domains;
    this.lanes = lanes;
    this.jobs = jobs;
    this.snapshots = snapshots;
    this.lives = lives;
    ChainReader chains = new ChainReader(paths);
    this.holders = block.holders();
    this.opening = block.opening();
    this.files = new OverlayFiles(tool, chains);
    this.opened = new OpenedDisks(lives, paths, chains, files, opening);
    this.intents = new SnapshotIntents(context.store());
    this.memories = new SnapshotMemories(context, intents);
    this.copies = block.momentCopies();
    this.settler = new SnapshotSettler(domains, snapshots, lives, intents, files, memories, copies);
    InsideImages inside = new InsideImages(tool);
    this.internals = new InternalSnapshots(context, domains, snapshots, lives, intents, inside);
    this.reverts =
        new SnapshotReverts(
            context,
            domains,
            jobs,
            snapshots,
            power,
            intents,
            files,
            memories,
            new InsideReverts(lives, inside));
    this.deletions =
        new SnapshotDeletions(
            context.store(),
            context.clock(),
            context.blocking(),
            domains,
            lanes,
            jobs,
            snapshots,
            new QemuDeletionWork(domains, lives, block, chains, inside),
            block.queue());
  }

  /**
   * Ends what an earlier run of the daemon left in the middle. To be done once the QEMUs that live
   * are known and their jobs are taken up, and before any domain is started.
   */
  public void recover() {
    for (SnapshotIntent intent : intents.list()) {
      settleInLane(intent.domainUuid());
    }
    recovered = true;
    deletions.recover();
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

  /**
   * Ends what is unfinished where the lane may be somebody else's: a snapshot at once, a revert,
   * which ends and starts the domain, when the lane is free.
   */
  private void settleIfKnown(String uuid) {
    try {
      Optional<SnapshotIntent> intent = intents.find(uuid);
      if (intent.filter(CreateIntent.class::isInstance).isPresent()) {
        settle(uuid);
      } else if (intent.isPresent() && recovered && !underWay.contains(uuid)) {
        context.blocking().execute(() -> settleInLane(uuid));
      }
    } catch (RuntimeException e) {
      logger.error("What was begun for a snapshot of domain {} cannot be read", uuid, e);
    }
  }

  /** Leaves what is under way for the next run of the daemon. */
  @Override
  public void close() {
    deletions.close();
  }

  private void settleInLane(String uuid) {
    CallContext call = reverts.call();
    try (DomainLanes.Pass _ = lanes.enter(call, uuid, uuid, "go on with a revert")) {
      settle(uuid);
    } catch (DriverException e) {
      logger.error("The unfinished revert of domain {} could not be ended yet", uuid, e);
    }
  }

  /** Ends what is unfinished, unless a call is at it or QEMU has to tell and does not answer. */
  private void settle(String uuid) {
    if (!underWay.add(uuid)) {
      return;
    }
    try {
      Optional<SnapshotIntent> intent = intents.find(uuid);
      if (intent.isEmpty()) {
        return;
      }
      switch (intent.get()) {
        case CreateIntent create -> {
          if (!silent(uuid)) {
            settler.settle(create);
          }
        }
        case InsideIntent inside -> {
          if (!silent(uuid)) {
            internals.settle(inside);
          }
        }
        case RevertIntent revert -> reverts.carryOn(revert);
      }
    } catch (RuntimeException e) {
      logger.error(
          "The unfinished snapshot or revert of domain {} could not be ended yet", uuid, e);
    } finally {
      underWay.remove(uuid);
    }
  }

  private boolean silent(String uuid) {
    return lives.find(uuid).filter(live -> live.connection().isEmpty()).isPresent();
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
  public Job revert(CallContext call, RevertSnapshotRequest request) {
    JobOrigin origin = JobOrigin.of(call, request, request.getJobId(), request.getRequestId());
    boolean dry = request.getValidateOnly();
    Optional<Job> repeated = dry ? Optional.empty() : jobs.repeated(origin);
    if (repeated.isPresent()) {
      return repeated.get();
    }
    DomainSpec named = domains.require(request.getDomain()).getSpec();
    DomainLanes.Pass pass =
        lanes.enter(call, named.getUuid(), named.getName(), "revert to a snapshot");
    boolean handedOver = false;
    try {
      Optional<Job> meanwhile = dry ? Optional.empty() : jobs.repeated(origin);
      if (meanwhile.isPresent()) {
        return meanwhile.get();
      }
      settle(named.getUuid());
      Domain domain = domains.require(named.getUuid());
      jobs.requireIdle(named.getUuid());
      requireSettled(domain);
      Snapshot snapshot = snapshots.require(named.getUuid(), named.getName(), request.getName());
      RevertPlan plan =
          RevertPlan.of(
              domain, snapshot, request, opened.files(domain.getSpec(), Optional.empty()));
      holders.requireUnwritten(named.getUuid(), plan.frozenPaths());
      if (dry) {
        return plan.job();
      }
      RevertIntent intent =
          RevertIntent.of(
              plan,
              request.getJobId().isEmpty() ? UUID.randomUUID().toString() : request.getJobId());
      call.check(context.clock().instant());
      underWay.add(named.getUuid());
      Job job = reverts.begin(origin, plan.job(), intent);
      context.blocking().execute(() -> revert(intent, pass));
      handedOver = true;
      return job;
    } finally {
      if (!handedOver) {
        underWay.remove(named.getUuid());
        pass.close();
      }
    }
  }

  /** The lane stays closed to others from the call to the job's end. */
  private void revert(RevertIntent intent, DomainLanes.Pass pass) {
    try (pass) {
      reverts.run(intent);
    } catch (RuntimeException e) {
      logger.error("The revert of domain {} could not be ended yet", intent.domainUuid(), e);
    } finally {
      underWay.remove(intent.domainUuid());
    }
  }

  @Override
  public Job delete(CallContext call, DeleteSnapshotRequest request) {
    return deletions.delete(
        call,
        request,
        domain -> {
          settle(domain.getSpec().getUuid());
          requireSettled(domain);
        });
  }

  @Override
  public List<Snapshot> listAll() {
    return snapshots.listAll().stream()
        .filter(snapshot -> domains.find(snapshot.getDomainUuid()).isPresent())
        .toList();
  }

  @Override
  public Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
    DomainSpec named = domains.require(request.getDomain()).getSpec();
    try (DomainLanes.Pass _ =
        lanes.enter(call, named.getUuid(), named.getName(), "import a snapshot")) {
      settle(named.getUuid());
      Domain domain = domains.require(named.getUuid());
      jobs.requireIdle(named.getUuid());
      requireSettled(domain);
      Optional<LiveDomain> live = opened.process(domain);
      DomainSpec now = live.isPresent() ? domain.getStatus().getLiveSpec() : domain.getSpec();
      SnapshotFiles files = opened.files(now, live);
      SnapshotImport checked =
          SnapshotImport.of(
              now, request, snapshots.list(named.getUuid()), files, context.clock().instant());
      checked.requireUncommitted(jobs.active(), files);
      holders.requireUnwritten(named.getUuid(), checked.frozenPaths());
      if (!request.getValidateOnly()) {
        checked.enter(domains, snapshots);
      }
      return checked.snapshot();
    }
  }

  @Override
  public CreateSnapshotResponse create(CallContext call, CreateSnapshotRequest request) {
    Domain named = domains.require(request.getDomain());
    String uuid = named.getSpec().getUuid();
    try (DomainLanes.Pass _ =
        lanes.enter(call, uuid, named.getSpec().getName(), "create a snapshot")) {
      settle(uuid);
      Domain domain = domains.require(uuid);
      jobs.requireIdle(uuid);
      requireSettled(domain);
      Optional<LiveDomain> live = opened.process(domain);
      live.ifPresent(LiveDomain::monitor);
      String name =
          request.getName().isEmpty()
              ? Long.toString(context.clock().instant().getEpochSecond())
              : request.getName();
      SnapshotKinds.requireSame(
          named.getSpec().getName(), snapshots.list(uuid), SnapshotKinds.internal(request));
      if (!request.getNoMetadata()) {
        snapshots.requireUnused(uuid, named.getSpec().getName(), name);
      }
      if (request.hasQuiesce()) {
        live.orElseThrow(() -> QuiesceRules.shutOff(named.getSpec().getName()))
            .fileSystems()
            .requireAgent();
      }
      DomainSpec now = live.isPresent() ? domain.getStatus().getLiveSpec() : domain.getSpec();
      SnapshotFiles host = opened.files(now, live);
      if (SnapshotKinds.internal(request)) {
        InternalPlan inside = InternalPlan.of(domain, now, name, request, host);
        holders.requireUnwritten(uuid, inside.paths());
        return internal(call, request, live, internals.planned(inside, domain, live, request));
      }
      SnapshotPlan plan = SnapshotPlan.of(now, name, request, host);
      OverlayRules.requireFree(plan, domains.list(), snapshots.listAll(), host);
      holders.requireUnwritten(uuid, plan.frozenPaths());
      Snapshot disks =
          plan.record(request, domain.getStatus().getState(), context.clock().instant());
      Snapshot draft = memories.planned(disks, domain, live, plan, request, host);
      List<MomentCopy> ordered = MomentCopy.of(call, request, plan, host, jobs);
      boolean dry = request.getValidateOnly();
      List<MovingDisk> moving = dry && ordered.isEmpty() ? List.of() : opened.moving(live, plan);
      CopyStart start = copies.plan(domain, live, ordered(ordered, moving));
      if (dry) {
        return CreateSnapshotResponse.newBuilder()
            .setSnapshot(
                withParent(request.hasQuiesce() ? QuiesceRules.frozen(draft) : draft, request))
            .addAllCopyJobs(start.drafts())
            .build();
      }
      call.check(context.clock().instant());
      CreateIntent intent =
          new CreateIntent(
              draft, !request.getNoMetadata(), moving, start.planned(), MadeOverlays.NOT_RECORDED);
      return make(call, live, now, intent, request, start);
    }
  }

  private static List<MomentCopies.Ordered> ordered(
      List<MomentCopy> copies, List<MovingDisk> moving) {
    return copies.stream()
        .flatMap(
            copy ->
                moving.stream()
                    .filter(disk -> disk.before().target().equals(copy.part().target()))
                    .map(disk -> new MomentCopies.Ordered(copy, disk.before(), disk.after())))
        .toList();
  }

  /**
   * Refuses while the outcome of an earlier snapshot or revert is not known.
   *
   * @throws DriverException DOMAIN_UNRESPONSIVE or DOMAIN_BUSY
   */
  private void requireSettled(Domain domain) {
    if (intents.find(domain.getSpec().getUuid()).isEmpty()) {
      return;
    }
    lives.find(domain.getSpec().getUuid()).ifPresent(LiveDomain::monitor);
    throw DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_BUSY,
        "domain '%s' is busy with: an earlier snapshot that is being ended; try again"
            .formatted(domain.getSpec().getName()),
        "domain",
        domain.getSpec().getName(),
        "operation",
        "an earlier snapshot");
  }

  private CreateSnapshotResponse make(
      CallContext call,
      Optional<LiveDomain> live,
      DomainSpec now,
      CreateIntent planned,
      CreateSnapshotRequest request,
      CopyStart start) {
    underWay.add(planned.domainUuid());
    boolean unknown = false;
    CreateIntent taken = planned.having(MadeOverlays.NONE);
    Optional<Instant> stopped = Optional.empty();
    try {
      intents.put(planned);
      if (!planned.toMake().isEmpty()) {
        taken = planned.having(OverlayFiles.reserve(planned.toMake()));
        intents.put(taken);
      }
      files.make(taken, () -> time(call));
      live.ifPresent(running -> OverlayNodes.open(running, now, planned, opening));
      start.make(time(call));
      if (live.isPresent()) {
        Optional<Duration> holdAfter = MemoryPlan.holdAfter(request);
        if (planned.snapshot().hasMemory() && holdAfter.isEmpty()) {
          var _ = start.hold();
        }
        SnapshotMemories.Taken memory = memories.take(call, live.get(), taken, holdAfter);
        CreateIntent whole = memory.intent();
        stopped = memory.stopped();
        taken = whole;
        start.open();
        Duration patience = call.remaining(context.clock().instant());
        Duration quiesce = QuiesceRules.limit(request);
        try (FrozenMoment moment = FrozenMoment.begin(context, live.get(), quiesce, patience)) {
          if (moment.frozen()) {
            taken = whole.reaching(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
            intents.put(taken);
          }
          // Closed before the guest's file systems are thawed: no agent answers while it is held.
          try (CopyStart held = start.hold()) {
            unknown = true;
            OverlayNodes.move(live.get(), taken);
            taken = moment.frozen() ? taken : whole;
            if (!held.isEmpty()) {
              return enter(call, taken, live, held, stopped);
            }
          }
        }
      }
      return enter(call, taken, live, start.hold(), stopped);
    } catch (DriverException e) {
      start.close();
      unknown = unknown && mayHaveRun(e);
      if (!unknown) {
        takeBack(taken, live, e);
      }
      throw e;
    } finally {
      start.close();
      underWay.remove(planned.domainUuid());
      if (lives.find(planned.domainUuid()).isEmpty()) {
        settle(planned.domainUuid());
      }
    }
  }

  /** Enters a snapshot whose disks have changed over, and begins its copies. */
  private CreateSnapshotResponse enter(
      CallContext call,
      CreateIntent taken,
      Optional<LiveDomain> live,
      CopyStart start,
      Optional<Instant> stopped) {
    Snapshot made = settler.forward(taken, live, start::recordHosts);
    CreateSnapshotResponse.Builder answer =
        CreateSnapshotResponse.newBuilder()
            .setSnapshot(made)
            .addAllCopyJobs(start.begin(call.remaining(context.clock().instant())));
    stopped.ifPresent(since -> answer.setGuestPause(pause(since)));
    return answer.build();
  }

  private com.google.protobuf.Duration pause(Instant since) {
    return ProtoTimes.duration(Duration.between(since, context.clock().instant()));
  }

  private CreateSnapshotResponse internal(
      CallContext call,
      CreateSnapshotRequest request,
      Optional<LiveDomain> live,
      InsideIntent intent) {
    if (request.getValidateOnly()) {
      Snapshot draft = intent.snapshot();
      return CreateSnapshotResponse.newBuilder()
          .setSnapshot(
              withParent(request.hasQuiesce() ? QuiesceRules.frozen(draft) : draft, request))
          .build();
    }
    call.check(context.clock().instant());
    Instant before = context.clock().instant();
    String uuid = intent.domainUuid();
    underWay.add(uuid);
    boolean unknown = false;
    try {
      Snapshot made = internals.make(call, live, intent, QuiesceRules.limit(request));
      CreateSnapshotResponse.Builder answer = CreateSnapshotResponse.newBuilder().setSnapshot(made);
      if (made.hasMemory() && made.getDomainState() != DomainState.DOMAIN_STATE_PAUSED) {
        answer.setGuestPause(pause(before));
      }
      return answer.build();
    } catch (InternalSnapshots.Unknown e) {
      unknown = true;
      throw e.failure();
    } finally {
      underWay.remove(uuid);
      if (lives.find(uuid).isEmpty()) {
        settle(uuid);
      } else if (unknown) {
        context.blocking().execute(() -> settleInLane(uuid));
      }
    }
  }

  /** Only QEMU's own refusal proves that the disks have not moved. */
  private static boolean mayHaveRun(DriverException failure) {
    return !(failure.getCause() instanceof QmpException qmp) || qmp.mayHaveRun();
  }

  private void takeBack(CreateIntent intent, Optional<LiveDomain> live, DriverException failure) {
    try {
      if (intents.find(intent.domainUuid()).isPresent()) {
        settler.back(
            intent,
            lives.find(intent.domainUuid()).filter(now -> live.filter(now::equals).isPresent()));
      }
    } catch (DriverException e) {
      failure.addSuppressed(e);
      logger.warn(
          "Domain {}: what the failed snapshot '{}' made is taken back later",
          intent.snapshot().getDomainName(),
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
}
