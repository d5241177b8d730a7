package dev.drover.spi.queue;

import dev.drover.spi.block.Convergences;
import dev.drover.v1.Job;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The deadlines by which mirrors must be READY, of those that wait for their turn (R19). Safe for
 * any number of threads.
 */
final class QueueDeadlines {

  /** A deadline beyond this is none. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final InstantSource clock;
  private final QueueAlarm alarm;
  private final Set<String> overdue = ConcurrentHashMap.newKeySet();

  QueueDeadlines(InstantSource clock, QueueAlarm alarm) {
    this.clock = clock;
    this.alarm = alarm;
  }

  /**
   * Watches the deadline of a job that waits, where it has one. Not to be called under a lock,
   * since an alarm may take those of its driver.
   *
   * @param passed is run when it has passed, also where the job does not wait any more
   */
  void watch(Job job, Runnable passed) {
    Convergences.due(job)
        .map(due -> Duration.between(clock.instant(), due))
        .filter(left -> left.compareTo(LONGEST) < 0)
        .ifPresent(
            left ->
                alarm.after(
                    left.isNegative() ? Duration.ZERO : left,
                    () -> {
                      overdue.add(job.getId());
                      passed.run();
                    }));
  }

  /** Ids of jobs whose deadline has passed; each is told once. */
  List<String> passed() {
    List<String> ids = List.copyOf(overdue);
    ids.forEach(overdue::remove);
    return ids;
  }
}
