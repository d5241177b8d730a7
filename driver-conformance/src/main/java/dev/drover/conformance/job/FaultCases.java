package dev.drover.conformance.job;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainWait;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import dev.drover.v1.UndefineDomainRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.Assertions;

/** What a failing host does to jobs and calls, told as it is (R1, R10, R17). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_TEST_CONTROL,
      Capability.CAPABILITY_BLOCK_PULL,
      Capability.CAPABILITY_BLOCK_COPY,
      Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
      Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK
    },
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
@InStates(PowerState.PAUSED)
public final class FaultCases {

  /** How long the end of a job takes where the host is slow. */
  private static final Duration SLOW = Duration.ofMillis(300);

  private final Bench bench;
  private final Faults faults;

  /** Works on a bench. */
  public FaultCases(Bench bench) {
    this.bench = bench;
    this.faults = new Faults(bench);
  }

  @Case("an I/O error fails the job and leaves the chain")
  @Requirement({"R1", "R17", "C12"})
  @InStates
  public void inputOutputError(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    faults.arm("job.running", FaultKind.FAULT_KIND_ERROR);

    Job end = bench.jobs().ended(bench.jobs().pull(pull(domain)));

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(Refusal.reasonOf(end.getError())).contains(ErrorReason.ERROR_REASON_JOB_IO_ERROR);
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a full disk blocks the job until there is room again")
  @Requirement({"C20", "R17"})
  @InStates
  public void diskFull(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    faults.arm("job.running", FaultKind.FAULT_KIND_DISK_FULL);
    Job job = bench.jobs().pull(pull(domain));
    await("the job is blocked")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(job).getBlocked());
    assertThat(bench.jobs().get(job).getBlockedDetail()).isNotBlank();

    faults.clear();

    Job end = bench.jobs().succeeded(job);
    assertThat(end.getBlocked()).isFalse();
    bench.check(domain).everywhere("vda", chain.images("active"), chain.contents());
  }

  @Case("a crash of the hypervisor interrupts the job and crashes the domain")
  @Requirement({"R1", "R17", "F3"})
  public void crash() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    faults.arm("job.ready", FaultKind.FAULT_KIND_HYPERVISOR_CRASH);

    Job end = bench.jobs().ended(bench.jobs().commit(commit(domain)));

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(Refusal.reasonOf(end.getError())).contains(ErrorReason.ERROR_REASON_JOB_INTERRUPTED);
    await("the domain has crashed")
        .atMost(Calls.PATIENCE)
        .until(() -> domain.get().getStatus().getState() != DomainState.DOMAIN_STATE_PAUSED);
    assertThat(domain.get().getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_CRASHED);
    assertThat(domain.stored("vda")).isEqualTo(chain.active());
    bench.check(domain).shows(chain.active(), chain.contents());
  }

  @Case("a pivot that fails says so to its caller, and the disk stays where it was")
  @Requirement({"D9", "R1", "R17", "D13"})
  public void pivotFails() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job job = bench.jobs().ready(bench.jobs().commit(commit(domain)));
    faults.arm("job.pivot", FaultKind.FAULT_KIND_ERROR);

    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_FAILED)
        .tells("job", job.getId());

    Job end = bench.jobs().get(job);
    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(end.getResult().getPivoted()).isFalse();
    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_FAILED)
        .tells("job", job.getId())
        .tells("state", "FAILED");
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a cancel of a job that ends otherwise says so to its caller, and so does the next one")
  @Requirement({"C11", "D9", "R17"})
  public void cancelFails() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job job = bench.jobs().ready(bench.jobs().commit(commit(domain)));
    faults.arm("job.cancel", FaultKind.FAULT_KIND_ERROR);

    Refusal.of(() -> bench.jobs().cancel(job))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID)
        .tells("job", job.getId())
        .tells("state", "FAILED");

    Job end = bench.jobs().get(job);
    assertThat(Refusal.reasonOf(end.getError())).contains(ErrorReason.ERROR_REASON_JOB_IO_ERROR);
    Refusal.of(() -> bench.jobs().cancel(job))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID)
        .tells("state", "FAILED");
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a divergence after the switch is told, and nothing is deleted")
  @Requirement({"R8", "C13", "R17"})
  public void diverged() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job job = bench.jobs().ready(bench.jobs().commit(commit(domain).setDelete(true)));
    faults.arm("job.finalize", FaultKind.FAULT_KIND_ERROR);

    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_FAILED);

    assertThat(Refusal.reasonOf(bench.jobs().get(job).getError()))
        .contains(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
    assertThat(bench.world().look(chain.active()).exists()).isTrue();
  }

  @Case("a mirror that has copied everything is not READY until the hypervisor says so")
  @Requirement({"R1", "R5", "D3", "R17"})
  public void copiedIsNotReady() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    faults.arm("job.ready", FaultKind.FAULT_KIND_HANG);
    Job job = bench.jobs().commit(commit(domain));
    await("everything is copied").atMost(Calls.PATIENCE).until(() -> copied(bench.jobs().get(job)));

    Job copied = bench.jobs().get(job);
    assertThat(copied.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(copied.hasReadyTime()).isFalse();
    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_NOT_READY)
        .tells("job", job.getId());

    faults.clear();
    var _ = bench.jobs().pivot(job);
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents());
  }

  @Case("a completion and a cancel are answered when the job has ended, however long that takes")
  @Requirement({"D8", "C11", "R17"})
  public void endIsAwaited() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job kept = bench.jobs().ready(bench.jobs().commit(commit(domain)));
    faults.delay("job.cancel", SLOW);
    assertThat(bench.jobs().cancel(kept).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);

    Job job = bench.jobs().ready(bench.jobs().commit(commit(domain)));
    faults.delay("job.pivot", SLOW);
    assertThat(bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents());
  }

  @Case("a lost READY event does not keep a job from being pivoted")
  @Requirement({"R1", "R5", "R17"})
  public void lostEvent() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    faults.arm("job.ready", FaultKind.FAULT_KIND_DROP_EVENT);
    Job job = bench.jobs().commit(commit(domain));
    await("READY on record")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(job).getState() == JobState.JOB_STATE_READY);

    assertThat(bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT).getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents());
  }

  @Case("a failing start leaves the domain off")
  @Requirement({"R17"})
  public void startFails() {
    TestDomain domain = bench.define();
    faults.arm("domain.start", FaultKind.FAULT_KIND_ERROR);

    Refusal.of(domain::start).is(ErrorReason.ERROR_REASON_INJECTED_FAULT).names("step");

    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(domain.start().get().getStatus().getId()).isPositive();
  }

  @Case("a hypervisor that ends while starting is told with its last words")
  @Requirement({"R17"})
  public void startCrashes() {
    TestDomain domain = bench.define();
    faults.arm("domain.start", FaultKind.FAULT_KIND_HYPERVISOR_CRASH);

    Refusal.of(domain::start)
        .is(ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED)
        .tells("domain", domain.name());
    assertThat(domain.get().getStatus().getId()).isZero();
  }

  @Case("a call that hangs ends with its deadline and holds up no other domain")
  @Requirement({"R4", "R10", "R17"})
  public void hang() {
    TestDomain stuck = bench.define(bench.spec(bench.name("stuck")));
    TestDomain other = bench.define(bench.spec(bench.name("other")));
    faults.arm("domain.start", FaultKind.FAULT_KIND_HANG);

    Assertions.assertThatThrownBy(
            () ->
                bench
                    .calls()
                    .within(Duration.ofMillis(500))
                    .domains()
                    .startDomain(StartDomainRequest.newBuilder().setDomain(stuck.ref()).build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure ->
                assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));

    assertThat(other.start().get().getStatus().getId()).isPositive();
    faults.clear();
    await("the hanging start has left nothing behind")
        .atMost(Calls.PATIENCE)
        .until(() -> stuck.get().getStatus().getState() == DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  @Case("who hangs, for whom and since when is told while it hangs")
  @Requirement({"R4", "R17"})
  public void hangIsTold() {
    TestDomain stuck = bench.define(bench.spec(bench.name("stuck")));
    faults.arm("domain.start", FaultKind.FAULT_KIND_HANG);
    Calls patient = bench.calls().within(Calls.PATIENCE);
    CompletableFuture<StartDomainResponse> start =
        CompletableFuture.supplyAsync(
            () ->
                patient
                    .domains()
                    .startDomain(StartDomainRequest.newBuilder().setDomain(stuck.ref()).build()));
    await("the start hangs and is told")
        .atMost(Calls.PATIENCE)
        .until(() -> waits(stuck).hasOldestCommand());

    DomainWait wait = waits(stuck);
    assertThat(wait.getOldestCommand().getCommand()).isEqualTo("domain.start");
    assertThat(wait.getCommands()).isEqualTo(1);
    assertThat(wait.getUuid()).isEqualTo(stuck.uuid());
    assertThat(wait.getOldestCommand().getGivenUp()).as("nobody waits for it").isFalse();
    assertThat(wait.getOldestCommand().getAge()).matches(Durations::isValid);
    assertThat(wait.getLane().getOperation()).isNotBlank();
    assertThat(Durations.compare(wait.getLane().getAge(), wait.getOldestCommand().getAge()))
        .as("the lane, entered before the command was given, is the older")
        .isNotNegative();
    assertThat(wait.getWaitingList()).as("who waits for the start").isEmpty();
    assertThat(inspect().getCallsList())
        .filteredOn(call -> call.getMethod().equals("drover.v1.DomainService/StartDomain"))
        .filteredOn(call -> call.getDomain().contains(stuck.name()))
        .as("calls that start it")
        .singleElement()
        .matches(call -> !call.getPrincipal().isEmpty() && !call.getOrigin().isEmpty());

    CompletableFuture<Void> undefine =
        CompletableFuture.runAsync(
            () ->
                patient
                    .domains()
                    .undefineDomain(
                        UndefineDomainRequest.newBuilder().setDomain(stuck.ref()).build()),
            Thread::startVirtualThread);
    await("somebody waits for the start")
        .atMost(Calls.PATIENCE)
        .until(() -> waits(stuck).getWaitingCount() == 1);
    assertThat(waits(stuck).getWaiting(0).getOperation())
        .isNotBlank()
        .isNotEqualTo(wait.getLane().getOperation());
    assertThat(waits(stuck).getWaiting(0).getAge()).matches(Durations::isValid);

    faults.clear();
    assertThat(start).succeedsWithin(Calls.PATIENCE);
    assertThat(undefine).succeedsWithin(Calls.PATIENCE);
    assertThat(waits(stuck)).isEqualTo(DomainWait.getDefaultInstance());
  }

  private InspectWaitsResponse inspect() {
    return bench
        .calls()
        .host()
        .inspectWaits(InspectWaitsRequest.newBuilder().setMinimumAge(Durations.ZERO).build());
  }

  private DomainWait waits(TestDomain domain) {
    return inspect().getDriversList().stream()
        .flatMap(driver -> driver.getDomainsList().stream())
        .filter(one -> one.getName().equals(domain.name()))
        .findFirst()
        .orElse(DomainWait.getDefaultInstance());
  }

  @Case("no room for a destination or an overlay is told before anything has begun")
  @Requirement({"G1", "G11", "R17"})
  @Needs(off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
  @InStates
  public void noSpace(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy =
        Image.newBuilder()
            .setPath(bench.path("copy.qcow2"))
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();
    faults.arm("image.create", FaultKind.FAULT_KIND_DISK_FULL);
    Refusal.of(
            () ->
                bench
                    .jobs()
                    .copy(
                        BlockCopyRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setDestination(copy)))
        .is(ErrorReason.ERROR_REASON_NO_SPACE)
        .names("path");
    assertThat(bench.world().look(copy).exists()).isFalse();

    faults.arm("image.create", FaultKind.FAULT_KIND_DISK_FULL);
    Refusal.of(() -> bench.snapshots().create(SnapshotRequests.create(domain, "s")))
        .is(ErrorReason.ERROR_REASON_NO_SPACE);

    assertThat(bench.jobs().of(domain)).isEmpty();
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a snapshot whose second disk fails, atomic or not, changes neither and leaves no overlay")
  @Requirement({"G1", "G2", "G3", "G11", "R17"})
  @Needs(off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
  @InStates
  public void secondDiskFails(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(first, second).start(state);
    for (boolean atomic : List.of(true, false)) {
      faults.arm("snapshot.disk.2", FaultKind.FAULT_KIND_ERROR);

      Refusal.of(
              () ->
                  bench.snapshots().create(SnapshotRequests.create(domain, "s").setAtomic(atomic)))
          .is(ErrorReason.ERROR_REASON_INJECTED_FAULT);

      for (String file : new String[] {"vda-active.s", "vdb-active.s"}) {
        assertThat(
                bench
                    .world()
                    .look(
                        Image.newBuilder()
                            .setPath(bench.path(file))
                            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
                            .build())
                    .exists())
            .as(file)
            .isFalse();
      }
      bench.check(domain).now("vda", first.images("active", "base"), first.contents());
      bench.check(domain).now("vdb", second.images("active", "base"), second.contents());
    }
    bench.check(domain).everywhere("vdb", second.images("active", "base"), second.contents());
  }

  @Case("a job that stands still can be cancelled")
  @Requirement({"C11", "R17"})
  public void cancelHanging() {
    DiskChain chain = bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job job = bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));
    faults.arm("job.running", FaultKind.FAULT_KIND_DISK_FULL);
    var _ = bench.jobs().unleash(job);
    await("the job is blocked")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(job).getBlocked());

    assertThat(bench.jobs().cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
  }

  private static boolean copied(Job job) {
    long total = job.getProgress().getTotalBytes();
    return total > 0 && job.getProgress().getOffsetBytes() == total;
  }

  private static BlockPullRequest.Builder pull(TestDomain domain) {
    return BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private static BlockCommitRequest.Builder commit(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").setActive(true);
  }
}
