package dev.drover.spi.job;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.drover.spi.FakeTime;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobResult;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobGroupRulesTest { // D15

  private static final JobCompletion PIVOT = JobCompletion.JOB_COMPLETION_PIVOT;

  private final FakeTime time = new FakeTime();
  private final JobBook book = new JobBook(new MemoryStore(), time, _ -> {});

  @Test
  void onlyMirrorsOfOneDomainEachOnceEndTogether() {
    Job one = begin("web", "vda", JobKind.JOB_KIND_COPY);
    Job two = begin("web", "vdb", JobKind.JOB_KIND_ACTIVE_COMMIT);
    Job pull = begin("web", "vdc", JobKind.JOB_KIND_PULL);
    Job other = begin("mail", "vda", JobKind.JOB_KIND_COPY);
    assertThatCode(() -> require(one, two)).doesNotThrowAnyException();
    DriverException kind =
        refused(ErrorReason.ERROR_REASON_JOB_KIND_INVALID, () -> require(one, pull));
    assertThat(kind.metadata()).containsEntry("job", pull.getId());
    refused(ErrorReason.ERROR_REASON_INVALID_ARGUMENT, () -> require(one, one));
    refused(ErrorReason.ERROR_REASON_INVALID_ARGUMENT, () -> require(one, other));
    refused(
        ErrorReason.ERROR_REASON_JOB_NOT_FOUND,
        () -> JobGroupRules.require(book, List.of(one.getId(), "none")));
  }

  @Test
  void readyJobsAreToBeOrdered() {
    assertThat(
            JobGroupRules.areCompleting(
                List.of(job("j1", JobState.JOB_STATE_READY), job("j2", JobState.JOB_STATE_READY)),
                PIVOT))
        .isFalse();
  }

  @Test
  void anOrderThatAllHaveIsARepetition() {
    List<Job> jobs =
        List.of(
            pivots("j1", JobState.JOB_STATE_PIVOTING), pivots("j2", JobState.JOB_STATE_SUCCEEDED));
    assertThat(JobGroupRules.areCompleting(jobs, PIVOT)).isTrue();
    refused(
        ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
        () -> JobGroupRules.areCompleting(jobs, JobCompletion.JOB_COMPLETION_KEEP));
  }

  @Test
  void theFirstThatIsNotReadyIsNamed() {
    DriverException early =
        refused(
            ErrorReason.ERROR_REASON_JOB_NOT_READY,
            () ->
                JobGroupRules.areCompleting(
                    List.of(
                        job("j1", JobState.JOB_STATE_READY),
                        job("j2", JobState.JOB_STATE_RUNNING),
                        job("j3", JobState.JOB_STATE_CANCELLED)),
                    PIVOT));
    assertThat(early.metadata()).containsEntry("job", "j2").containsEntry("state", "RUNNING");
    DriverException half =
        refused(
            ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
            () ->
                JobGroupRules.areCompleting(
                    List.of(
                        job("j1", JobState.JOB_STATE_READY),
                        pivots("j2", JobState.JOB_STATE_SUCCEEDED)),
                    PIVOT));
    assertThat(half.metadata()).containsEntry("job", "j2");
  }

  @Test
  void theGuestIsHeldForNoJobThatIsBlocked() {
    Job full =
        job("j2", JobState.JOB_STATE_READY).toBuilder()
            .setBlocked(true)
            .setBlockedReason(ErrorReason.ERROR_REASON_NO_SPACE)
            .setBlockedDetail("no space is left")
            .build();
    DriverException blocked =
        refused(
            ErrorReason.ERROR_REASON_JOB_NOT_READY,
            () ->
                JobGroupRules.areCompleting(
                    List.of(job("j1", JobState.JOB_STATE_READY), full), PIVOT));
    assertThat(blocked.metadata()).containsEntry("job", "j2").containsEntry("state", "READY");
    assertThat(blocked).hasMessageContaining("no space is left");
  }

  @Test
  void theGuestIsHeldWhereThatWasAskedForOrItsFileSystemsAreFrozen() {
    // D14: frozen file systems of a guest that writes on would not be what both sides have.
    CompleteJobRequest plain = CompleteJobRequest.getDefaultInstance();
    CompleteJobRequest frozen =
        plain.toBuilder().setQuiesce(quiesce(Duration.ofSeconds(7))).build();
    assertThat(JobGroupRules.holdsGuest(plain)).isFalse();
    assertThat(JobGroupRules.holdsGuest(plain.toBuilder().setHoldGuest(true).build())).isTrue();
    assertThat(JobGroupRules.holdsGuest(frozen)).isTrue();
  }

  @Test
  void fileSystemsAreFrozenForAsLongAsWasAskedForAndElseNotAtAll() {
    // R22
    assertThat(JobGroupRules.freezeLimit(CompleteJobRequest.getDefaultInstance())).isZero();
    assertThat(JobGroupRules.freezeLimit(CompleteJobsRequest.getDefaultInstance())).isZero();
    Duration seven = Duration.ofSeconds(7);
    assertThat(
            JobGroupRules.freezeLimit(
                CompleteJobRequest.newBuilder().setQuiesce(quiesce(seven)).build()))
        .isEqualTo(seven);
    assertThat(
            JobGroupRules.freezeLimit(
                CompleteJobsRequest.newBuilder().setQuiesce(quiesce(seven)).build()))
        .isEqualTo(seven);
  }

  private static Quiesce quiesce(Duration limit) {
    return Quiesce.newBuilder().setTimeout(ProtoTimes.duration(limit)).build();
  }

  @Test
  void answerTellsHowLongTheGuestWasHeld() {
    Job held =
        pivots("j2", JobState.JOB_STATE_SUCCEEDED).toBuilder()
            .setResult(
                JobResult.newBuilder().setGuestPause(ProtoTimes.duration(Duration.ofMillis(30))))
            .build();
    Job first = pivots("j1", JobState.JOB_STATE_SUCCEEDED);
    assertThat(JobGroupRules.response(List.of(first)).hasGuestPause()).isFalse();
    assertThat(JobGroupRules.response(List.of(first, held)).getGuestPause())
        .isEqualTo(ProtoTimes.duration(Duration.ofMillis(30)));
    assertThat(JobGroupRules.response(List.of(first, held)).getJobsList())
        .containsExactly(first, held);
  }

  private void require(Job... jobs) {
    JobGroupRules.require(book, List.of(jobs).stream().map(Job::getId).toList());
  }

  private Job begin(String domain, String disk, JobKind kind) {
    JobOrigin origin =
        JobOrigin.of(
            time.call(Duration.ofSeconds(1)), BlockCommitRequest.getDefaultInstance(), "", "");
    Job draft =
        Job.newBuilder()
            .setKind(kind)
            .setDomainName(domain)
            .setDomainUuid(domain)
            .setDisk(disk)
            .build();
    return book.begin(origin, draft, _ -> {});
  }

  private static Job pivots(String id, JobState state) {
    return job(id, state).toBuilder().setCompletion(PIVOT).build();
  }

  private static Job job(String id, JobState state) {
    return Job.newBuilder()
        .setId(id)
        .setKind(JobKind.JOB_KIND_COPY)
        .setState(state)
        .setDomainName("web")
        .setDisk("vda")
        .build();
  }
}
