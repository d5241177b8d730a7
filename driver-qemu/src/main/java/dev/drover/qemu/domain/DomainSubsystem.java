package dev.drover.qemu.domain;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.Domains;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts together what makes domains live, and runs it from the driver's start to its end. */
public final class DomainSubsystem implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(DomainSubsystem.class);
  private static final Duration AUTOSTART_DEADLINE = Duration.ofMinutes(1);

  private final DriverContext context;
  private final DomainBook book;
  private final DomainSupervisor supervisor;
  private final DomainSampler sampler;
  private final StorageSampler storage;
  private final DomainAdopter adopter;
  private final QemuDomains domains;
  private final DomainPower power;

  /**
   * Puts it together; nothing happens yet.
   *
   * @param lives register to which every listener is added before {@link #adopt}
   */
  public DomainSubsystem(
      DriverContext context,
      QmpEventLoop loop,
      DomainBook book,
      DomainLanes lanes,
      JobBook jobs,
      SnapshotBook snapshots,
      LiveDomains lives,
      RuntimeRecords records,
      ImagePaths paths,
      OpeningCheck opening,
      Hypervisor hypervisor,
      Accelerations accelerations) {
    this.context = context;
    this.book = book;
    this.supervisor = new DomainSupervisor(context, book, lanes, lives, records, snapshots);
    this.sampler = new DomainSampler(context, loop, book, lives, supervisor);
    this.storage = new StorageSampler(context, book, supervisor);
    this.adopter = new DomainAdopter(context, book, lives, records, supervisor, sampler);
    StartChecks checks = new StartChecks(paths);
    DomainLauncher launcher =
        new DomainLauncher(
            context,
            loop,
            book,
            lives,
            records,
            supervisor,
            sampler,
            new ChainReader(paths),
            snapshots.owned(),
            hypervisor,
            accelerations,
            checks,
            opening);
    this.power = new DomainPower(context, book, lives, supervisor, launcher);
    this.domains =
        new QemuDomains(
            context,
            book,
            lanes,
            jobs,
            snapshots,
            lives,
            supervisor,
            launcher,
            power,
            checks,
            hypervisor);
  }

  /** The facet. */
  public Domains domains() {
    return domains;
  }

  /** Starts and ends domains for those who hold their lanes. */
  public DomainPower power() {
    return power;
  }

  /** Finds the domains of an earlier run. To be done once, before anything is served. */
  public void adopt() {
    adopter.adoptAll();
  }

  /**
   * Starts the domains that start with the daemon and do not run; one that cannot be started is
   * logged and shown with the reason, and the others go on. To be done when jobs are in line.
   */
  public void autostart() {
    for (Domain domain : book.list()) {
      if (!domain.getStatus().getAutostart()
          || DomainStates.active(domain)
          || domain.getStatus().getState() == DomainState.DOMAIN_STATE_UNKNOWN) {
        continue;
      }
      CallContext call =
          new CallContext(
              Caller.DAEMON,
              "autostart " + domain.getSpec().getName(),
              context.clock().instant().plus(AUTOSTART_DEADLINE),
              () -> false);
      try {
        domains.start(call, domain, false);
      } catch (DriverException e) {
        logger.error("Domain {} cannot be started with the daemon", domain.getSpec().getName(), e);
      }
    }
  }

  @Override
  public void close() {
    sampler.close();
    storage.close();
    supervisor.close();
  }
}
