package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotScope;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SnapshotsTest { // R9
  private static final String JOB = FakeSnapshots.JOB;

  private final FakeDaemon daemon = new FakeDaemon();
  private final Drover drover = daemon.connect();

  @BeforeEach
  void domain() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
  }

  @AfterEach
  void close() throws InterruptedException {
    drover.close();
    daemon.close();
  }

  private static DeleteSnapshotRequest.Builder one() {
    return DeleteSnapshotRequest.newBuilder().setName("one");
  }

  @Test
  void aDeletionIsAJobToWaitFor() { // R1, R3
    try (JobHandle job =
        drover
            .domain("web")
            .deleteSnapshot(one().setScope(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN))) {
      assertThat(job.ended()).isNotDone();
      await().until(() -> daemon.jobs.watchers(JOB) == 1);
      daemon.jobs.move(JOB, JobState.JOB_STATE_SUCCEEDED);

      Job ended = job.await(Duration.ofSeconds(30));
      assertThat(ended.getSnapshotPlan()).isEqualTo(FakeSnapshots.PLAN);
    }
    assertThat(daemon.snapshots.deleted)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getDomain().getName()).isEqualTo("web");
              assertThat(request.getName()).isEqualTo("one");
              assertThat(request.getScope()).isEqualTo(SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN);
              assertThat(request.getMetadataOnly()).isFalse();
              assertThat(request.getValidateOnly()).isFalse();
              assertThat(request.getRequestId()).isNotEmpty();
            });
  }

  @Test
  void recordsAloneAreForgottenWithTheAnswer() {
    try (JobHandle job = drover.domain("web").deleteSnapshot(one().setMetadataOnly(true))) {
      assertThat(job.latest().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
    assertThat(daemon.snapshots.deleted.getLast().getMetadataOnly()).isTrue();
  }

  @Test
  void aPlanStartsNothing() {
    DeleteSnapshotRequest.Builder request = one();

    assertThat(drover.domain("web").planSnapshotDeletion(request)).isEqualTo(FakeSnapshots.PLAN);

    assertThat(daemon.snapshots.deleted.getLast().getValidateOnly()).isTrue();
    assertThat(drover.jobs().list(JobFilter.getDefaultInstance())).isEmpty();
    assertThat(request.getValidateOnly()).isFalse();
  }

  @Test
  void whatWasPlannedIsStillDoneWhenItIsAskedFor() {
    drover.domain("web").deleteSnapshot(one().setValidateOnly(true)).close();

    assertThat(daemon.snapshots.deleted.getLast().getValidateOnly()).isFalse();
  }

  @Test
  void aDeletionWhoseAnswerIsLostIsOneJob() { // R1
    drover.host().version();
    daemon.loseNextAnswer();

    drover.domain("web").deleteSnapshot(one()).close();

    assertThat(daemon.snapshots.deleted).hasSize(2);
    assertThat(daemon.snapshots.deleted)
        .extracting(DeleteSnapshotRequest::getRequestId)
        .containsOnly(daemon.snapshots.deleted.getFirst().getRequestId());
  }

  @Test
  void anUnknownSnapshotIsRefused() {
    assertThat(
            catchThrowableOfType(
                    DroverException.class,
                    () -> drover.domain("web").deleteSnapshot(one().setName("none")))
                .reason())
        .isEqualTo(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND);
  }

  @Test
  void theSnapshotMadeLastIsCurrent() {
    assertThat(drover.domain("web").currentSnapshot().map(Snapshot::getName)).contains("three");

    daemon.snapshots.snapshots = List.of(FakeSnapshots.snapshot("one", ""));
    assertThat(drover.domain("web").currentSnapshot()).isEmpty();
  }
}
