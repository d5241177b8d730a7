package dev.drover.qemu;

import dev.drover.qemu.block.QemuBlock;
import dev.drover.qemu.config.QemuSettings;
import dev.drover.qemu.domain.Accelerations;
import dev.drover.qemu.domain.DomainSubsystem;
import dev.drover.qemu.domain.Hypervisor;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.domain.RuntimeRecords;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.offline.StorageDaemons;
import dev.drover.qemu.probe.AccelerationProbe;
import dev.drover.qemu.probe.QemuCapabilities;
import dev.drover.qemu.probe.QemuProbe;
import dev.drover.qemu.process.ToolMark;
import dev.drover.qemu.qmp.MachineType;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.qemu.snapshot.QemuSnapshots;
import dev.drover.qemu.snapshot.SnapshotHolds;
import dev.drover.spi.BlockJobs;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.JobGroups;
import dev.drover.spi.Jobs;
import dev.drover.spi.NodeInfoSource;
import dev.drover.spi.Snapshots;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.queue.QueuedBlockJobs;
import dev.drover.spi.queue.QueuedJobs;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The QEMU driver: wires its parts, and brings them in line before it serves. */
final class QemuDriver implements Driver {

  private static final Logger logger = LoggerFactory.getLogger(QemuDriver.class);

  /** Offered first where the QEMU has it; what the driver takes where a spec says nothing. */
  private static final String DEFAULT_MACHINE = "q35";

  private final DriverContext context;
  private final QmpEventLoop loop;
  private final Hypervisor hypervisor;
  private final Accelerations accelerations;
  private final StorageDaemons storage;
  private final QemuBlock block;
  private final DomainSubsystem domains;
  private final QemuSnapshots snapshots;
  private final ToolMark mark;
  private final HostNode node = new HostNode();

  private QemuDriver(DriverContext context, QemuSettings settings, QmpEventLoop loop)
      throws IOException {
    this.context = context;
    this.loop = loop;
    this.mark = ToolMark.of(context.stateDirectory());
    Path probes = context.runtimeDirectory().resolve("probe");
    this.hypervisor =
        new Hypervisor(
            settings, new QemuProbe(loop, probes, context.stateDirectory().resolve("cache")));
    this.accelerations =
        new Accelerations(settings, new AccelerationProbe(probes, AccelerationProbe.DEFAULT_LIMIT));
    DomainBook book =
        new DomainBook(context.store(), context.clock(), context.events(), context.limits());
    JobBook jobs = new JobBook(context.store(), context.clock(), context.events());
    SnapshotBook snapshotBook =
        new SnapshotBook(context.store(), context.clock(), context.events());
    DomainLanes lanes = new DomainLanes(context.clock(), context.activities());
    LiveDomains lives = new LiveDomains();
    ImagePaths paths = new ImagePaths(settings.allowedDirectories());
    OpeningCheck opening = new OpeningCheck(paths);
    ImageTool tool = new ImageTool(settings.imageTool(), mark, paths);
    this.storage = new StorageDaemons(context, loop, settings.storageDaemon(), opening);
    lives.addListener(new SnapshotHolds(context.store()));
    this.block =
        QemuBlock.of(
            context, book, lanes, jobs, snapshotBook, lives, storage, paths, opening, tool);
    this.domains =
        new DomainSubsystem(
            context,
            loop,
            book,
            lanes,
            jobs,
            snapshotBook,
            lives,
            new RuntimeRecords(context.store()),
            paths,
            opening,
            hypervisor,
            accelerations);
    this.snapshots =
        new QemuSnapshots(
            context, book, lanes, jobs, snapshotBook, lives, domains.power(), block, paths, tool);
    lives.addListener(snapshots);
  }

