package dev.drover.qemu.block;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.EventSignal;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.qemu.qmp.QueryCommand;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A worker's look at its job in QEMU. It asks QEMU, save in the two moments for which a caller or
 * the guest waits: an event that says {@code pending} is as good as an answer, since only the
 * daemon moves the job on from there; and a job that was READY when last seen is told to pivot at
 * once, which QEMU refuses where it is not READY any more. Of a job of one phase nobody waits for
 * that, and what it has done is only known at its end.
 */
final class JobSight {

  private final JobRecord record;
  private final BlockHost host;
  private final EventSubscription events;
  private final Consumer<QemuEvent.BlockJobError> onError;
  private Optional<BlockJobInfo> last = Optional.empty();
  private JobEnding endingThen = JobEnding.NONE;
  private boolean over;

  /**
   * Begins to look.
   *
   * @param events those of the job, from now on
   * @param onError told of each I/O error, before the job is seen to stand still
   */
  JobSight(
      JobRecord record,
      BlockHost host,
      EventSubscription events,
      Consumer<QemuEvent.BlockJobError> onError) {
    this.record = record;
    this.host = host;
    this.events = events;
    this.onError = onError;
  }

  /**
   * What was seen.
   *
   * @param job the job; empty where QEMU does not know it
   * @param asked whether QEMU was asked, so that all of it is of this moment and not its status
   *     alone
   */
  record Seen(Optional<BlockJobInfo> job, boolean asked) {}

  /** True once no more events come: whoever looks on subscribes anew first. */
  boolean over() {
    return over;
  }

  /**
   * Looks at the job.
   *
   * @param mustAsk whether everything is wanted as it is at this moment
   */
  Seen look(boolean mustAsk) {
    Heard heard = fetch();
    JobEnding before = endingThen;
    JournalEntry entry = record.entry();
    endingThen = entry.ending();
    Optional<BlockJobInfo> told = heard.moved().flatMap(status -> last.map(job -> job.at(status)));
    if (told.isEmpty() && !heard.anything() && before == JobEnding.NONE && pivots(entry)) {
      told = last.filter(job -> job.status() == JobStatus.READY);
    }
    if (!mustAsk && told.isPresent() && entry.work() instanceof JobWork.TwoPhase) {
      last = told;
      return new Seen(told, false);
    }
    last =
        host.execute(new QueryCommand.QueryBlockJobs()).stream()
            .filter(job -> job.id().equals(record.monitorId()))
            .findFirst();
    // What was on its way before the answer tells nothing new any more.
    var _ = fetch();
    return new Seen(last, true);
  }

  private static boolean pivots(JournalEntry entry) {
    return entry.ending() == JobEnding.PIVOT && entry.group().isEmpty();
  }

  /**
   * What was heard since the last look.
   *
   * @param anything whether there was any event
   * @param moved state on the way to the end that the last event tells of, where it does
   */
  private record Heard(boolean anything, Optional<JobStatus> moved) {}

  private Heard fetch() {
    boolean anything = false;
    Optional<JobStatus> moved = Optional.empty();
    Optional<EventSignal> next = over ? Optional.empty() : events.next(Duration.ZERO);
    while (next.isPresent() && !over) {
      anything = true;
      moved = Optional.empty();
      switch (next.get()) {
        case EventSignal.Terminal _ -> over = true;
        case EventSignal.Occurred occurred -> {
          switch (QemuEvent.of(occurred.event())) {
            case QemuEvent.BlockJobError error -> onError.accept(error);
            case QemuEvent.JobStatusChanged changed ->
                moved = Optional.of(changed.status()).filter(JobSight::isCertain);
            default -> {}
          }
          next = events.next(Duration.ZERO);
        }
      }
    }
    return new Heard(anything, moved);
  }

  private static boolean isCertain(JobStatus status) {
    return status == JobStatus.WAITING || status == JobStatus.PENDING;
  }
}
