package dev.drover.conformance.block.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.List;

/** Pulls in every state of a domain (E1). */
@Needs(
    value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL},
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
public final class PullCases {

  private static final List<Fill> WRITE = List.of(new Fill(7 * Fill.BLOCK, 3 * Fill.BLOCK, 0xd1));

  private final Bench bench;

  /** Works on a bench. */
  public PullCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A pull on {@code base <- snap1 <- snap2 <- active}.
   *
   * @param base layer to keep; empty: none
   * @param after layers of the chain afterwards, from the top
   */
  public record Pull(String base, List<String> after) {

    @Override
    public String toString() {
      return "keeping " + (base.isEmpty() ? "nothing" : base);
    }
  }

  /** Every pull. */
  public static List<Pull> pulls() {
    return List.of(
        new Pull("", List.of("active")),
        new Pull("base", List.of("active", "base")),
        new Pull("snap1", List.of("active", "snap1", "base")),
        new Pull("snap2", List.of("active", "snap2", "snap1", "base")));
  }

  @Case("a pull ends by itself with base, or nothing, below the active image")
  @Requirement({"E1", "A11", "R1", "R8", "R15"})
  @EachOf("pulls")
  @InStates
  public void pull(Pull pull, PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", state.guest(WRITE));
    BlockPullRequest.Builder request = request(domain);
    if (!pull.base().isEmpty()) {
      request.setBase(chain.path(pull.base()));
    }

    Job end = bench.jobs().succeeded(bench.jobs().pull(request));

    assertThat(end.getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
    assertThat(end.getResult().getPivoted()).isFalse();
    assertThat(end.getResult().getInvalidatedPathsList())
        .as("a pull invalidates nothing")
        .isEmpty();
    for (String layer : List.of("base", "snap1", "snap2")) {
      bench.check(domain).shows(chain.layer(layer), chain.view(layer));
    }
    bench
        .check(domain)
        .everywhere(
            "vda",
            chain.images(pull.after().toArray(String[]::new)),
            chain.contents().with(state.guest(WRITE)));
  }

  /** Every pull into the image below the active one. */
  public static List<Pull> pullsBelow() {
    return List.of(
        new Pull("", List.of("active", "snap2")),
        new Pull("base", List.of("active", "snap2", "base")));
  }

  @Case("a pull into an image below the active one changes nothing above it")
  @Requirement({"E1", "R1", "R8", "R9", "R15"})
  @EachOf("pullsBelow")
  @InStates
  public void into(Pull pull, PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", state.guest(WRITE));
    BlockPullRequest.Builder request = request(domain).setInto(chain.path("snap2"));
    if (!pull.base().isEmpty()) {
      request.setBase(chain.path(pull.base()));
    }

    Job end = bench.jobs().succeeded(bench.jobs().pull(request));

    assertThat(end.getRequest().getTop()).isEqualTo(chain.path("snap2"));
    for (String layer : List.of("base", "snap1", "snap2")) {
      bench.check(domain).shows(chain.layer(layer), chain.view(layer));
    }
    bench
        .check(domain)
        .everywhere(
            "vda",
            chain.images(pull.after().toArray(String[]::new)),
            chain.contents().with(state.guest(WRITE)));
  }

  @Case("what is kept must be below what is pulled into")
  @Requirement({"B4"})
  @InStates
  public void baseAboveInto(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(
            () ->
                bench
                    .jobs()
                    .pull(
                        request(domain).setInto(chain.path("snap1")).setBase(chain.path("snap2"))))
        .is(ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP)
        .tells("top", chain.path("snap1"));
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("a relative reference stays relative")
  @Requirement({"R8", "E13"})
  @InStates
  public void staysRelative(PowerState state) {
    DiskChain chain =
        bench.chain("vda", DiskSize.SMALL, DiskChain.Style.RELATIVE, "base", "snap1", "active");
    TestDomain domain = bench.define(chain).start(state);

    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .pull(request(domain).setBase(chain.path("base")).setKeepRelative(true)));

    assertThat(bench.world().look(chain.active()).backingReference()).isEqualTo("vda-base.qcow2");
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("keep_relative is refused where the references are absolute, and no job is on record")
  @Requirement({"R8", "E1"})
  @InStates
  public void relativeImpossible(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "snap1", "active");
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(
            () ->
                bench
                    .jobs()
                    .pull(request(domain).setBase(chain.path("base")).setKeepRelative(true)))
        .is(ErrorReason.ERROR_REASON_RELATIVE_BACKING_IMPOSSIBLE)
        .tells("image", chain.path("active"));

    assertThat(bench.jobs().of(domain)).isEmpty();
    bench
        .check(domain)
        .everywhere("vda", chain.images("active", "snap1", "base"), chain.contents());
  }

  @Case("keep_relative without a base is refused")
  @Requirement({"A4"})
  public void relativeWithoutBase() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();

    Refusal.of(() -> bench.jobs().pull(request(domain).setKeepRelative(true)))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "keep_relative");
  }

  @Case("the active image cannot be its own base")
  @Requirement({"B4"})
  @InStates
  public void activeAsBase(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(() -> bench.jobs().pull(request(domain).setBase(chain.path("active"))))
        .is(ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP);
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("a pull has no second phase: it cannot be completed, only cancelled")
  @Requirement({"D10", "C11", "C12"})
  @InStates
  public void noPivot(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Job job = bench.jobs().pull(request(domain).setBandwidth(JobCalls.CRAWL));

    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_KIND_INVALID)
        .tells("job", job.getId())
        .names("kind");

    domain.write("vda", state.guest(WRITE));
    Job end = bench.jobs().cancel(job);
    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    bench
        .check(domain)
        .everywhere(
            "vda", chain.images("active", "base"), chain.contents().with(state.guest(WRITE)));
  }

  @Case("the call answers while the pull is still at work, and a second job is refused with its id")
  @Requirement({"A1", "R1"})
  @InStates
  public void answersAtOnce(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Job job = bench.jobs().pull(request(domain).setBandwidth(JobCalls.CRAWL));
    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(domain.disks().getFirst().getJobId()).isEqualTo(job.getId());

    Refusal.of(() -> bench.jobs().pull(request(domain)))
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId())
        .names("kind")
        .names("owner")
        .names("since");
    var _ = bench.jobs().unleash(job);
    var _ = bench.jobs().succeeded(job);
    bench.check(domain).now("vda", chain.images("active"), chain.contents());
  }

  @Case("validate_only answers the pull that would be started and starts none")
  @Requirement({"R24"})
  @InStates
  public void validateOnly(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Job shown =
        bench.jobs().pull(request(domain).setBase(chain.path("snap1")).setValidateOnly(true));

    assertThat(shown.getId()).isEmpty();
    assertThat(shown.getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
    assertThat(shown.getRequest().getBase()).isEqualTo(chain.path("snap1"));
    assertThat(bench.jobs().of(domain)).isEmpty();
    bench
        .check(domain)
        .now("vda", chain.images("active", "snap2", "snap1", "base"), chain.contents());
  }

  private DiskChain large() {
    return bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
  }

  private static BlockPullRequest.Builder request(TestDomain domain) {
    return BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }
}
