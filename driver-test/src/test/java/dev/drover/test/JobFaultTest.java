package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.drover.spi.event.DriverEvent;
import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs under faults and under the end of their domain (F3, section 3 of the requirements). */
class JobFaultTest {

  private final DriverFixture world = new DriverFixture();
  private String seen = "";

  @BeforeEach
  void running() {
    world.running();
    seen = world.guestSha();
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void refusedStartLeavesNoRecordAndNoFile() {
    world.inject("job.start", FaultKind.FAULT_KIND_ERROR);
    refused(ErrorReason.ERROR_REASON_INJECTED_FAULT, this::copy);
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
    assertThat(world.exists("/d/copy")).isFalse();
    copy();
  }

  @ParameterizedTest
  @ValueSource(strings = {"job.running", "job.ready", "job.pivot", "job.finalize"})
  void hypervisorCrashNeverLosesBytes(String step) {
    Job job = commit(false);
    world.inject(step, FaultKind.FAULT_KIND_HYPERVISOR_CRASH);
    world.advanceSeconds(1);
    if (world.job(job.getId()).getState() == JobState.JOB_STATE_READY) {
      complete(job, true);
    }

    Job ended = world.job(job.getId());
    boolean switched = step.equals("job.finalize");
    assertThat(world.domain().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_CRASHED);
    assertThat(ended.getState())
        .isEqualTo(switched ? JobState.JOB_STATE_SUCCEEDED : JobState.JOB_STATE_FAILED);
    if (!switched) {
      assertThat(reason(ended)).isEqualTo("JOB_INTERRUPTED");
    }
    assertThat(world.paths("vda")).hasSize(switched ? 1 : 4);
    assertThat(world.guestSha()).isEqualTo(seen);
    world.start(NAME);
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @ParameterizedTest
  @ValueSource(strings = {"job.running", "job.ready", "job.pivot"})
  void ioErrorFailsTheJobOnItsOldChain(String step) {
    Job job = commit(true);
    world.inject(step, FaultKind.FAULT_KIND_ERROR);
    world.advanceSeconds(1);
    if (world.job(job.getId()).getState() == JobState.JOB_STATE_READY) {
      refused(ErrorReason.ERROR_REASON_JOB_FAILED, () -> complete(job, false));
    }

    Job ended = world.job(job.getId());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(reason(ended)).isEqualTo("JOB_IO_ERROR");
    refused(ErrorReason.ERROR_REASON_JOB_FAILED, () -> complete(job, false));
    assertThat(world.paths("vda")).hasSize(4);
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(world.exists("/i/snap1")).as("C13").isTrue();
    commit(false);
  }

  @Test
  void cancelOfAJobThatFailsMeanwhileIsRefused() {
    // D9, C11
    Job job = commit(true);
    world.advanceSeconds(1);
    world.inject("job.cancel", FaultKind.FAULT_KIND_ERROR);
    refused(ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> cancel(job));
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(world.paths("vda")).hasSize(4);
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @Test
  void divergenceAfterThePivotDeletesNothing() {
    // R8
    Job job = commit(true);
    world.advanceSeconds(1);
    world.inject("job.finalize", FaultKind.FAULT_KIND_ERROR);
    refused(ErrorReason.ERROR_REASON_JOB_FAILED, () -> complete(job, false));
    assertThat(reason(world.job(job.getId()))).isEqualTo("CHAIN_DIVERGED");
    assertThat(world.exists("/i/active")).isTrue();
    assertThat(world.paths("vda")).containsExactly("/i/base");
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(world.domain().getSpec().getDisks(0).getSource().getPath()).isEqualTo("/i/base");
  }

  @Test
  void fullDiskBlocksTheJobUntilThereIsRoom() {
    // C20
    world.inject("job.running", FaultKind.FAULT_KIND_DISK_FULL);
    Job job = commit(false);
    world.advanceSeconds(100);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(world.job(job.getId()).getBlocked()).isTrue();
    assertThat(world.job(job.getId()).getBlockedDetail()).contains("full");
    world.clearFaults();
    assertThat(world.job(job.getId()).getBlocked()).isFalse();
    world.advanceSeconds(1);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Test
  void hungJobGoesOnWhenFaultsAreCleared() {
    world.inject("job.ready", FaultKind.FAULT_KIND_HANG);
    Job job = commit(false);
    world.advanceSeconds(100);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    refused(ErrorReason.ERROR_REASON_JOB_NOT_READY, () -> complete(job, false));
    world.guestWrites(write(50, 1, 5));
    seen = world.guestSha();
    world.clearFaults();
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
    complete(job, false);
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @Test
  void completeWaitsForReadyWhereAsked() throws Exception {
    // R5
    Job job = commit(false);
    Future<Job> done =
        world
            .blocking()
            .submit(
                () ->
                    world
                        .driver
                        .jobs()
                        .orElseThrow()
                        .complete(
                            call(),
                            CompleteJobRequest.newBuilder()
                                .setJobId(job.getId())
                                .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                                .setWaitReady(true)
                                .build()));
    world.advanceSeconds(1);
    assertThat(done.get().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void destroyDuringAPivotThatHasNotHappenedKeepsTheSource() {
    // F3
    Job job = commit(false);
    world.advanceSeconds(1);
    world.inject("job.pivot", FaultKind.FAULT_KIND_HANG);
    complete(job, true);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_PIVOTING);
    refused(ErrorReason.ERROR_REASON_JOB_STATE_INVALID, () -> cancel(job));
    destroy();
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(world.paths("vda")).hasSize(4);
    assertThat(world.guestSha()).isEqualTo(seen);
    world.clearFaults();
    assertThat(world.paths("vda")).hasSize(4);
  }

  @Test
  void destroyAfterTheSwitchTellsThatItHappened() {
    // F3
    Job job = commit(false);
    world.advanceSeconds(1);
    world.inject("job.finalize", FaultKind.FAULT_KIND_HANG);
    complete(job, true);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_FINALIZING);
    destroy();
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.paths("vda")).containsExactly("/i/base");
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @Test
  void destroyCancelsARunningJob() {
    // F3, C12
    Job job = commit(true);
    destroy();
    Job ended = world.job(job.getId());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(reason(ended)).isEqualTo("JOB_CANCELLED");
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @Test
  void droppedAndRepeatedEventsChangeNothingButTheEvents() {
    // R1
    world.inject("job.ready", FaultKind.FAULT_KIND_DROP_EVENT);
    world.inject("job.pivot", FaultKind.FAULT_KIND_REPEAT_EVENT);
    Job job = commit(false);
    world.advanceSeconds(1);
    complete(job, false);
    List<JobState> states =
        world.events.stream()
            .filter(DriverEvent.JobEvent.class::isInstance)
            .map(DriverEvent.JobEvent.class::cast)
            .filter(event -> event.kind().name().equals("EVENT_KIND_JOB_STATE_CHANGED"))
            .map(event -> event.job().getState())
            .toList();
    assertThat(states)
        .containsExactly(
            JobState.JOB_STATE_RUNNING,
            JobState.JOB_STATE_PIVOTING,
            JobState.JOB_STATE_PIVOTING,
            JobState.JOB_STATE_FINALIZING,
            JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void faultsThatCannotStrikeAreRefused() {
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> world.inject("job.nowhere", FaultKind.FAULT_KIND_ERROR));
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> world.inject("job.event", FaultKind.FAULT_KIND_HANG));
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> world.inject("job.ready", FaultKind.FAULT_KIND_DELAY));
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> world.inject("snapshot.disk.0", FaultKind.FAULT_KIND_ERROR));
  }

  @Test
  void faultStrikesAsOftenAsItWasArmed() {
    world
        .driver
        .testControl()
        .orElseThrow()
        .injectFault(
            call(),
            InjectFaultRequest.newBuilder()
                .setStep("job.start")
                .setKind(FaultKind.FAULT_KIND_ERROR)
                .setCount(2)
                .build());
    refused(ErrorReason.ERROR_REASON_INJECTED_FAULT, this::copy);
    refused(ErrorReason.ERROR_REASON_INJECTED_FAULT, this::copy);
    copy();
  }

  private Job commit(boolean delete) {
    return world
        .driver
        .blockJobs()
        .orElseThrow()
        .commit(
            call(),
            BlockCommitRequest.newBuilder()
                .setDomain(GUEST)
                .setDisk("vda")
                .setActive(true)
                .setDelete(delete)
                .build());
  }

  private Job copy() {
    return world
        .driver
        .blockJobs()
        .orElseThrow()
        .copy(
            call(),
            BlockCopyRequest.newBuilder()
                .setDomain(GUEST)
                .setDisk("vda")
                .setDestination(
                    Image.newBuilder().setPath("/d/copy").setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
                .build());
  }

  private void complete(Job job, boolean async) {
    world
        .driver
        .jobs()
        .orElseThrow()
        .complete(
            call(),
            CompleteJobRequest.newBuilder()
                .setJobId(job.getId())
                .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                .setAsync(async)
                .build());
  }

  private void cancel(Job job) {
    world
        .driver
        .jobs()
        .orElseThrow()
        .cancel(call(), CancelJobRequest.newBuilder().setJobId(job.getId()).build());
  }

  private void destroy() {
    world
        .driver
        .domains()
        .destroy(call(), DestroyDomainRequest.newBuilder().setDomain(GUEST).build());
  }

  private static String reason(Job job) {
    try {
      return job.getError().getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
