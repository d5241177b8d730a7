package dev.drover.conformance.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.drover.conformance.Case;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.BusyGuest;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.conformance.bench.Waiting;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.util.List;

/** How mirrors get in step with a guest that writes faster than they copy, and what ends them. */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_COPY,
  Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
  Capability.CAPABILITY_JOB_POLICIES
})
public final class ConvergenceCases {

  /** Slower than any guest writes, and fast enough for the disk as it is. */
  private static final Bandwidth SLOW = Bandwidth.newBuilder().setBytesPerSecond(2 << 20).build();

  private static final Duration MOST_PAUSE = Duration.newBuilder().setSeconds(30).build();

  private final Bench bench;

  /** Works on a bench. */
  public ConvergenceCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a copy that its guest outruns is never READY, and ends when its time is over")
  @Requirement({"R19", "D9"})
  public void outrun() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(PowerState.RUNNING);
    try (BusyGuest guest = BusyGuest.on(domain, "vda")) {
      Job end =
          bench
              .jobs()
              .ended(
                  copy(
                      domain,
                      SLOW,
                      Convergence.newBuilder()
                          .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_NONE)
                          .setDeadline(Duration.newBuilder().setSeconds(6)),
                      JobCompletion.JOB_COMPLETION_UNSPECIFIED));

      assertNotConverged(end, "6000");
      assertThat(bench.world().look(destination()).exists()).as("the destination").isFalse();
      bench
          .check(domain)
          .live("vda", chain.images("active", "base"), chain.contents().with(guest.stop()));
    }
  }

  @Case("an active commit that is not READY in time leaves the disk where it was")
  @Requirement({"R19", "C12", "D9"})
  public void commitInTime() {
    DiskChain chain = bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job job =
        bench
            .jobs()
            .commit(
                BlockCommitRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setActive(true)
                    .setBandwidth(JobCalls.CRAWL)
                    .setConvergence(
                        Convergence.newBuilder()
                            .setDeadline(Duration.newBuilder().setNanos(700_000_000))));
    assertThat(job.getRequest().getConvergence().getPolicy())
        .isEqualTo(ConvergencePolicy.CONVERGENCE_POLICY_NONE);

    assertNotConverged(bench.jobs().ended(job), "700");
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a job that was READY in time is not ended by its deadline")
  @Requirement("R19")
  public void readyInTime() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job job =
        copy(
            domain,
            Bandwidth.getDefaultInstance(),
            Convergence.newBuilder().setDeadline(Duration.newBuilder().setSeconds(3600)),
            JobCompletion.JOB_COMPLETION_UNSPECIFIED);

    var _ = bench.jobs().pivot(job);
    bench.check(domain).live("vda", List.of(destination()), chain.contents());
  }

  @Case("guest writes that wait for the copy let it become READY")
  @Requirement("R19")
  public void writeBlocking() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(PowerState.RUNNING);
    try (BusyGuest guest = BusyGuest.on(domain, "vda")) {
      Job ready =
          bench
              .jobs()
              .ready(
                  copy(
                      domain,
                      SLOW,
                      Convergence.newBuilder()
                          .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING),
                      JobCompletion.JOB_COMPLETION_UNSPECIFIED));
      List<Fill> written = guest.stop();
      var _ = bench.jobs().pivot(ready);
      bench.check(domain).live("vda", List.of(destination()), chain.contents().with(written));
    }
  }

  @Case("a guest that is held once lets its copy become READY, and is shown as running")
  @Requirement({"R19", "R2"})
  public void held() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(PowerState.RUNNING);
    try (BusyGuest guest = BusyGuest.on(domain, "vda")) {
      Job job = copy(domain, SLOW, pause(), JobCompletion.JOB_COMPLETION_UNSPECIFIED);
      Waiting.await("the copy has done its work")
          .until(
              () -> {
                assertThat(domain.get().getStatus().getState())
                    .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
                return bench.jobs().get(job).getState() != JobState.JOB_STATE_RUNNING;
              });
      List<Fill> written = guest.stop();
      assertHeld(bench.jobs().pivot(job));
      bench.check(domain).live("vda", List.of(destination()), chain.contents().with(written));
    }
  }

  @Case("a guest stays held until a copy that ends by itself has ended")
  @Requirement({"R19", "D7"})
  public void heldToTheEnd() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(PowerState.RUNNING);
    try (BusyGuest guest = BusyGuest.on(domain, "vda")) {
      Job end =
          bench.jobs().succeeded(copy(domain, SLOW, pause(), JobCompletion.JOB_COMPLETION_PIVOT));

      assertHeld(end);
      bench.check(domain).live("vda", List.of(destination()), chain.contents().with(guest.stop()));
    }
  }

  @Case("a paused guest is not held")
  @Requirement({"R19", "R15"})
  public void pausedGuest() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job end =
        bench
            .jobs()
            .pivot(
                copy(
                    domain,
                    Bandwidth.getDefaultInstance(),
                    pause(),
                    JobCompletion.JOB_COMPLETION_UNSPECIFIED));

    assertThat(end.getResult().hasGuestPause()).isFalse();
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    bench.check(domain).live("vda", List.of(destination()), chain.contents());
  }

  @Case("a deadline holds over a restart of the daemon")
  @Requirement({"R19", "R2"})
  @Needs(Capability.CAPABILITY_DOMAIN_ADOPTION)
  public void restart() {
    DiskChain chain = bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job job =
        copy(
            domain,
            JobCalls.CRAWL,
            Convergence.newBuilder().setDeadline(Duration.newBuilder().setNanos(900_000_000)),
            JobCompletion.JOB_COMPLETION_UNSPECIFIED);
    if (bench.target().restartDaemon()) {
      assertNotConverged(bench.jobs().ended(job), "900");
      bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
    }
  }

  private static Convergence.Builder pause() {
    return Convergence.newBuilder()
        .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE)
        .setMaxPause(MOST_PAUSE);
  }

  private Job copy(
      TestDomain domain, Bandwidth speed, Convergence.Builder convergence, JobCompletion end) {
    return bench
        .jobs()
        .copy(
            BlockCopyRequest.newBuilder()
                .setDomain(domain.ref())
                .setDisk("vda")
                .setDestination(destination())
                .setBandwidth(speed)
                .setBufferSizeBytes(65_536)
                .setAutoComplete(end)
                .setConvergence(convergence));
  }

  private Image destination() {
    return Image.newBuilder()
        .setPath(bench.path("copy.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private static void assertNotConverged(Job end, String milliseconds) {
    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(end.hasReadyTime()).isFalse();
    assertThat(end.getError().getMessage()).contains(end.getId());
    Refusal.ofJob(end)
        .is(ErrorReason.ERROR_REASON_JOB_NOT_CONVERGED)
        .tells("job", end.getId())
        .tells("deadline_ms", milliseconds);
  }

  private static void assertHeld(Job end) {
    assertThat(end.getResult().hasGuestPause()).as("the guest was held").isTrue();
    Duration pause = end.getResult().getGuestPause();
    assertThat(pause.getSeconds()).isLessThan(MOST_PAUSE.getSeconds());
    assertThat(pause).isNotEqualTo(Duration.getDefaultInstance());
  }
}
