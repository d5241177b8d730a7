package dev.drover.qemu.domain;

import dev.drover.qemu.agent.GuestAgentClient;
import dev.drover.qemu.agent.GuestAgentException;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.qmp.CharacterDeviceInfo;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only place from which the file systems of a running domain's guest are frozen and thawed
 * (D14, R22), through the agent in the guest. That they are going to be frozen is durable before
 * the agent is asked, so that they are thawed whatever becomes of this daemon: the next one finds
 * it on record. An agent answers only while its guest's processors run.
 */
public final class GuestFileSystems {

  private static final Logger logger = LoggerFactory.getLogger(GuestFileSystems.class);

  /** Longest wait for an agent to thaw; one that works takes milliseconds. */
  private static final Duration THAW_LIMIT = Duration.ofSeconds(5);

  /** Time between two attempts to thaw. */
  private static final Duration THAW_INTERVAL = Duration.ofSeconds(2);

  /** Longest wait for another freeze or thaw of the same guest. */
  private static final Duration TURN_LIMIT = Duration.ofSeconds(90);

  private final LiveDomain live;
  private final ScheduledExecutorService timers;
  private final Semaphore turn = new Semaphore(1, true);
  private final Set<String> atWork = ConcurrentHashMap.newKeySet();

  GuestFileSystems(LiveDomain live, ScheduledExecutorService timers) {
    this.live = live;
    this.timers = timers;
  }

  /**
   * Refuses where no agent can be asked.
   *
   * @throws DriverException GUEST_AGENT_UNAVAILABLE: the domain runs without the channel, its guest
   *     does not run, or nothing in it has opened the channel; what a monitor command raises
   */
  public void requireAgent() {
    if (!live.record().domain().getStatus().getLiveSpec().hasGuestAgent()) {
      throw unavailable("it was started without guest_agent in its spec");
    }
    if (!live.execute(new QueryCommand.QueryStatus()).running()) {
      throw unavailable("its guest does not run");
    }
    boolean open =
        live.execute(new QueryCommand.QueryCharacterDevices()).stream()
            .filter(device -> device.label().equals(RunFiles.AGENT))
            .anyMatch(CharacterDeviceInfo::frontendOpen);
    if (!open) {
      throw unavailable("nothing in its guest has opened the agent's channel");
    }
  }

  /**
   * Freezes the file systems. Where they are frozen on record for this owner already, by an earlier
   * run of the daemon, it is taken up again.
   *
   * @param owner id of the job or group that needs it
   * @param atMost longest wait for the agent, and for another freeze or thaw of the same guest
   *     before it
   * @throws DriverException as {@link #requireAgent}; GUEST_AGENT_FAILED; DOMAIN_BUSY; the file
   *     systems are thawed then, or will be
   */
  public GuestFreeze freeze(String owner, Duration atMost) {
    atWork.add(owner);
    boolean frozen = false;
    int fileSystems = 0;
    long end = System.nanoTime() + atMost.toNanos();
    try {
      takeTurn(atMost.compareTo(TURN_LIMIT) < 0 ? atMost : TURN_LIMIT);
    } catch (DriverException e) {
      atWork.remove(owner);
      throw e;
    }
    try {
      if (!live.record().guest().frozen() || !isWanted("")) {
        requireAgent();
        live.update(record -> record.withGuest(record.guest().freezingFor(owner)));
        fileSystems = ask(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        live.update(record -> record.withGuest(record.guest().nowFrozen()));
      } else {
        live.update(record -> record.withGuest(record.guest().freezingFor(owner)));
      }
      frozen = true;
      return new Frozen(owner, fileSystems > 0);
    } finally {
      turn.release();
      if (!frozen) {
        // A silent agent may have frozen them all the same; whoever asked does not wait for it
        // again.
        atWork.remove(owner);
        thawAbandoned();
      }
    }
  }

  private int ask(Duration atMost) {
    try {
      int count = agent().freeze(atMost);
      logger.debug("Domain {}: {} file systems are frozen", live.name(), count);
      return count;
    } catch (GuestAgentException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED,
          "the file systems of domain '%s' were not frozen: %s; look after the agent in the guest, or go on without quiesce"
              .formatted(live.name(), e.getMessage()),
          "domain",
          live.name(),
          "command",
          "guest-fsfreeze-freeze");
    }
  }

