package dev.drover.server.activity;

import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the jobs that go on last moved: changed their state or got further. It holds as much as
 * there are such jobs.
 */
public final class JobPulse implements EventListener {

  private final long start = System.nanoTime();
  private final Map<Key, Move> moves = new ConcurrentHashMap<>();

  private record Key(String scheme, String job) {}

  private record Move(JobState state, long offset, long total, long atNanos) {

    boolean saysSame(Job job) {
      return state == job.getState()
          && offset == job.getProgress().getOffsetBytes()
          && total == job.getProgress().getTotalBytes();
    }
  }

  @Override
  public void told(String scheme, DriverEvent event) {
    if (!(event instanceof DriverEvent.JobEvent told)) {
      return;
    }
    Job job = told.job();
    Key key = new Key(scheme, job.getId());
    if (JobTransitions.terminal(job.getState())) {
      moves.remove(key);
      return;
    }
    Move now =
        new Move(
            job.getState(),
            job.getProgress().getOffsetBytes(),
            job.getProgress().getTotalBytes(),
            System.nanoTime());
    moves.merge(key, now, (known, _) -> known.saysSame(job) ? known : now);
  }

  /** Time since a job last moved; since the daemon started where it has not moved since. */
  public Duration still(String scheme, String jobId) {
    long since =
        Optional.ofNullable(moves.get(new Key(scheme, jobId))).map(Move::atNanos).orElse(start);
    return Duration.ofNanos(System.nanoTime() - since);
  }
}
