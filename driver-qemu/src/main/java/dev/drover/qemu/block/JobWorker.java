package dev.drover.qemu.block;

import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.activity.JobTurn;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one job from its start to its end, on a thread of its own, the only one that does steps
 * of it. It wakes when an event of the job or an order rings, and twice a second for progress; then
 * it looks at the job in QEMU and lets the flow do what that state asks for. Where the monitor is
 * lost it waits to be told of a new one, or of the end of the process.
 */
final class JobWorker implements GroupMember {

  private static final Logger logger = LoggerFactory.getLogger(JobWorker.class);
  private static final Duration SAMPLE_INTERVAL = Duration.ofMillis(500);
  private static final Duration DETACHED_INTERVAL = Duration.ofSeconds(30);
  private static final Duration SETTLE_INTERVAL = Duration.ofSeconds(10);
  private static final Duration AGAIN_INTERVAL = Duration.ofSeconds(10);

  /** What a job has come to when it has ended; the journal has no entry of it any more. */
  private static final String ENDED = "ENDED";

  private static final String GIVEN_UP =
      "it was given up before its image could be put back as it was";

  private final JobRecord record;
  private final JobFlow flow;
  private final JobProgressMeter meter;
  private final Blockage blockage;
  private final ConvergenceWatch convergence;
  private final CountingHold counting;
  private final Activities activities;
  private final JobEnds ends;
  private final JobBell bell = new JobBell();
  private final AtomicReference<Place> place = new AtomicReference<>(new Place.Detached());
  private final CompletableFuture<Boolean> attempted = new CompletableFuture<>();
  private final CompletableFuture<Boolean> done = new CompletableFuture<>();
  private String lastTrouble = "";
  private volatile boolean unclosable;
  private volatile boolean givenUp;

  /** Where the worker finds its job. */
  private sealed interface Place {
    /** The process runs and its monitor is connected, as far as is known. */
    record Attached(BlockHost host) implements Place {}

    /** The process runs, its monitor is lost. */
    record Detached() implements Place {}

    /** The process is gone. */
    record Ended(HostEnd end) implements Place {}

    /** The daemon stops; the job is left as it is. */
    record Closing() implements Place {}
  }

  JobWorker(JobRecord record, JobBook book, InstantSource clock, FlowTools tools) {
    this.record = record;
    this.flow =
        switch (record.entry().work()) {
          case JobWork.OnePhase work -> new OnePhaseFlow(record, work, tools);
          case JobWork.TwoPhase work -> new TwoPhaseFlow(record, work, tools);
        };
    this.meter = new JobProgressMeter(book, clock, record.id());
    this.blockage = new Blockage(record, clock);
    this.convergence = new ConvergenceWatch(record, meter, clock);
    this.counting = new CountingHold(record.id());
    this.activities = tools.activities();
    this.ends = tools.ends();
  }

  @Override
  public JobRecord record() {
    return record;
  }

  /**
   * Begins to follow the job.
   *
   * @param afterwards runs after the last step, before {@link #done} completes
   */
  void start(Executor executor, Runnable afterwards) {
    executor.execute(
        () -> {
          boolean ended = false;
          try {
            ended = run();
          } finally {
            counting.close();
            convergence.close();
            afterwards.run();
            done.complete(ended);
            attempted.complete(ended);
          }
        });
  }

  /** The hold of the guest in which QEMU counts what there is to copy. */
  CountingHold counting() {
    return counting;
  }

  /** Wakes the worker, since an order was recorded or its group has moved on. */
  @Override
  public void ring() {
    bell.ring();
  }

  /**
   * Lets a blocked job try again at once.
   *
   * @return true once it was let try, or was not blocked any more
   */
  BooleanSupplier resume() {
    BooleanSupplier tried = blockage.ask();
    bell.ring();
    return tried;
  }

  /**
   * Gives a job up whose process is gone, and that cannot be closed: it ends without anybody having
   * seen what its disk's chain is.
   *
   * @return false where the job is none of those
   */
  boolean giveUp() {
    if (!unclosable) {
      return false;
    }
    givenUp = true;
    bell.ring();
    return true;
  }

  /** Tells the process that runs the job, once it is known or known anew. */
  void attach(BlockHost host) {
    record.noteMade(host.openFiles());
    move(new Place.Attached(host));
    host.whenGone(this::hostEnded);
  }

  /** Tells that the process is gone. */
  void hostEnded(HostEnd end) {
    move(new Place.Ended(end));
  }

  /** Tells that the daemon stops. */
  void close() {
    move(new Place.Closing());
  }

  /** Completes when the worker has done its last step: true where the job has ended. */
  CompletableFuture<Boolean> done() {
    return done;
  }

  /** Completes when the worker has tried once to close a job whose process is gone, or is done. */
  CompletableFuture<Boolean> attempted() {
    return attempted;
  }

  private void move(Place next) {
    place.updateAndGet(
        current ->
            switch (current) {
              case Place.Closing closing -> closing;
              case Place.Ended ended -> next instanceof Place.Attached ? ended : next;
              case Place.Attached _, Place.Detached _ -> next;
            });
    bell.ring();
  }

