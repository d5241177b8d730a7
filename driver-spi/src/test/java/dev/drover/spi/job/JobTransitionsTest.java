package dev.drover.spi.job;

import static dev.drover.v1.JobState.JOB_STATE_CANCELLED;
import static dev.drover.v1.JobState.JOB_STATE_CANCELLING;
import static dev.drover.v1.JobState.JOB_STATE_FAILED;
import static dev.drover.v1.JobState.JOB_STATE_FINALIZING;
import static dev.drover.v1.JobState.JOB_STATE_PENDING;
import static dev.drover.v1.JobState.JOB_STATE_PIVOTING;
import static dev.drover.v1.JobState.JOB_STATE_READY;
import static dev.drover.v1.JobState.JOB_STATE_RUNNING;
import static dev.drover.v1.JobState.JOB_STATE_SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.drover.v1.Job;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobTransitionsTest {

  /** Every move there is; whatever is not here must be refused. */
  private static final Map<JobState, Set<JobState>> TABLE =
      Map.of(
          JOB_STATE_PENDING,
          Set.of(JOB_STATE_RUNNING, JOB_STATE_FAILED, JOB_STATE_CANCELLED),
          JOB_STATE_RUNNING,
          Set.of(
              JOB_STATE_READY,
              JOB_STATE_CANCELLING,
              JOB_STATE_FINALIZING,
              JOB_STATE_FAILED,
              JOB_STATE_CANCELLED),
          JOB_STATE_READY,
          Set.of(
              JOB_STATE_PIVOTING,
              JOB_STATE_CANCELLING,
              JOB_STATE_FINALIZING,
              JOB_STATE_FAILED,
              JOB_STATE_CANCELLED),
          JOB_STATE_PIVOTING,
          Set.of(JOB_STATE_READY, JOB_STATE_FINALIZING, JOB_STATE_FAILED, JOB_STATE_CANCELLED),
          JOB_STATE_CANCELLING,
          Set.of(JOB_STATE_READY, JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED),
          JOB_STATE_FINALIZING,
          Set.of(JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED));

  @ParameterizedTest
  @EnumSource
  void onlyTheMovesOfTheTableAreAllowed(JobState from) {
    Set<JobState> expected = TABLE.getOrDefault(from, Set.of());
    for (JobState to : JobState.values()) {
      assertThat(JobTransitions.allowed(from, to))
          .as("%s -> %s", from, to)
          .isEqualTo(expected.contains(to));
    }
  }

  @Test
  void endedJobsNeverMoveAgain() {
    for (JobState ended : EnumSet.of(JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED)) {
      assertThat(JobTransitions.terminal(ended)).isTrue();
    }
    for (JobState going : TABLE.keySet()) {
      assertThat(JobTransitions.terminal(going)).isFalse();
    }
  }

  @Test
  void everyStateThatGoesOnCanReachAnEnd() {
    for (JobState state : TABLE.keySet()) {
      Set<JobState> reached = EnumSet.of(state);
      boolean grew = true;
      while (grew) {
        Set<JobState> next = EnumSet.copyOf(reached);
        reached.forEach(known -> next.addAll(TABLE.getOrDefault(known, Set.of())));
        grew = reached.addAll(next);
      }
      assertThat(reached).as("from %s", state).contains(JOB_STATE_SUCCEEDED);
    }
  }

  private static final Timestamp NOW = Timestamp.newBuilder().setSeconds(100).build();
  private static final Timestamp BEFORE = Timestamp.newBuilder().setSeconds(7).build();

  private static Job job(JobState state) {
    return Job.newBuilder().setId("j1").setState(state).setRevision(4).build();
  }

  private static Job moved(Job job, JobState next) {
    return JobTransitions.moved(job, next, _ -> {}, NOW);
  }

  @Test
  void aMoveIsTheNextRevisionWithWhatElseIsToBeChanged() {
    Job ready =
        JobTransitions.moved(
            job(JOB_STATE_RUNNING), JOB_STATE_READY, job -> job.setOwner("ada"), NOW);
    assertThat(ready.getState()).isEqualTo(JOB_STATE_READY);
    assertThat(ready.getRevision()).isEqualTo(5);
    assertThat(ready.getOwner()).isEqualTo("ada");
  }

  @Test
  void aTimeIsThatOfTheFirstTime() {
    assertThat(moved(job(JOB_STATE_PENDING), JOB_STATE_RUNNING).getStartTime()).isEqualTo(NOW);
    Job started = job(JOB_STATE_PENDING).toBuilder().setStartTime(BEFORE).build();
    assertThat(moved(started, JOB_STATE_RUNNING).getStartTime()).isEqualTo(BEFORE);
    assertThat(moved(job(JOB_STATE_PENDING), JOB_STATE_FAILED).hasStartTime())
        .as("what never ran has no start")
        .isFalse();
    Job wasReady = job(JOB_STATE_PIVOTING).toBuilder().setReadyTime(BEFORE).build();
    assertThat(moved(wasReady, JOB_STATE_READY).getReadyTime()).isEqualTo(BEFORE);
    assertThat(moved(job(JOB_STATE_RUNNING), JOB_STATE_FAILED).hasReadyTime()).isFalse();
  }

  /** R29: a job that runs may show the place of a step of it, which waits. */
  @Test
  void aPlaceInTheQueueIsGoneOnceTheJobBeginsOrEnds() {
    QueuePlace place = QueuePlace.newBuilder().setPosition(2).build();
    Job waits = job(JOB_STATE_PENDING).toBuilder().setQueuePlace(place).build();
    Job runs = waits.toBuilder().setState(JOB_STATE_RUNNING).build();
    assertThat(moved(waits, JOB_STATE_RUNNING).hasQueuePlace()).isFalse();
    assertThat(moved(runs, JOB_STATE_FAILED).hasQueuePlace()).isFalse();
    assertThat(moved(runs, JOB_STATE_CANCELLING).getQueuePlace()).isEqualTo(place);
  }

  @Test
  void aJobThatHasEndedGetsNoFurther() {
    Job runs =
        job(JOB_STATE_RUNNING).toBuilder()
            .setProgress(
                JobProgress.newBuilder()
                    .setOffsetBytes(9)
                    .setRateBytesPerSecond(5)
                    .setRemainingMilliseconds(8))
            .build();
    assertThat(moved(runs, JOB_STATE_FAILED).getProgress())
        .isEqualTo(JobProgress.newBuilder().setOffsetBytes(9).build());
    assertThat(moved(runs, JOB_STATE_CANCELLING).getProgress()).isEqualTo(runs.getProgress());
    assertThat(moved(job(JOB_STATE_RUNNING), JOB_STATE_FAILED).hasProgress())
        .as("nothing is known of progress that was never told")
        .isFalse();
  }
}
