package dev.drover.conformance.dispatch;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CallWait;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What is told of calls while they last (R4). */
public final class WaitCases {

  private final Bench bench;

  /** Works on a bench. */
  public WaitCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a call that lasts is told: which, whose, from where, for which job and since when")
  @Requirement({"R4"})
  @Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_COPY})
  public void lastingCall() {
    TestDomain domain =
        bench
            .define(bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active"))
            .start();
    Job job =
        bench
            .jobs()
            .copy(
                BlockCopyRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBandwidth(JobCalls.CRAWL)
                    .setDestination(
                        Image.newBuilder()
                            .setPath(bench.path("copy.qcow2"))
                            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)));
    CompletableFuture<Boolean> refused =
        CompletableFuture.supplyAsync(() -> refused(job), Thread::startVirtualThread);
    await("the call is told")
        .atMost(Calls.PATIENCE)
        .until(() -> !about(job, Durations.ZERO).isEmpty());

    CallWait call = about(job, Durations.ZERO).getFirst();
    assertThat(call.getMethod()).isEqualTo("drover.v1.JobService/CompleteJob");
    assertThat(call.getPrincipal()).as("who calls").isEqualTo(job.getOwner());
    assertThat(call.getOrigin()).as("where the call comes from").isNotBlank();
    assertThat(call.getCallId()).as("its id in the log").isNotBlank();
    assertThat(call.getAge()).matches(age -> Durations.isValid(age) && !Durations.isNegative(age));
    CallWait later = about(job, Durations.ZERO).getFirst();
    assertThat(later.getCallId()).as("the id of the same call").isEqualTo(call.getCallId());
    assertThat(Durations.compare(later.getAge(), call.getAge())).as("older by now").isPositive();
    assertThat(about(job, Durations.fromDays(1))).as("calls of a day").isEmpty();

    assertThat(bench.jobs().cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(refused).succeedsWithin(Calls.PATIENCE).isEqualTo(true);
    await("the call has ended")
        .atMost(Calls.PATIENCE)
        .until(() -> about(job, Durations.ZERO).isEmpty());
  }

  /** Whether the completion of a job that is not to become READY was refused, once it ended. */
  private boolean refused(Job job) {
    try {
      var _ =
          bench
              .calls()
              .jobs()
              .completeJob(
                  CompleteJobRequest.newBuilder()
                      .setJobId(job.getId())
                      .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                      .setWaitReady(true)
                      .build());
      return false;
    } catch (StatusRuntimeException _) {
      return true;
    }
  }

  private List<CallWait> about(Job job, Duration minimumAge) {
    return bench
        .calls()
        .host()
        .inspectWaits(InspectWaitsRequest.newBuilder().setMinimumAge(minimumAge).build())
        .getCallsList()
        .stream()
        .filter(call -> call.getJobId().equals(job.getId()))
        .toList();
  }
}
