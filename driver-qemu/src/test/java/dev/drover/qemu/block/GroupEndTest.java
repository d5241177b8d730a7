package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** D15: two active commits of a domain that end at one moment, turn by turn. */
class GroupEndTest {

  private static final BlockCommitRequest REQUEST =
      BlockCommitRequest.newBuilder().setActive(true).build();

  @TempDir Path directory;
  private FlowBench.Registers registers;
  private FlowBench one;
  private FlowBench two;

  @BeforeEach
  void start() {
    begin(GroupEnd.LIMIT);
  }

  private void begin(Duration limit) {
    registers = new FlowBench.Registers(limit);
    one = new FlowBench(registers, made("one"), REQUEST, "1", "vda");
    two = new FlowBench(registers, made("two"), REQUEST, "2", "vdb");
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);
  }

  private Path made(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Member(FlowBench bench) implements GroupMember {
    @Override
    public JobRecord record() {
      return bench.record();
    }

    @Override
    public void ring() {}
  }

  private boolean order(JobEnding ending) {
    return order(ending, Duration.ZERO);
  }

  private boolean order(JobEnding ending, Duration quiesce) {
    return registers.groups.order(List.of(new Member(one), new Member(two)), ending, quiesce);
  }

  private void passAll() {
    for (JobStatus status : List.of(JobStatus.READY, JobStatus.PENDING, JobStatus.CONCLUDED)) {
      one.sees(status);
      two.sees(status);
      one.sees(status);
    }
  }

  @Test
  void fileSystemsAreFrozenBeforeTheHoldAndThawedAfterIt() { // D14
    order(JobEnding.KEEP, Duration.ofSeconds(10));
    passAll();

    assertThat(one.host().commands())
        .containsSubsequence(
            "freeze", "stop", "block-job-cancel", "job-finalize", "cont", "thaw", "job-dismiss");
    for (FlowBench ended : List.of(one, two)) {
      assertThat(ended.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.job().getResult().getQuiesced()).isTrue();
    }
  }

  @Test
  void whereNothingCanBeFrozenNothingIsHeldAndAllAreReadyAsBefore() { // D14
    one.host().refuse("freeze", "silent");
    order(JobEnding.PIVOT, Duration.ofSeconds(10));
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);

    assertThat(one.host().commands()).containsExactly("freeze");
    for (FlowBench ready : List.of(one, two)) {
      assertThat(ready.state()).isEqualTo(JobState.JOB_STATE_READY);
      assertThat(ready.entry().quiesceMillis()).isZero();
      assertThat(ready.record().calledOff().orElseThrow().failure().orElseThrow().reason())
          .isEqualTo(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED);
    }
  }

  @Test
  void theGuestIsNotHeldForAJobThatRanIntoAnErrorSinceItWasReady() { // D15
    order(JobEnding.PIVOT, Duration.ofSeconds(10));
    Optional<BlockJobInfo> ready = one.host().job(one.record().monitorId(), JobStatus.READY, "");
    one.host().runsIntoError();
    one.flow().turn(one.host(), ready);
    two.sees(JobStatus.READY);

    assertThat(one.host().commands()).isEmpty();
    assertThat(two.host().commands()).isEmpty();
    for (FlowBench given : List.of(one, two)) {
      assertThat(given.state()).isEqualTo(JobState.JOB_STATE_READY);
      assertThat(given.entry().group()).isEmpty();
      DriverException why = given.record().calledOff().orElseThrow().failure().orElseThrow();
      assertThat(why.reason()).isEqualTo(ErrorReason.ERROR_REASON_JOB_NOT_READY);
      assertThat(why.metadata()).containsEntry("job", "1");
    }
  }

  @Test
  void whatIsFrozenIsThawedWhereTheEndIsGivenUp() { // D14
    order(JobEnding.PIVOT, Duration.ofSeconds(10));
    one.host().refuse("job-complete", "not now");
    one.sees(JobStatus.READY);

    assertThat(one.host().commands())
        .containsExactly("freeze", "stop", "job-complete", "cont", "thaw");
    assertThat(one.job().getResult().getQuiesced()).isFalse();
  }

  @Test
  void aQuiescedEndThatIsFoundUndecidedFreezesAnew() { // D14, R2
    order(JobEnding.PIVOT, Duration.ofSeconds(10));
    GroupEnds found = new GroupEnds(registers.book, registers.journal, GroupEnd.LIMIT);
    found.rejoin(new Member(one));
    found.rejoin(new Member(two));
    assertThat(found.of(one.entry()).orElseThrow().needsFreeze()).isTrue();
  }

  @Test
  void theGuestIsHeldFromBeforeTheFirstOrderUntilAllHaveChangedOver() { // D15
    assertThat(order(JobEnding.PIVOT)).isTrue();
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);
    assertThat(one.host().commands()).containsExactly("stop", "job-complete");
    assertThat(two.host().commands()).containsExactly("job-complete");

    one.sees(JobStatus.PENDING);
    assertThat(one.host().commands()).containsExactly("stop", "job-complete");
    assertThat(one.entry().step()).isEqualTo(JournalStep.END_REQUESTED);
    two.sees(JobStatus.PENDING);
    assertThat(one.entry().step()).isEqualTo(JournalStep.DECIDED);
    assertThat(two.entry().step()).isEqualTo(JournalStep.DECIDED);
    assertThat(two.host().commands()).containsExactly("job-complete", "job-finalize");
    one.sees(JobStatus.PENDING);

    one.host().reads(List.of("vda-4"));
    two.host().reads(List.of("vdb-4"));
    assertThat(one.sees(JobStatus.CONCLUDED)).isFalse();
    assertThat(one.entry().step()).isEqualTo(JournalStep.SETTLED);
    assertThat(one.host().commands()).doesNotContain("cont");
    assertThat(two.sees(JobStatus.CONCLUDED)).isTrue();
    assertThat(one.host().commands()).endsWith("cont");
    assertThat(one.sees(JobStatus.CONCLUDED)).isTrue();

    for (FlowBench ended : List.of(one, two)) {
      assertThat(ended.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.definedActive()).isEqualTo("base.qcow2");
      assertThat(ProtoTimes.duration(ended.job().getResult().getGuestPause()))
          .isEqualTo(FakeHost.PAUSE);
    }
  }

  @Test
  void bothSidesAreKeptOfOneMoment() { // D16
    order(JobEnding.KEEP);
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);
    one.sees(JobStatus.PENDING);
    two.sees(JobStatus.PENDING);
    one.sees(JobStatus.PENDING);
    assertThat(one.entry().step()).isEqualTo(JournalStep.FINALIZING);
    assertThat(one.sees(JobStatus.CONCLUDED)).isFalse();
    assertThat(two.sees(JobStatus.CONCLUDED)).isTrue();
    assertThat(one.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(one.host().commands())
        .containsSubsequence("stop", "block-job-cancel", "job-finalize", "cont", "job-dismiss");
    for (FlowBench ended : List.of(one, two)) {
      assertThat(ended.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.job().getResult().getPivoted()).isFalse();
      assertThat(ended.definedActive()).isEqualTo("active.qcow2");
    }
  }

  @Test
  void oneThatIsNotReadyAnyMoreEndsNone() {
    two.record().order(JobState.JOB_STATE_READY, JobEnding.CANCEL);
    assertThat(order(JobEnding.PIVOT)).isFalse();
    assertThat(one.state()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(one.host().commands()).isEmpty();
  }

  @Test
  void whereOneIsRefusedTheOtherIsReadyAsBeforeIfItWasNotToldYet() {
    order(JobEnding.PIVOT);
    one.host().refuse("job-complete", "not now");
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);

    for (FlowBench ready : List.of(one, two)) {
      assertThat(ready.state()).isEqualTo(JobState.JOB_STATE_READY);
      assertThat(ready.entry().group()).isEmpty();
    }
    assertThat(one.host().commands()).containsExactly("stop", "job-complete", "cont");
    assertThat(two.host().commands()).isEmpty();
  }

  @Test
  void whereOneIsLostTheOneAtPendingIsCancelledOnItsOldChain() {
    order(JobEnding.PIVOT);
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);
    one.sees(JobStatus.PENDING);
    assertThat(two.sees(JobStatus.CONCLUDED, "No space left on device")).isTrue();
    one.sees(JobStatus.PENDING);
    assertThat(one.host().commands()).containsExactly("stop", "job-complete", "cont", "job-cancel");
    assertThat(one.sees(JobStatus.CONCLUDED, "Operation canceled")).isTrue();

    assertThat(two.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(one.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(one.job().getError().getMessage()).contains("job 2 did not get to its end");
    assertThat(one.definedActive()).isEqualTo("active.qcow2");
    assertThat(two.definedActive()).isEqualTo("active.qcow2");
  }

  @Test
  void oneThatDoesNotComeInTimeGivesTheEndUp() {
    begin(Duration.ZERO);
    order(JobEnding.KEEP);
    one.sees(JobStatus.READY);

    assertThat(one.state()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(one.host().commands()).containsExactly("stop", "cont");
    two.sees(JobStatus.STANDBY);
    assertThat(two.state()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Test
  void whereTheDecisionCannotBeWrittenNoneIsDecided() {
    order(JobEnding.PIVOT);
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);
    registers.store.strike(
        Moment.BEFORE,
        JournalStep.DECIDED,
        () -> {
          throw StrikingStore.full();
        });
    one.sees(JobStatus.PENDING);
    two.sees(JobStatus.PENDING);
    one.sees(JobStatus.PENDING);

    for (FlowBench given : List.of(one, two)) {
      assertThat(given.host().commands()).endsWith("job-cancel").doesNotContain("job-finalize");
      assertThat(given.entry().step()).isEqualTo(JournalStep.END_REQUESTED);
    }
  }

  @Test
  void aGroupThatIsFoundInTheJournalWaitsForAllOfItsJobs() { // R2
    order(JobEnding.PIVOT);
    GroupEnds found = new GroupEnds(registers.book, registers.journal, GroupEnd.LIMIT);
    found.rejoin(new Member(one));
    assertThat(found.of(one.entry())).isEmpty();
    assertThat(found.gathering(one.entry())).isTrue();
    found.rejoin(new Member(two));
    assertThat(found.of(one.entry())).isPresent();
    assertThat(found.gathering(one.entry())).isFalse();
  }

  @Test
  void nothingIsDecidedAnyMoreOnceAJobHasLostItsHypervisor() { // D15, R2
    order(JobEnding.PIVOT);
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);
    one.sees(JobStatus.PENDING);
    one.flow().settleWithoutHost(new HostEnd(false, "killed"));
    two.sees(JobStatus.PENDING);

    assertThat(one.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(two.entry().step()).isEqualTo(JournalStep.END_REQUESTED);
    assertThat(two.host().commands()).doesNotContain("job-finalize");
    two.flow().settleWithoutHost(new HostEnd(false, "killed"));
    assertThat(two.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(one.definedActive()).isEqualTo("active.qcow2");
    assertThat(two.definedActive()).isEqualTo("active.qcow2");
  }

  @Test
  void whereTheHypervisorDiesDecidedAllHaveTheNewChain() { // R2
    order(JobEnding.PIVOT);
    one.sees(JobStatus.READY);
    two.sees(JobStatus.READY);
    one.sees(JobStatus.PENDING);
    two.sees(JobStatus.PENDING);
    one.flow().settleWithoutHost(new HostEnd(false, "killed"));
    two.flow().settleWithoutHost(new HostEnd(false, "killed"));

    assertThat(one.definedActive()).isEqualTo("base.qcow2");
    assertThat(two.definedActive()).isEqualTo("base.qcow2");
  }
}
