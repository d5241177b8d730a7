package dev.drover.qemu.block;

import dev.drover.qemu.domain.GuestFreeze;
import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.DurationWords;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobRules;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of one or several mirrors of a domain at one moment, with the guest held (D15). Each
 * job's worker still does the steps of its job; here they meet. None is told to end before the
 * guest is held, none is finalized before all stand at {@code pending} and the end of all is
 * decided in one transaction, and the guest goes on when all disks have changed over. Where that
 * was asked for, its file systems are frozen before it is held and thawed when it goes on (D14).
 * Where one does not get to {@code pending}, the end is given up while nothing is decided: jobs
 * that QEMU was not told to end are READY as before, the others can only be cancelled by now.
 *
 * <p>Nothing here outlives the daemon but what the journal says. A group that is found there goes
 * on from its recorded step, as a single job does.
 */
final class GroupEnd {

  private static final Logger logger = LoggerFactory.getLogger(GroupEnd.class);

  /** Longest time from the hold to the decision; a mirror that is READY takes milliseconds. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private final String id;
  private final List<GroupMember> members;
  private final JobMoves moves;
  private final Duration limit;
  private final Duration quiesce;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<String> pending = new HashSet<>();
  private final Set<String> over = new HashSet<>();
  private Phase phase;
  private volatile Optional<GuestFreeze> freeze = Optional.empty();
  private Optional<GuestHold> hold = Optional.empty();
  private volatile long heldSince;

  private enum Phase {
    /** The order is on record. */
    ORDERED,
    /** One worker is taking the hold. */
    HOLDING,
    /** The guest is held; the jobs are told to end. */
    HELD,
    /** The end of all is on record, or was when it was found. */
    DECIDED,
    /** One worker lets the guest go on. */
    RELEASING,
    /** All have changed over, and the guest goes on. */
    OVER,
    /** The end was given up undecided. */
    GIVEN_UP
  }

  /**
   * A group whose order is on record.
   *
   * @param limit longest time from the hold to the decision
   * @param quiesce longest time from the freeze to the decision; zero: nothing is frozen
   */
  GroupEnd(String id, List<GroupMember> members, JobMoves moves, Duration limit, Duration quiesce) {
    this.id = id;
    this.members = List.copyOf(members);
    this.moves = moves;
    this.quiesce = quiesce;
    this.limit = quiesce.isZero() || quiesce.compareTo(limit) > 0 ? limit : quiesce;
    boolean settled = members.stream().allMatch(member -> member.record().entry().step().settled());
    this.phase = settled ? Phase.OVER : Phase.ORDERED;
  }

  /**
   * Whether QEMU may be told to end a job that stands READY. The first one to ask holds the guest.
   */
  boolean mayEnd(JobRecord asking, BlockHost host, boolean told) {
    begin(host);
    giveUpWhenLate();
    if (!told && in(Phase.GIVEN_UP)) {
      asking.readyAgain();
      return false;
    }
    return in(Phase.HELD) || in(Phase.DECIDED);
  }

  private void begin(BlockHost host) {
    if (!take(Phase.ORDERED, Phase.HOLDING)) {
      return;
    }
    heldSince = System.nanoTime();
    try {
      requireUnblocked(host);
      if (needsFreeze()) {
        freeze = Optional.of(host.freezeGuest(id, quiesce));
      }
    } catch (DriverException e) {
      notBegun(new JobRecord.CallOff(String.valueOf(e.getMessage()), Optional.of(e)));
      return;
    } catch (QmpException e) {
      notBegun(
          new JobRecord.CallOff(
              "the hypervisor did not tell how the jobs stand: " + e.getMessage(),
              Optional.empty()));
      return;
    }
    try {
      GuestHold taken = host.holdGuest(id);
      locked(
          () -> {
            hold = Optional.of(taken);
            phase = isDecided() ? Phase.DECIDED : Phase.HELD;
            return true;
          });
      ringAll();
    } catch (DriverException | QmpException e) {
      notBegun(
          new JobRecord.CallOff(
              "the guest could not be held: " + e.getMessage(), Optional.empty()));
    }
  }

  /**
   * The order found no job blocked that was known to be; one may have become so since. What is
   * decided is carried out whatever holds a job.
   */
  private void requireUnblocked(BlockHost host) {
    if (isDecided()) {
      return;
    }
    Set<String> held =
        host.execute(new QueryCommand.QueryBlockJobs()).stream()
            .filter(Blockage::holds)
            .map(BlockJobInfo::id)
            .collect(Collectors.toSet());
    for (JobRecord record : records()) {
      if (held.contains(record.monitorId())) {
        throw JobRules.blocked(
            record.job(),
            "an I/O error holds it; mend the storage and resume the job, or cancel it");
      }
    }
  }

  private void notBegun(JobRecord.CallOff why) {
    locked(() -> phase = isDecided() ? Phase.DECIDED : Phase.HOLDING);
    giveUp(why);
  }

  /** What was decided needs no frozen file systems any more. */
  boolean needsFreeze() {
    return !quiesce.isZero() && needsHold() && !isDecided();
  }

  /** Whether an earlier run of the daemon decided: then one decision counts for all. */
  private boolean isDecided() {
    return members.stream()
        .map(member -> member.record().entry().step())
        .anyMatch(
            step -> step == JournalStep.FINALIZING || step.decidesForNewRoot() || step.settled());
  }

  /**
   * Whether a job that stands at {@code pending} may be finalized. The last one to come records the
   * decision for all; where the end was given up the job is cancelled here.
   */
  boolean mayFinalize(JobRecord standing, BlockHost host) {
    begin(host);
    decideWhenAllStand(standing);
    giveUpWhenLate();
    if (in(Phase.GIVEN_UP)) {
      JobSteps.callOff(host, standing);
    }
    return in(Phase.DECIDED) || in(Phase.RELEASING) || in(Phase.OVER);
  }

  private void decideWhenAllStand(JobRecord standing) {
    boolean decided;
    try {
      decided =
          locked(
              () -> {
                pending.add(standing.id());
                if (phase != Phase.HELD || pending.size() < members.size()) {
                  return false;
                }
                moves.step(records(), GroupEnd::decision);
                phase = Phase.DECIDED;
                return true;
              });
    } catch (DriverException e) {
      giveUp("the decision could not be recorded: " + e.getMessage());
      return;
    }
    if (decided) {
      ringAll();
    }
  }

  private static JournalStep decision(JobRecord record) {
    return record.entry().ending() == JobEnding.PIVOT
        ? JournalStep.DECIDED
        : JournalStep.FINALIZING;
  }

  /**
   * Notes that a disk has changed over as decided, or has kept its chain as decided.
   *
   * @return true once all have, and the guest goes on: the job may be tidied up and end
   */
  boolean changedOver(JobRecord changed, BlockHost host) {
    begin(host);
    if (done(changed)) {
      release();
    }
    return in(Phase.OVER) || in(Phase.GIVEN_UP);
  }

  /** Notes that the process of the jobs is gone: what is not decided by now never will be. */
  void hostEnded() {
    locked(
        () -> {
          if (isUndecided()) {
            phase = Phase.GIVEN_UP;
          }
          return true;
        });
  }

  private boolean isUndecided() {
    return phase == Phase.HOLDING || phase == Phase.HELD || phase == Phase.ORDERED;
  }

  /** Notes that a job ended in another way; the others are not ended for that reason. */
  void left(JobRecord gone, String why) {
    giveUp("job %s did not get to its end: %s".formatted(gone.id(), why));
    if (done(gone)) {
      release();
    }
  }

  /** True for the one who is to let the guest go on. */
  private boolean done(JobRecord record) {
    return locked(
        () -> {
          over.add(record.id());
          if (phase != Phase.DECIDED || over.size() < members.size()) {
            return false;
          }
          phase = Phase.RELEASING;
          return true;
        });
  }

  private void release() {
    letGo();
    locked(() -> phase = Phase.OVER);
    ringAll();
  }

  private void giveUpWhenLate() {
    boolean late =
        locked(() -> phase == Phase.HELD && System.nanoTime() - heldSince > limit.toNanos());
    if (late) {
      giveUp("not every job got to its end within %s".formatted(DurationWords.of(limit)));
    }
  }

  /** Gives the end up, unless it is decided. */
  void giveUp(String why) {
    giveUp(new JobRecord.CallOff(why, Optional.empty()));
  }

  private void giveUp(JobRecord.CallOff why) {
    boolean first =
        locked(
            () -> {
              boolean undecided = isUndecided();
              if (undecided) {
                phase = Phase.GIVEN_UP;
              }
              return undecided;
            });
    if (!first) {
      return;
    }
    logger.warn("The common end of {} is given up: {}", ids(), why.why());
    records().forEach(record -> record.callOff(why));
    letGo();
    ringAll();
  }

  private void letGo() {
    Optional<GuestHold> held = locked(() -> hold);
    held.ifPresent(GuestHold::close);
    freeze.ifPresent(GuestFreeze::close);
    Optional<Duration> pause = held.flatMap(GuestHold::pause);
    if (pause.isPresent()) {
      records().stream()
          .filter(record -> !record.ended())
          .forEach(record -> record.notePause(pause.get()));
    }
  }

  private boolean take(Phase from, Phase to) {
    return locked(
        () -> {
          if (phase != from) {
            return false;
          }
          phase = to;
          return true;
        });
  }

  private boolean in(Phase wanted) {
    return locked(() -> phase == wanted);
  }

  private void ringAll() {
    members.forEach(GroupMember::ring);
  }

  private List<JobRecord> records() {
    return members.stream().map(GroupMember::record).toList();
  }

  private List<String> ids() {
    return members.stream().map(member -> member.record().id()).toList();
  }

  /** Id of the group, under which the guest is held. */
  String id() {
    return id;
  }

  /** Whether the guest is, or will be, held for this group. */
  boolean needsHold() {
    return !in(Phase.OVER) && !in(Phase.GIVEN_UP);
  }

  /** True once no member is left. */
  boolean ended() {
    return records().stream()
        .allMatch(record -> record.ended() || record.state() == JobState.JOB_STATE_READY);
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
