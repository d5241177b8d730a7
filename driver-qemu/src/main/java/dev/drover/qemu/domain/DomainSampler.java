package dev.drover.qemu.domain;

import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QmpTimeoutException;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunStatus;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.EventKind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each QEMU from time to time whether it is there: one short question, and none to a QEMU that
 * has not answered the last one yet. So a hung QEMU becomes known though nobody calls it, the age
 * of what the model says stays small, and a monitor that was lost is connected again (R4).
 */
final class DomainSampler {

  private static final Logger logger = LoggerFactory.getLogger(DomainSampler.class);

  /**
   * A QEMU that stops right after it was asked is seen at the second look after that, well within
   * two seconds (R4).
   */
  private static final Duration PERIOD = Duration.ofMillis(900);

  /** A little less than a period: timers are not exact. */
  private static final Duration SHOWN_AFTER = PERIOD.multipliedBy(9).dividedBy(10);

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(3);

  private final DriverContext context;
  private final QmpEventLoop loop;
  private final DomainBook book;
  private final LiveDomains lives;
  private final DomainSupervisor supervisor;
  private final ScheduledFuture<?> timer;

  DomainSampler(
      DriverContext context,
      QmpEventLoop loop,
      DomainBook book,
      LiveDomains lives,
      DomainSupervisor supervisor) {
    this.context = context;
    this.loop = loop;
    this.book = book;
    this.lives = lives;
    this.supervisor = supervisor;
    this.timer =
        context
            .timers()
            .scheduleWithFixedDelay(
                this::lookAtAll, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void lookAtAll() {
    supervisor.list().forEach(this::look);
  }

  /** Looks at one QEMU, unless somebody does. Never blocks. */
  private void look(Supervision supervision) {
    Instant now = context.clock().instant();
    if (!supervision.tryLook(now)) {
      if (!now.isBefore(supervision.lookedSince().plus(SHOWN_AFTER))) {
        showLate(supervision);
      }
      return;
    }
    Optional<QmpConnection> connection = supervision.live().connection();
    if (connection.isEmpty()) {
      context.blocking().execute(() -> reconnect(supervision));
      return;
    }
    long moves = supervision.live().processors().moves();
    var _ =
        connection
            .get()
            .executeAsync(new QueryCommand.QueryStatus())
            .whenComplete((status, failure) -> answered(supervision, status, failure, moves));
  }

  /**
   * Shows that an answer is late, which may yet come: calls are not refused before it is given up.
   */
  private void showLate(Supervision supervision) {
    LiveDomain live = supervision.live();
    if (live.connection().isPresent()
        && supervision
            .silence()
            .hypervisorIsSilent(
                "no answer to query-status since %s".formatted(supervision.lookedSince()))) {
      logger.info("Domain {}: its hypervisor is late to answer query-status", live.name());
      show(supervision);
    }
  }

  private void show(Supervision supervision) {
    LiveDomain live = supervision.live();
    try {
      supervision.silence().show(book, live.uuid());
    } catch (RuntimeException e) {
      logger.debug("Domain {} ended while it was looked at", live.name(), e);
    }
  }

  private void answered(
      Supervision supervision,
      @Nullable RunStatus status,
      @Nullable Throwable failure,
      long moves) {
    try {
      if (status != null) {
        answering(supervision, status, moves);
      } else if (failure != null && timedOut(failure)) {
        silent(supervision, "query-status");
      } else {
        logger.debug("Domain {}: no answer", supervision.live().name(), failure);
      }
    } catch (RuntimeException e) {
      logger.debug("Domain {} ended while it was looked at", supervision.live().name(), e);
    } finally {
      supervision.lookEnded();
    }
  }

  private static boolean timedOut(Throwable failure) {
    return failure instanceof QmpTimeoutException
        || (failure instanceof CompletionException
            && failure.getCause() instanceof QmpTimeoutException);
  }

  private void answering(Supervision supervision, RunStatus status, long moves) {
    LiveDomain live = supervision.live();
    boolean shown = supervision.silence().hypervisorAnswers();
    if (live.markAnswering() || shown) {
      logger.info("Domain {}: its hypervisor answers again", live.name());
      supervision.silence().show(book, live.uuid());
      supervisor.observe(supervision, status, moves);
      lives.answering(live);
    } else {
      book.confirm(live.uuid());
    }
  }

  /** Notes that a QEMU did not answer a command in time. */
  void silent(Supervision supervision, String command) {
    LiveDomain live = supervision.live();
    Instant now = context.clock().instant();
    if (live.markSilent(new LiveDomain.Silence(command, now))) {
      logger.warn("Domain {}: its hypervisor does not answer {}", live.name(), command);
      showSilence(supervision, "no answer to %s since %s".formatted(command, now));
    }
  }

  private void showSilence(Supervision supervision, String detail) {
    if (supervision.silence().hypervisorIsSilent(detail)) {
      supervision.silence().show(book, supervision.live().uuid());
    }
  }

  private void reconnect(Supervision supervision) {
    try {
      // What the monitor told that was lost comes before what another one tells.
      if (supervision.process().isAlive() && supervision.eventsDrained().isDone()) {
        connect(supervision);
      }
    } catch (RuntimeException e) {
      logger.debug("Domain {} ended while it was connected", supervision.live().name(), e);
    } finally {
      supervision.lookEnded();
    }
  }

  /**
   * Connects to the monitor of a living QEMU, proves that it is the right one, brings the model in
   * line, and takes up the work on it.
   *
   * @return whether that succeeded; where it did not, the model says why
   */
  boolean connect(Supervision supervision) {
    LiveDomain live = supervision.live();
    Optional<QmpConnection> opened = Optional.empty();
    try {
      QmpConnection connection =
          QmpConnection.connect(
              loop, new RunFiles(live.runDirectory()).monitor(), CONNECT_DEADLINE);
      opened = Optional.of(connection);
      connection.serves(live.uuid(), live.name());
      if (connection.peer().pid() != live.pid()) {
        throw new IOException(
            "process %d answers on its monitor, not %d"
                .formatted(connection.peer().pid(), live.pid()));
      }
      EventSubscription events = DomainSupervisor.subscribe(connection);
      UUID uuid = connection.execute(new QueryCommand.QueryUuid());
      if (!uuid.equals(UUID.fromString(live.uuid()))) {
        throw new IOException("the machine behind its monitor has the uuid " + uuid);
      }
      long moves = live.processors().moves();
      RunStatus status = connection.execute(new QueryCommand.QueryStatus());
      var _ = supervision.silence().hypervisorAnswers();
      DomainTransitions.Transition seen =
          DomainTransitions.observed(live.processors().shown(status));
      book.observe(
          live.uuid(),
          EventKind.EVENT_KIND_DOMAIN_UPDATED,
          domain -> {
            if (domain.getState() == DomainState.DOMAIN_STATE_UNKNOWN) {
              domain.setReason(DomainStateReason.DOMAIN_STATE_REASON_ADOPTED);
            } else if (domain.getState() != seen.state()) {
              domain.setReason(seen.reason());
            }
            domain.setState(seen.state()).setDetail("");
            supervision.silence().show(domain);
          });
      // From here on it may be ordered to stop or to go on, which the look above knows nothing of.
      live.follow(events);
      live.connect(connection);
      boolean wasSilent = live.markAnswering();
      supervisor.follow(supervision, events);
      supervisor.observe(supervision, status, moves);
      lives.adopted(live);
      logger.info(
          "Domain {}: connected to process {}{}",
          live.name(),
          live.pid(),
          wasSilent ? ", which answers again" : "");
      return true;
    } catch (IOException | QmpException e) {
      opened.ifPresent(QmpConnection::close);
      notConnected(supervision, String.valueOf(e.getMessage()));
      return false;
    } catch (RuntimeException e) {
      opened.ifPresent(QmpConnection::close);
      throw e;
    }
  }

  private void notConnected(Supervision supervision, String why) {
    LiveDomain live = supervision.live();
    Instant now = context.clock().instant();
    if (live.markSilent(new LiveDomain.Silence("the connection to its monitor", now))) {
      logger.warn("Domain {}: process {} cannot be talked to: {}", live.name(), live.pid(), why);
      showSilence(supervision, "its monitor cannot be reached: %s".formatted(why));
    }
  }

  void close() {
    timer.cancel(false);
  }
}
