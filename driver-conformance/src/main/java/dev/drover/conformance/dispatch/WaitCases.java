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
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CallWait;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.JobWait;
import dev.drover.v1.StoreWait;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** What is told of calls, jobs and the store while they wait (R4). */
public final class WaitCases {

  /** Enough that one of them always waits for another, and few enough to leave others room. */
  private static final int WRITERS = 8;

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

  @Case("a job that stands still is told: which, whose, where, and for how long, until it ends")
  @Requirement({"R4"})
  @Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL})
  public void standingJob() {
    TestDomain domain =
        bench
            .define(bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active"))
            .start();
    long asked = System.nanoTime();
    Job job =
        bench
            .jobs()
            .pull(
                BlockPullRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBandwidth(JobCalls.CRAWL));

    JobWait first = standing(job, Durations.ZERO).getFirst();
    long told = System.nanoTime();
    assertThat(first.getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
    assertThat(first.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(first.getDomainName()).isEqualTo(domain.name());
    assertThat(first.getDisk()).isEqualTo("vda");
    assertThat(first.getOwner()).as("who started it").isEqualTo(job.getOwner());
    assertThat(first.getBlocked()).as("whether an error holds it").isFalse();
    assertThat(first.hasQueuePlace()).as("whether it waits for a place").isFalse();
    assertThat(first.hasAge()).as("whether its age is told").isTrue();
    assertThat(Durations.toNanos(first.getAge()))
        .as("age of what the job last did")
        .isBetween(0L, told - asked);
    await("it has stood still for longer")
        .atMost(Calls.PATIENCE)
        .until(
            () ->
                standing(job, Durations.ZERO).stream()
                    .anyMatch(now -> Durations.compare(now.getAge(), first.getAge()) > 0));
    assertThat(standing(job, Durations.fromDays(1))).as("jobs that stand for a day").isEmpty();

    var _ = bench.jobs().unleash(job);
    var _ = bench.jobs().succeeded(job);
    assertThat(standing(job, Durations.ZERO)).as("a job that has ended").isEmpty();
  }

  @Case("the store tells how long its transaction lasts and how many wait for it, while they do")
  @Requirement({"R4"})
  public void store() {
    AtomicBoolean seen = new AtomicBoolean();
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    bench.onClose(
        () -> {
          seen.set(true);
          CompletableFuture.allOf(writers.toArray(CompletableFuture<?>[]::new))
              .orTimeout(Calls.PATIENCE.toSeconds(), TimeUnit.SECONDS)
              .join();
        });
    for (int i = 0; i < WRITERS; i++) {
      DomainSpec spec = bench.define().get().getSpec();
      writers.add(
          CompletableFuture.runAsync(() -> redefine(spec, seen), Thread::startVirtualThread));
    }

    AtomicReference<StoreWait> last = new AtomicReference<>(StoreWait.getDefaultInstance());
    await("a transaction waits for another")
        .atMost(Calls.PATIENCE)
        .until(
            () -> {
              last.set(storeWait(Durations.ZERO));
              return last.get().getWaiting() > 0 && last.get().hasWriting();
            });
    assertThat(last.get().getWriting()).matches(Durations::isValid).matches(Durations::isPositive);
    assertThat(last.get().getWaiting()).as("those who wait").isLessThan(2 * WRITERS);
    assertThat(storeWait(Durations.fromDays(1)).hasWriting())
        .as("a transaction of a day")
        .isFalse();

    seen.set(true);
    assertThat(writers).allSatisfy(writer -> assertThat(writer).succeedsWithin(Calls.PATIENCE));
    await("nobody waits for the store")
        .atMost(Calls.PATIENCE)
        .until(() -> storeWait(Durations.ZERO), StoreWait.getDefaultInstance()::equals);
  }

  /** Changes a definition again and again, each time with answers kept for a request id. */
  private void redefine(DomainSpec spec, AtomicBoolean enough) {
    for (int change = 0; !enough.get(); change++) {
      var _ =
          bench
              .calls()
              .domains()
              .defineDomain(
                  DefineDomainRequest.newBuilder()
                      .setSpec(spec.toBuilder().setTitle("change " + change))
                      .setRequestId(UUID.randomUUID().toString())
                      .build());
    }
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

  private StoreWait storeWait(Duration minimumAge) {
    return inspect(minimumAge).getStore();
  }

  private List<JobWait> standing(Job job, Duration minimumAge) {
    return inspect(minimumAge).getDriversList().stream()
        .flatMap(driver -> driver.getJobsList().stream())
        .filter(one -> one.getId().equals(job.getId()))
        .toList();
  }

  private List<CallWait> about(Job job, Duration minimumAge) {
    return inspect(minimumAge).getCallsList().stream()
        .filter(call -> call.getJobId().equals(job.getId()))
        .toList();
  }

  private InspectWaitsResponse inspect(Duration minimumAge) {
    return bench
        .calls()
        .host()
        .inspectWaits(InspectWaitsRequest.newBuilder().setMinimumAge(minimumAge).build());
  }
}
