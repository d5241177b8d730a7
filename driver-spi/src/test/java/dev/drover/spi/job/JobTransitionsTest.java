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

import dev.drover.v1.JobState;
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
}