  private boolean run() {
    try {
      while (!record.ended()) {
        Place now = place.get();
        try {
          switch (now) {
            case Place.Attached attached -> follow(attached);
            case Place.Detached _ -> bell.await(DETACHED_INTERVAL);
            case Place.Ended gone -> settle(gone.end());
            case Place.Closing _ -> {
              return false;
            }
          }
        } catch (RuntimeException e) {
          goOnLater(e);
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What nobody foresaw leaves the job where it is on record, from where it is tried again. */
  private void goOnLater(RuntimeException failure) throws InterruptedException {
    logger.error(
        "Job {} of domain {} cannot be followed; it is tried again in {} s",
        record.id(),
        record.entry().domainUuid(),
        AGAIN_INTERVAL.toSeconds(),
        failure);
    attempted.complete(false);
    bell.await(AGAIN_INTERVAL);
  }

  /** Closes the job without its process; what prevents it is shown, and tried again. */
  private void settle(HostEnd end) throws InterruptedException {
    int asked = blockage.asked();
    JournalStep from = record.entry().step();
    try (JobTurn turn = turn()) {
      counting.hostEnded();
      convergence.hostEnded();
      flow.settleWithoutHost(end);
      tell(turn, from);
    } catch (DriverException e) {
      if (givenUp) {
        ends.diverged(record, GIVEN_UP, record.entry().before());
        return;
      }
      standStill(end, String.valueOf(e.getMessage()));
      blockage.answer(asked);
      attempted.complete(false);
      bell.await(SETTLE_INTERVAL);
    }
  }

  /** Shows why the job is still there. Only where no new root was decided it may be given up. */
  private void standStill(HostEnd end, String why) {
    unclosable =
        record.entry().work() instanceof JobWork.OnePhase && !record.entry().step().settled();
    if (why.equals(lastTrouble)) {
      return;
    }
    lastTrouble = why;
    logger.error(
        "Job {} of domain {} cannot be closed yet; the domain cannot be started before: {}",
        record.id(),
        record.entry().domainUuid(),
        why);
    record.blocked(
        ErrorReason.ERROR_REASON_JOB_IO_ERROR,
        ("it cannot be closed, and the domain not be started: %s (the hypervisor is gone: %s);"
                + " mend that, after which it is closed by itself%s")
            .formatted(why, end.detail(), unclosable ? ", or cancel the job to give it up" : ""));
  }

  /** Follows the job in one process until it ends or the place changes. */
  private void follow(Place.Attached attached) throws InterruptedException {
    BlockHost host = attached.host();
    try (EventSubscription events = host.subscribe(this::concerns, bell::ring)) {
      JobSight sight = new JobSight(record, host, events, blockage::heard);
      boolean rung = false;
      while (place.get().equals(attached) && !sight.over()) {
        if (turn(host, sight, !rung || blockage.needsLook())) {
          return;
        }
        rung = bell.await(counting.sleep(convergence.sleep(SAMPLE_INTERVAL)));
      }
    } catch (DriverException | QmpException e) {
      trouble(host, e);
      bell.await(SAMPLE_INTERVAL);
    }
  }

  private boolean turn(BlockHost host, JobSight sight, boolean ask) {
    JournalStep from = record.entry().step();
    try (JobTurn turn = turn()) {
      boolean ended = act(host, sight.look(ask));
      tell(turn, from);
      return ended;
    }
  }

  private JobTurn turn() {
    return record.known().map(activities::turn).orElse(JobTurn.UNOBSERVED);
  }

  /** Tells how far the job has come in a turn, where it has moved. */
  private void tell(JobTurn turn, JournalStep from) {
    JournalStep now = record.entry().step();
    if (record.ended()) {
      turn.reached(ENDED);
    } else if (now != from) {
      turn.reached(now.name());
    }
  }

  private boolean act(BlockHost host, JobSight.Seen look) {
    Optional<BlockJobInfo> seen = look.job();
    if (look.asked()) {
      seen.ifPresent(meter::note);
      seen.ifPresent(info -> blockage.note(host, info));
    }
    counting.look(host, seen);
    convergence.look(host, seen);
    boolean ended = flow.turn(host, seen);
    lastTrouble = "";
    return ended;
  }

  private void trouble(BlockHost host, RuntimeException failure) {
    String text = String.valueOf(failure.getMessage());
    if (!text.equals(lastTrouble)) {
      lastTrouble = text;
      logger.warn("Job {} of domain {} waits: {}", record.id(), host.domainName(), text);
    }
  }

  private boolean concerns(QmpEvent event) {
    return switch (event.name()) {
      case "JOB_STATUS_CHANGE" -> is(event, "id");
      case "BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED", "BLOCK_JOB_ERROR" -> is(event, "device");
      default -> false;
    };
  }

  private boolean is(QmpEvent event, String field) {
    return event.data().path(field).asText().equals(record.monitorId());
  }
}
