package dev.drover.spi.job;

import static dev.drover.spi.Failures.refused;
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
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.rpc.Status;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class JobRulesTest {

  private static final Set<JobState> ENDED =
      EnumSet.of(JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED);

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "UNRECOGNIZED")
  void onlyMirrorsAreCompleted(JobKind kind) {
    // D10
    Job job = job(JOB_STATE_RUNNING).toBuilder().setKind(kind).build();
    boolean mirror = kind == JobKind.JOB_KIND_COPY || kind == JobKind.JOB_KIND_ACTIVE_COMMIT;
    assertThat(JobRules.twoPhases(job)).isEqualTo(mirror);
    if (mirror) {
      assertThatCode(() -> JobRules.requireTwoPhases(job)).doesNotThrowAnyException();
      return;
    }
    DriverException refusal =
        refused(ErrorReason.ERROR_REASON_JOB_KIND_INVALID, () -> JobRules.requireTwoPhases(job));
    assertThat(refusal.metadata())
        .containsOnlyKeys("job", "kind")
        .containsEntry("job", "j1")
        .containsEntry("kind", kind.name().replace("JOB_KIND_", ""));
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "JOB_STATE_UNSPECIFIED"})
  void copyingIsOverFromReadyOn(JobState state) {
    assertThat(JobRules.pastCopying(job(state)))
        .isEqualTo(!EnumSet.of(JOB_STATE_PENDING, JOB_STATE_RUNNING).contains(state));
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "JOB_STATE_UNSPECIFIED"})
  void onlyTheSameEndIsARepetition(JobState state) {
    // C11
    Job pivots = job(state).toBuilder().setCompletion(JobCompletion.JOB_COMPLETION_PIVOT).build();
    assertThat(JobRules.isCompleting(pivots, JobCompletion.JOB_COMPLETION_PIVOT))
        .isEqualTo(
            EnumSet.of(
                    JOB_STATE_PIVOTING,
                    JOB_STATE_CANCELLING,
                    JOB_STATE_FINALIZING,
                    JOB_STATE_SUCCEEDED)
                .contains(state));
    assertThat(JobRules.isCompleting(pivots, JobCompletion.JOB_COMPLETION_KEEP)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "JOB_STATE_UNSPECIFIED"})
  void onlyReadyIsCompleted(JobState state) {
    // R5
    ErrorReason expected =
        switch (state) {
          case JOB_STATE_PENDING, JOB_STATE_RUNNING -> ErrorReason.ERROR_REASON_JOB_NOT_READY;
          case JOB_STATE_FAILED -> ErrorReason.ERROR_REASON_JOB_FAILED;
          case JOB_STATE_READY,
              JOB_STATE_PIVOTING,
              JOB_STATE_CANCELLING,
              JOB_STATE_FINALIZING,
              JOB_STATE_SUCCEEDED,
              JOB_STATE_CANCELLED,
              JOB_STATE_UNSPECIFIED,
              UNRECOGNIZED ->
              ErrorReason.ERROR_REASON_JOB_STATE_INVALID;
        };
    check(EnumSet.of(JOB_STATE_READY), expected, state, JobRules::requireReady);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "JOB_STATE_UNSPECIFIED"})
  void speedIsForJobsThatCopy(JobState state) {
    check(
        EnumSet.of(JOB_STATE_RUNNING, JOB_STATE_READY),
        ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
        state,
        JobRules::requireCopying);
    Job wholeDomain = job(state).toBuilder().clearDisk().build();
    refused(ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> JobRules.requireCopying(wholeDomain));
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "JOB_STATE_UNSPECIFIED"})
  void endedJobsTakeNoOrders(JobState state) {
    check(
        EnumSet.complementOf(EnumSet.copyOf(ENDED)),
        ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
        state,
        JobRules::requireNotEnded);
  }

  @Test
  void whoeverOrderedAnEndHearsOfAnother() {
    for (JobState end : ENDED) {
      Job job = job(end);
      if (end == JOB_STATE_SUCCEEDED) {
        assertThat(JobRules.requireSucceeded(job)).isSameAs(job);
      } else {
        tells(
            end,
            refused(ErrorReason.ERROR_REASON_JOB_FAILED, () -> JobRules.requireSucceeded(job)));
      }
      if (end == JOB_STATE_CANCELLED) {
        assertThat(JobRules.requireCancelled(job)).isSameAs(job);
      } else {
        tells(
            end,
            refused(
                ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> JobRules.requireCancelled(job)));
      }
    }
  }

  @Test
  void failureGivesTheErrorOfTheJob() {
    Job job =
        job(JOB_STATE_FAILED).toBuilder()
            .setError(Status.newBuilder().setMessage("no room on /d"))
            .build();
    DriverException failure =
        refused(ErrorReason.ERROR_REASON_JOB_FAILED, () -> JobRules.requireSucceeded(job));
    assertThat(failure).hasMessageContaining("no room on /d").hasMessageContaining("vda");
    assertThat(
            refused(
                ErrorReason.ERROR_REASON_JOB_FAILED,
                () -> JobRules.requireSucceeded(job(JOB_STATE_CANCELLED))))
        .hasMessageContaining("CANCELLED");
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "JOB_STATE_UNSPECIFIED"})
  void refusalsNameJobDiskAndDomain(JobState state) {
    DriverException refusal = JobRules.stateInvalid(job(state));
    tells(state, refusal);
    assertThat(refusal).hasMessageStartingWith("job j1 on disk 'vda' of domain 'web' is ");
  }

  @Test
  void jobOfAWholeDomainIsOnNoDisk() {
    Job job = job(JOB_STATE_SUCCEEDED).toBuilder().clearDisk().build();
    assertThat(JobRules.stateInvalid(job)).hasMessageStartingWith("job j1 of domain 'web' is ");
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "JOB_STATE_UNSPECIFIED"})
  void aPlaceIsHeldFromTheStartUntilReady(JobState state) {
    // R29: else mirrors that wait for their owners would keep all others from copying.
    boolean copies = EnumSet.of(JOB_STATE_PENDING, JOB_STATE_RUNNING).contains(state);
    assertThat(JobRules.holdsPlace(job(state))).isEqualTo(copies);
    assertThat(JobRules.holdsPlace(job(state).toBuilder().clearDisk().build()))
        .as("a job that copies nothing itself")
        .isFalse();
    Job queued =
        job(state).toBuilder().setQueuePlace(QueuePlace.newBuilder().setPosition(1)).build();
    assertThat(JobRules.waits(queued)).isEqualTo(state == JOB_STATE_PENDING);
    assertThat(JobRules.holdsPlace(queued)).isEqualTo(state == JOB_STATE_RUNNING);
  }

  @Test
  void whoeverOrdersSomethingTooEarlyHearsWhetherItIsTheQueueThatHoldsTheJob() {
    Job starts = job(JOB_STATE_PENDING);
    Job waits = starts.toBuilder().setQueuePlace(QueuePlace.getDefaultInstance()).build();
    assertThat(JobRules.stateInvalid(starts)).hasMessageContaining("only being started");
    assertThat(JobRules.stateInvalid(waits)).hasMessageContaining("waits for its turn");
  }

  @Test
  void aJobOfAWholeDomainHasNoSpeedAndThatItHasEndedCountsFirst() {
    Job wholeDomain = job(JOB_STATE_RUNNING).toBuilder().clearDisk().build();
    Job ended = wholeDomain.toBuilder().setState(JOB_STATE_SUCCEEDED).build();
    assertThat(speed(wholeDomain)).hasMessageContaining("copies nothing");
    assertThat(speed(ended)).hasMessageContaining("it has ended");
  }

  private static DriverException speed(Job job) {
    return refused(ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> JobRules.requireCopying(job));
  }

  private static void check(
      Set<JobState> allowed, ErrorReason otherwise, JobState state, Consumer<Job> rule) {
    Job job = job(state);
    if (allowed.contains(state)) {
      assertThatCode(() -> rule.accept(job)).doesNotThrowAnyException();
    } else {
      tells(state, refused(otherwise, () -> rule.accept(job)));
    }
  }

  private static void tells(JobState state, DriverException refusal) {
    assertThat(refusal.metadata())
        .containsOnlyKeys("job", "state")
        .containsEntry("job", "j1")
        .containsEntry("state", state.name().replace("JOB_STATE_", ""));
  }

  private static Job job(JobState state) {
    return Job.newBuilder()
        .setId("j1")
        .setKind(JobKind.JOB_KIND_COPY)
        .setState(state)
        .setDomainName("web")
        .setDisk("vda")
        .build();
  }
}