  static QemuDriver open(DriverContext context, QemuSettings settings) {
    QmpEventLoop loop = new QmpEventLoop(context.activities());
    try {
      QemuDriver driver = new QemuDriver(context, settings, loop);
      driver.bringInLine();
      return driver;
    } catch (IOException e) {
      loop.close();
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_STATE_NOT_WRITABLE,
          "the directories of the QEMU driver cannot be used: " + e.getMessage(),
          "path",
          context.runtimeDirectory().toString());
    } catch (RuntimeException e) {
      loop.close();
      throw e;
    }
  }

  private void bringInLine() {
    mark.endLeftBehind();
    Hypervisor.State found = hypervisor.refresh();
    if (found.capabilities().isEmpty()) {
      logger.warn("No domain can be started: {}", found.unavailable());
    } else {
      // The first start must not wait for the probe of KVM, which takes seconds where it fails.
      context.blocking().execute(accelerations::best);
    }
    domains.adopt();
    block.workers().recover();
    snapshots.recover();
    block.queue().recover();
    domains.autostart();
  }

  @Override
  public DriverInfo info() {
    Hypervisor.State known = hypervisor.known();
    Optional<QemuCapabilities> capabilities = known.capabilities();
    return new DriverInfo(
        List.of("qemu://" + context.mode().uriPath()),
        "QEMU",
        capabilities.map(found -> found.version().toString()).orElse(""),
        capabilities.map(found -> found.binary().toString()).orElse(""),
        declared(),
        accelerations.known(),
        capabilities.map(QemuDriver::machines).orElse(List.of()),
        known.unavailable());
  }

  /**
   * Capabilities that no facet stands for; that of offline jobs needs a program of its own, and
   * that of internal snapshots a hypervisor that keeps memory of chosen disks.
   */
  private Set<Capability> declared() {
    EnumSet<Capability> declared =
        EnumSet.of(
            Capability.CAPABILITY_DOMAIN_TRANSIENT,
            Capability.CAPABILITY_DOMAIN_AUTOSTART,
            Capability.CAPABILITY_DOMAIN_ADOPTION,
            Capability.CAPABILITY_QEMU_ARGUMENTS,
            Capability.CAPABILITY_SNAPSHOT_OFFLINE,
            Capability.CAPABILITY_SNAPSHOT_REVERT,
            Capability.CAPABILITY_SNAPSHOT_IMPORT,
            Capability.CAPABILITY_SNAPSHOT_DELETE,
            Capability.CAPABILITY_SNAPSHOT_MEMORY,
            Capability.CAPABILITY_SNAPSHOT_MEMORY_LIVE,
            Capability.CAPABILITY_SNAPSHOT_COPY,
            Capability.CAPABILITY_GUEST_AGENT,
            Capability.CAPABILITY_JOB_POLICIES);
    boolean keepsInside =
        hypervisor
            .known()
            .capabilities()
            .filter(found -> found.schema().hasCommand("snapshot-save"))
            .isPresent();
    if (keepsInside) {
      declared.add(Capability.CAPABILITY_SNAPSHOT_INTERNAL);
    }
    if (storage.available()) {
      declared.add(Capability.CAPABILITY_BLOCK_JOBS_OFFLINE);
    }
    return declared;
  }

  private static List<String> machines(QemuCapabilities capabilities) {
    List<String> names = new ArrayList<>();
    if (capabilities.hasMachine(DEFAULT_MACHINE)) {
      names.add(DEFAULT_MACHINE);
    }
    for (MachineType machine : capabilities.machines()) {
      machine.alias().filter(alias -> !names.contains(alias)).ifPresent(names::add);
      if (!names.contains(machine.name())) {
        names.add(machine.name());
      }
    }
    return names;
  }

  @Override
  public NodeInfoSource node() {
    return node;
  }

  @Override
  public Domains domains() {
    return domains.domains();
  }

  @Override
  public Optional<Snapshots> snapshots() {
    return Optional.of(snapshots);
  }

  @Override
  public Optional<BlockJobs> blockJobs() {
    return Optional.of(new QueuedBlockJobs(block.blockJobs(), block.queue()));
  }

  @Override
  public Optional<ChainRepairs> chainRepairs() {
    return Optional.of(block.chainRepairs());
  }

  @Override
  public Optional<Jobs> jobs() {
    return Optional.of(new QueuedJobs(block.jobs(), block.queue()));
  }

  @Override
  public Optional<JobGroups> jobGroups() {
    return Optional.of(block.groups());
  }

  @Override
  public void close() {
    block.queue().close();
    snapshots.close();
    block.workers().close();
    storage.close();
    domains.close();
    loop.close();
  }
}
