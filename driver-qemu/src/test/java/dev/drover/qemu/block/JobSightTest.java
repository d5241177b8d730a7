package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.EventFeed;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a worker asks QEMU about its job, and when it knows without. */
class JobSightTest {

  @TempDir private Path directory;

  private final EventFeed feed = new EventFeed();
  private final List<QemuEvent.BlockJobError> errors = new ArrayList<>();
  private FlowBench bench;
  private JobSight sight;

  @BeforeEach
  void start() {
    bench = new FlowBench(directory, BlockCommitRequest.newBuilder().setActive(true).build());
    bench.sees(JobStatus.READY);
    sight = new JobSight(bench.record(), bench.host(), feed.subscription(), errors::add);
    assertSees(sight.look(true), true, JobStatus.READY);
  }

  private void moves(String status) {
    feed.moves(bench.record().monitorId(), status);
  }

  private void stands(JobStatus status) {
    var _ = bench.host().job(bench.record().monitorId(), status, "");
  }

  private static void assertSees(JobSight.Seen seen, boolean asked, JobStatus expected) {
    assertThat(seen.asked()).isEqualTo(asked);
    assertThat(seen.job().map(BlockJobInfo::status)).isEqualTo(Optional.of(expected));
  }

  @Test
  void anEventThatTellsOfPendingIsAsGoodAsAnAnswer() {
    moves("waiting");
    assertSees(sight.look(false), false, JobStatus.WAITING);
    moves("pending");
    assertSees(sight.look(false), false, JobStatus.PENDING);
    stands(JobStatus.PENDING);
    assertSees(sight.look(false), true, JobStatus.PENDING);
  }

  @Test
  void whatHappenedAfterPendingMakesItAsk() {
    moves("pending");
    moves("concluded");
    stands(JobStatus.CONCLUDED);
    assertSees(sight.look(false), true, JobStatus.CONCLUDED);
    moves("pending");
    feed.occurs(
        "BLOCK_JOB_CANCELLED",
        "{\"device\": \"%s\", \"type\": \"commit\"}".formatted(bench.record().monitorId()));
    assertSees(sight.look(false), true, JobStatus.CONCLUDED);
  }

  @Test
  void whatWasOnItsWayBeforeAnAnswerIsNotTakenForNews() {
    stands(JobStatus.PENDING);
    bench.host().when("query-block-jobs", () -> moves("pending"));
    assertSees(sight.look(false), true, JobStatus.PENDING);
    bench.host().when("query-block-jobs", () -> {});
    stands(JobStatus.CONCLUDED);
    assertSees(sight.look(false), true, JobStatus.CONCLUDED);
  }

  @Test
  void anOrderToPivotIsCarriedOutOnWhatWasSeenLastButOnce() {
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    assertSees(sight.look(false), false, JobStatus.READY);
    stands(JobStatus.STANDBY);
    assertSees(sight.look(false), true, JobStatus.STANDBY);
  }

  @Test
  void anOrderToPivotMeetsWhatWasHeardMeanwhile() {
    moves("standby");
    stands(JobStatus.STANDBY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    assertSees(sight.look(false), true, JobStatus.STANDBY);
  }

  @Test
  void everyOtherOrderIsCarriedOutOnWhatQemuSaysNow() {
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.CANCEL);
    assertSees(sight.look(false), true, JobStatus.READY);
  }

  @Test
  void whoMustKnowEverythingAsks() {
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    moves("pending");
    stands(JobStatus.PENDING);
    assertSees(sight.look(true), true, JobStatus.PENDING);
  }

  @Test
  void anErrorIsToldBeforeTheJobIsSeen() {
    bench.host().when("query-block-jobs", () -> assertThat(errors).hasSize(1));
    feed.occurs(
        "BLOCK_JOB_ERROR",
        "{\"device\": \"%s\", \"operation\": \"write\", \"action\": \"stop\"}"
            .formatted(bench.record().monitorId()));
    assertSees(sight.look(false), true, JobStatus.READY);
    assertThat(errors).hasSize(1);
  }

  @Test
  void theEndOfTheConnectionIsNoticed() {
    feed.ends();
    assertThat(sight.over()).isFalse();
    assertSees(sight.look(false), true, JobStatus.READY);
    assertThat(sight.over()).isTrue();
  }
}