  /** Keeps a freeze of an earlier run of the daemon for its owner, which takes it up soon. */
  public void claim(String owner) {
    atWork.add(owner);
  }

  /**
   * Thaws what is frozen for owners that are not there any more, without waiting for it. To be
   * called when QEMU answers, once owners that go on have claimed theirs.
   */
  public void thawAbandoned() {
    if (live.record().guest().freezers().stream().anyMatch(owner -> !atWork.contains(owner))) {
      Thread.startVirtualThread(this::thawEveryAbandoned);
    }
  }

  private void thawEveryAbandoned() {
    for (String owner : live.record().guest().freezers()) {
      if (!atWork.contains(owner)) {
        thaw(owner);
      }
    }
  }

  private final class Frozen implements GuestFreeze {

    private final String owner;
    private final boolean frozeAny;

    private Frozen(String owner, boolean frozeAny) {
      this.owner = owner;
      this.frozeAny = frozeAny;
    }

    @Override
    public boolean frozeAny() {
      return frozeAny;
    }

    @Override
    public void close() {
      release(owner);
    }
  }

  private void release(String owner) {
    atWork.remove(owner);
    thaw(owner);
  }

  private void thaw(String owner) {
    try {
      takeTurn(TURN_LIMIT);
    } catch (DriverException e) {
      again(e);
      return;
    }
    try {
      GuestInterventions now = live.record().guest();
      if (!now.freezers().contains(owner)) {
        return;
      }
      boolean wanted = isWanted(owner);
      if (!wanted) {
        int count = agent().thaw(THAW_LIMIT);
        logger.debug("Domain {}: {} file systems are thawed", live.name(), count);
      }
      live.update(
          record -> {
            GuestInterventions less = record.guest().withoutFreezer(owner);
            return record.withGuest(wanted ? less : less.nowThawed());
          });
    } catch (GuestAgentException e) {
      if (e.kind() == GuestAgentException.Kind.NO_CHANNEL) {
        logger.info("Domain {} has ended, and with it what was frozen", live.name(), e);
      } else {
        again(e);
      }
    } catch (DriverException e) {
      again(e);
    } finally {
      turn.release();
    }
  }

  /** Whether they are frozen for somebody who is there, apart from one owner. */
  private boolean isWanted(String apartFrom) {
    return live.record().guest().freezers().stream()
        .anyMatch(owner -> !owner.equals(apartFrom) && atWork.contains(owner));
  }

  private void again(Exception why) {
    logger.warn(
        "Domain {}: file systems may still be frozen, thawing is tried again in {} s: {}",
        live.name(),
        THAW_INTERVAL.toSeconds(),
        why.getMessage());
    try {
      var _ =
          timers.schedule(
              () -> Thread.startVirtualThread(this::thawEveryAbandoned),
              THAW_INTERVAL.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      logger.info("Domain {}: the next run of the daemon thaws it", live.name(), e);
    }
  }

  private GuestAgentClient agent() {
    return new GuestAgentClient(new RunFiles(live.runDirectory()).agent(), timers);
  }

  private DriverException unavailable(String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE,
        "the guest's agent of domain '%s' cannot be asked: %s; see to it that qemu-guest-agent runs in the guest, or go on without quiesce"
            .formatted(live.name(), why),
        "domain",
        live.name());
  }

  /** One exchange at a time; each ends within its own limit, and so does the wait. */
  private void takeTurn(Duration atMost) {
    try {
      if (turn.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the call was given up");
    }
    throw DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_BUSY,
        "another quiesce of domain '%s' has not ended; try again".formatted(live.name()),
        "domain",
        live.name());
  }
}
