package dev.drover.qemu.domain;

import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.EventKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds at the start of the daemon what another run of it left: domains that go on are taken over,
 * starts that were never finished are ended (R2, R27). A process is known by pid, start time and
 * boot; that it is the domain is proved by its monitor.
 */
final class DomainAdopter {

  private static final Logger logger = LoggerFactory.getLogger(DomainAdopter.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

  private final DriverContext context;
  private final DomainBook book;
  private final LiveDomains lives;
  private final RuntimeRecords records;
  private final DomainSupervisor supervisor;
  private final DomainSampler sampler;

  DomainAdopter(
      DriverContext context,
      DomainBook book,
      LiveDomains lives,
      RuntimeRecords records,
      DomainSupervisor supervisor,
      DomainSampler sampler) {
    this.context = context;
    this.book = book;
    this.lives = lives;
    this.records = records;
    this.supervisor = supervisor;
    this.sampler = sampler;
  }

  /** Deals with every record; a QEMU that does not answer delays none of the others. */
  void adoptAll() {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (RuntimeRecord record : records.list()) {
      all.add(CompletableFuture.runAsync(() -> adopt(record), context.blocking()));
    }
    all.forEach(CompletableFuture::join);
  }

  private void adopt(RuntimeRecord record) {
    try {
      switch (record.phase()) {
        case STARTING -> endUnfinished(record);
        case RUNNING -> takeOver(record);
      }
    } catch (IOException e) {
      logger.error(
          "Domain {}: cannot tell whether process {} lives",
          record.domain().getSpec().getName(),
          record.pid(),
          e);
      enter(record, "the system does not tell about process %d: %s".formatted(record.pid(), e));
    }
  }

  private void endUnfinished(RuntimeRecord record) throws IOException {
    RunFiles files = new RunFiles(record.runDirectory());
    Optional<ProcessIdentity> identity = identity(record);
    if (identity.isPresent()) {
      Optional<QemuProcess> process = process(identity.get(), files);
      if (process.isPresent()) {
        logger.warn(
            "Domain {}: ending process {}, whose start was interrupted",
            record.domain().getSpec().getName(),
            identity.get().pid());
        kill(process.get());
      }
    }
    RunDirectories.removeSockets(files);
    records.delete(record.uuid());
  }

  /** The process may be known from the record or from the file written right after it was made. */
  private static Optional<ProcessIdentity> identity(RuntimeRecord record) throws IOException {
    if (record.pid() != 0) {
      return Optional.of(new ProcessIdentity(record.pid(), record.startTicks(), record.bootId()));
    }
    return ProcessIdentity.read(record.runDirectory().resolve(QemuProcess.IDENTITY_FILE));
  }

  private Optional<QemuProcess> process(ProcessIdentity identity, RunFiles files)
      throws IOException {
    return QemuProcess.adopt(identity, files.output(), context.timers(), LOOK_INTERVAL);
  }

  private static void kill(QemuProcess process) throws IOException {
    try {
      if (process.kill().isEmpty()) {
        throw new IOException("process " + process.pid() + " cannot be killed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ending process " + process.pid(), e);
    }
  }

  private void takeOver(RuntimeRecord record) throws IOException {
    RunFiles files = new RunFiles(record.runDirectory());
    ProcessIdentity identity =
        new ProcessIdentity(record.pid(), record.startTicks(), record.bootId());
    Optional<QemuProcess> process = process(identity, files);
    if (process.isEmpty()) {
      goneMeanwhile(record, files);
      return;
    }
    enter(record, "");
    LiveDomain live = new LiveDomain(record, records, context.timers());
    lives.add(live);
    Supervision supervision = supervisor.supervise(live, process.get());
    live.observeSilence(command -> sampler.silent(supervision, command));
    if (sampler.connect(supervision)) {
      return;
    }
    book.observe(
        record.uuid(),
        EventKind.EVENT_KIND_DOMAIN_UPDATED,
        status ->
            status
                .setState(DomainState.DOMAIN_STATE_UNKNOWN)
                .setDetail(
                    "process %d lives, but %s"
                        .formatted(record.pid(), status.getUnresponsiveDetail())));
  }

  private void goneMeanwhile(RuntimeRecord record, RunFiles files) {
    String name = record.domain().getSpec().getName();
    logger.warn("Domain {}: process {} has ended while the daemon did not run", name, record.pid());
    records.delete(record.uuid());
    RunDirectories.removeSockets(files);
    if (book.find(record.uuid()).isPresent()) {
      book.observe(
          record.uuid(),
          EventKind.EVENT_KIND_DOMAIN_UPDATED,
          status ->
              status
                  .setReason(DomainStateReason.DOMAIN_STATE_REASON_UNSPECIFIED)
                  .setDetail(
                      "process %d ended while the daemon did not run".formatted(record.pid())));
    } else {
      RunDirectories.remove(files);
    }
  }

  /** Enters a domain into the model as its record describes it. */
  private void enter(RuntimeRecord record, String unknown) {
    DomainStatus then = record.domain().getStatus();
    DomainSpec spec = then.getLiveSpec();
    if (book.find(record.uuid()).isEmpty()) {
      Domain added = book.addTransient(spec);
      logger.debug("Domain {} is transient", added.getSpec().getName());
    }
    book.observe(
        record.uuid(),
        EventKind.EVENT_KIND_DOMAIN_UPDATED,
        status ->
            status
                .setId(then.getId())
                .setState(DomainState.DOMAIN_STATE_UNKNOWN)
                .setReason(DomainStateReason.DOMAIN_STATE_REASON_UNSPECIFIED)
                .setDetail(unknown)
                .setStartTime(then.getStartTime())
                .setAcceleration(then.getAcceleration())
                .setAccelerationDetail(then.getAccelerationDetail())
                .setProcessId(record.pid())
                .setLiveSpec(spec)
                .clearSerialLogPaths()
                .addAllSerialLogPaths(then.getSerialLogPathsList())
                .setCurrentMemoryBytes(then.getCurrentMemoryBytes()));
  }
}
