package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.drover.spi.ProtoTimes;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.JobState;
import dev.drover.v1.ResumeJobRequest;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** C20 and R19 in the model: errors by policy, and a guest that writes faster than its copy. */
class JobPolicyTest {

  private static final Duration MOMENT = Duration.ofMillis(100);

  /** Ten clusters a second; the writer writes twenty in a moment. */
  private static final long SLOW = 10 * 65_536L;

  private final DriverFixture world = new DriverFixture();

  @BeforeEach
  void start() {
    world.running();
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void policyStopHoldsTheJobAtEachErrorUntilItIsResumed() {
    world.inject("job.running", FaultKind.FAULT_KIND_ERROR);
    world.inject("job.running", FaultKind.FAULT_KIND_ERROR);
    Job job = copy(request().setOnError(JobErrorPolicy.JOB_ERROR_POLICY_STOP));
    world.advanceSeconds(100);
    assertBlocked(job, ErrorReason.ERROR_REASON_JOB_IO_ERROR);

    assertThat(resume(job).getBlocked()).as("the second error").isTrue();
    assertThat(resume(job).getBlocked()).isFalse();
    world.advanceSeconds(1);

    Job ready = world.job(job.getId());
    assertThat(ready.getState()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(resume(job)).as("not blocked").isEqualTo(ready);
    String seen = world.guestSha();
    world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @Test
  void policyReportFailsTheJobForWantOfRoom() {
    world.inject("job.running", FaultKind.FAULT_KIND_DISK_FULL);
    Job job = copy(request().setOnError(JobErrorPolicy.JOB_ERROR_POLICY_REPORT));
    world.advanceSeconds(1);

    Job ended = world.job(job.getId());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(reason(ended)).isEqualTo("NO_SPACE");
    assertThat(world.exists("/d/copy")).isFalse();
    assertThat(world.paths("vda")).hasSize(4);
  }

  @Test
  void resumedJobFindsTheDiskAsFullAsItIs() {
    world.inject("job.running", FaultKind.FAULT_KIND_DISK_FULL);
    Job job = copy(request());
    world.advanceSeconds(1);
    assertThat(resume(job).getBlocked()).isTrue();
    assertBlocked(job, ErrorReason.ERROR_REASON_NO_SPACE);

    world.clearFaults();
    assertThat(world.job(job.getId()).getBlockedReason())
        .isEqualTo(ErrorReason.ERROR_REASON_UNSPECIFIED);
    world.advanceSeconds(1);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Test
  void writerOutrunsTheCopyUntilItsDeadline() {
    Job job =
        copy(
            request()
                .setConvergence(
                    Convergence.newBuilder()
                        .setDeadline(ProtoTimes.duration(Duration.ofSeconds(60)))));
    for (int moment = 0; moment < 599; moment++) {
      world.guestWrites(write(20, 20, 1 + moment % 250));
      world.advance(MOMENT);
    }
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    world.advance(MOMENT);

    Job ended = world.job(job.getId());
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(reason(ended)).isEqualTo("JOB_NOT_CONVERGED");
    assertThat(world.exists("/d/copy")).isFalse();
    assertThat(world.paths("vda")).hasSize(4);
  }

  @Test
  void deadlineIsNotForJobsThatAreReadyButForThoseThatAreBlocked() {
    Convergence.Builder deadline =
        Convergence.newBuilder().setDeadline(ProtoTimes.duration(Duration.ofSeconds(30)));
    Job ready = copy(request().setConvergence(deadline));
    world.advanceSeconds(60);
    assertThat(world.job(ready.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
    world.complete(ready, JobCompletion.JOB_COMPLETION_KEEP);

    world.inject("job.running", FaultKind.FAULT_KIND_DISK_FULL);
    Job blocked = copy(request().setConvergence(deadline).setDestination(image("/d/other")));
    world.advanceSeconds(29);
    assertBlocked(blocked, ErrorReason.ERROR_REASON_NO_SPACE);
    world.advanceSeconds(1);
    assertThat(reason(world.job(blocked.getId()))).isEqualTo("JOB_NOT_CONVERGED");
  }

  @Test
  void synchronousWritesConverge() {
    Job job =
        copy(
            request()
                .setConvergence(
                    Convergence.newBuilder()
                        .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING)));
    for (int moment = 0; moment < 100; moment++) {
      world.guestWrites(write(20, 20, 1 + moment % 250));
      world.advance(MOMENT);
    }
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Test
  void heldGuestWritesOnlyWhenTheCopyIsReady() throws Exception {
    Job job = copy(request().setConvergence(paused(ProtoTimes.duration(Duration.ofSeconds(10)))));
    world.guestWrites(write(20, 20, 7));
    world.advance(MOMENT);
    Future<?> writer = world.blocking().submit(() -> world.guestWrites(write(20, 20, 8)));
    world.advanceSeconds(10);
    writer.get(60, TimeUnit.SECONDS);

    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
    String seen = world.guestSha();
    Job ended = world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(ProtoTimes.duration(ended.getResult().getGuestPause()).toMillis())
        .isBetween(100L, 10_000L);
  }

  @Test
  void guestIsNotHeldForLongerThanAllowedNorTwice() throws Exception {
    world.inject("job.ready", FaultKind.FAULT_KIND_HANG);
    Job job = copy(request().setConvergence(paused(ProtoTimes.duration(Duration.ofSeconds(5)))));
    world.advance(MOMENT);
    Future<?> writer = world.blocking().submit(() -> world.guestWrites(write(20, 20, 8)));
    world.advanceSeconds(20);
    writer.get(60, TimeUnit.SECONDS);
    world.clearFaults();
    world.advanceSeconds(20);

    Job ended = world.complete(job, JobCompletion.JOB_COMPLETION_KEEP);
    assertThat(ProtoTimes.duration(ended.getResult().getGuestPause()).toMillis()).isEqualTo(5000);
  }

  private static Convergence paused(com.google.protobuf.Duration most) {
    return Convergence.newBuilder()
        .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE)
        .setMaxPause(most)
        .build();
  }

  private static BlockCopyRequest.Builder request() {
    return BlockCopyRequest.newBuilder()
        .setDomain(GUEST)
        .setDisk("vda")
        .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(SLOW))
        .setDestination(image("/d/copy"));
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }

  private Job copy(BlockCopyRequest.Builder request) {
    return world.driver.blockJobs().orElseThrow().copy(call(), request.build());
  }

  private Job resume(Job job) {
    return world
        .driver
        .jobs()
        .orElseThrow()
        .resume(call(), ResumeJobRequest.newBuilder().setJobId(job.getId()).build());
  }

  private void assertBlocked(Job job, ErrorReason reason) {
    Job now = world.job(job.getId());
    assertThat(now.getBlocked()).isTrue();
    assertThat(now.getBlockedReason()).isEqualTo(reason);
    assertThat(now.getBlockedDetail()).isNotBlank();
  }

  private static String reason(Job job) {
    try {
      return job.getError().getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
