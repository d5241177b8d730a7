package dev.drover.conformance.block.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.util.List;

/** What a job holds back while it has a disk (section 1F). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_COPY,
      Capability.CAPABILITY_BLOCK_PULL,
      Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
      Capability.CAPABILITY_BLOCK_COMMIT
    },
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
public final class HeldBackCases {

  private final Bench bench;

  /** Works on a bench. */
  public HeldBackCases(Bench bench) {
    this.bench = bench;
  }

  /** A job that has the disk. */
  public enum Holder {
    /** A copy in READY. */
    COPY,
    /** A commit of the active image: in READY, or at work where the domain is shut off. */
    ACTIVE_COMMIT,
    /** A pull at work. */
    PULL,
    /** An intermediate commit at work. */
    COMMIT;

    /** The refusal of whatever it holds back in a state. */
    ErrorReason reason(PowerState state) {
      return mirrors(state)
          ? ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE
          : ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE;
    }

    /** Whether it has a second phase in a state, in which it lasts until it is ended. */
    boolean mirrors(PowerState state) {
      return switch (this) {
        case COPY -> true;
        case ACTIVE_COMMIT -> state != PowerState.OFF;
        case PULL, COMMIT -> false;
      };
    }
  }

  /** Every job. */
  public static List<Holder> holders() {
    return List.of(Holder.values());
  }

  @Case("a second job on the disk is refused with the first one's id, owner and age")
  @Requirement({"F3", "R1"})
  @EachOf("holders")
  @InStates
  public void secondJob(Holder holder, PowerState state) {
    DiskChain chain = chain();
    TestDomain domain = bench.define(chain).start(state);
    Job job = hold(holder, state, domain, chain);

    for (Runnable second :
        List.<Runnable>of(
            () -> bench.jobs().pull(pull(domain)),
            () -> bench.jobs().copy(copy(domain, "second.img")),
            () -> bench.jobs().commit(commit(domain).setActive(true)),
            () -> bench.jobs().commit(commit(domain).setTop(chain.path("snap1"))))) {
      Refusal.of(second)
          .is(holder.reason(state))
          .tells("job", job.getId())
          .names("kind")
          .names("owner")
          .names("since");
    }

    assertThat(bench.jobs().of(domain)).hasSize(1);
    assertThat(bench.world().look(copy(domain, "second.img").getDestination()).exists()).isFalse();
    release(domain, chain, job);
  }

  @Case("a snapshot is refused while a job has a disk, and leaves no overlay")
  @Requirement({"F3", "G1"})
  @Needs(
      value = Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
      off = Capability.CAPABILITY_SNAPSHOT_OFFLINE)
  @EachOf("holders")
  @InStates
  public void snapshot(Holder holder, PowerState state) {
    DiskChain chain = chain();
    TestDomain domain = bench.define(chain).start(state);
    Job job = hold(holder, state, domain, chain);

    Refusal.of(() -> bench.snapshots().create(SnapshotRequests.create(domain, "late")))
        .is(holder.reason(state))
        .tells("job", job.getId());

    assertThat(
            bench
                .world()
                .look(
                    Image.newBuilder()
                        .setPath(bench.path("vda-active.late"))
                        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
                        .build())
                .exists())
        .isFalse();
    release(domain, chain, job);
  }

  @Case("a transient domain under a mirror cannot be made persistent")
  @Requirement({"F1"})
  @Needs(Capability.CAPABILITY_DOMAIN_TRANSIENT)
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void define(PowerState state) {
    DiskChain chain = chain();
    Domain created =
        bench
            .calls()
            .domains()
            .createDomain(
                CreateDomainRequest.newBuilder()
                    .setSpec(bench.spec(bench.name("vm"), chain.disk()))
                    .setPaused(state == PowerState.PAUSED)
                    .build())
            .getDomain();
    DomainRef ref = DomainRef.newBuilder().setUuid(created.getSpec().getUuid()).build();
    Job job =
        bench
            .jobs()
            .ready(
                bench
                    .jobs()
                    .copy(
                        BlockCopyRequest.newBuilder()
                            .setDomain(ref)
                            .setDisk("vda")
                            .setTransientJob(true)
                            .setDestination(image("copy.img"))));
    assertThat(job.getRequest().getTransientJob()).isTrue();

    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .defineDomain(
                        DefineDomainRequest.newBuilder().setSpec(created.getSpec()).build()))
        .is(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE)
        .tells("job", job.getId());
    assertThat(bench.domains().getFirst().getStatus().getPersistent()).isFalse();
    assertThat(bench.jobs().cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Case("undefine is not held back by a mirror: the domain goes on as a transient one")
  @Requirement({"F1"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void undefine(PowerState state) {
    DiskChain chain = chain();
    TestDomain domain = bench.define(chain).start(state);
    Job job = hold(Holder.COPY, state, domain, chain);

    domain.undefine();

    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(domain.get().getStatus().getPersistent()).isFalse();
    assertThat(bench.jobs().pivot(job).getResult().getPivoted()).isTrue();
    bench.check(domain).chain("vda", List.of(image("copy.img")));
  }

  @Case("a job on a shut-off domain holds back its start and the end of its definition")
  @Requirement({"C18", "F1", "R15"})
  @EachOf("holders")
  @InStates(PowerState.OFF)
  public void startAndUndefine(Holder holder) {
    DiskChain chain = chain();
    TestDomain domain = bench.define(chain);
    Job job = hold(holder, PowerState.OFF, domain, chain);

    Refusal.of(domain::start)
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId())
        .names("kind");
    Refusal.of(domain::undefine).is(holder.reason(PowerState.OFF)).tells("job", job.getId());

    release(domain, chain, job);
    assertThat(domain.start().active()).isTrue();
  }

  private Job hold(Holder holder, PowerState state, TestDomain domain, DiskChain chain) {
    Job job =
        switch (holder) {
          case COPY -> bench.jobs().copy(copy(domain, "copy.img"));
          case ACTIVE_COMMIT ->
              bench.jobs().commit(limit(commit(domain).setActive(true), holder.mirrors(state)));
          case PULL -> bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));
          case COMMIT ->
              bench.jobs().commit(limit(commit(domain).setTop(chain.path("snap1")), false));
        };
    return holder.mirrors(state) ? bench.jobs().ready(job) : job;
  }

  /** A job that ends by itself is held at work by its speed limit. */
  private static BlockCommitRequest.Builder limit(
      BlockCommitRequest.Builder request, boolean mirrors) {
    return mirrors ? request : request.setBandwidth(JobCalls.CRAWL);
  }

  private void release(TestDomain domain, DiskChain chain, Job job) {
    assertThat(bench.jobs().cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    bench.check(domain).now("vda", chain.images("active", "snap1", "base"), chain.contents());
  }

  private DiskChain chain() {
    return bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "snap1", "active");
  }

  private Image image(String file) {
    return Image.newBuilder()
        .setPath(bench.path(file))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private static BlockPullRequest.Builder pull(TestDomain domain) {
    return BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private static BlockCommitRequest.Builder commit(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private BlockCopyRequest.Builder copy(TestDomain domain, String file) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(image(file));
  }
}
