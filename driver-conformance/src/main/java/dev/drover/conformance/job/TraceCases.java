package dev.drover.conformance.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OutOfReach;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.SnapshotCalls;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import java.util.UUID;

/** The call that began a job is on its record, so that the job is found in the client's trace. */
@Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL})
public final class TraceCases {

  private static final String SPAN = "b7ad6b7169203331";

  private final Bench bench;

  /** Works on a bench. */
  public TraceCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a job names the call that began it, in the trace of its client, also when it has ended")
  @Requirement({"R1"})
  public void onRecord() {
    DiskChain one = bench.chain("vda", "base", "active");
    DiskChain two = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(one, two).start();
    String trace = trace();
    String other = trace();

    Job job = reached(asked(trace).pull(pull(domain, "vda")));
    Job later = asked(other).pull(pull(domain, "vdb"));

    isOf(job, trace);
    isOf(later, other);
    Job end = bench.jobs().succeeded(job);
    assertThat(end.getTraceparent()).as("of the ended job").isEqualTo(job.getTraceparent());
    assertThat(bench.jobs().succeeded(later).getTraceparent())
        .as("of the other ended job")
        .isEqualTo(later.getTraceparent());
    assertThat(bench.jobs().of(domain))
        .as("as listed")
        .extracting(Job::getTraceparent)
        .containsExactly(later.getTraceparent(), job.getTraceparent());
  }

  @Case("a call that is repeated does not move its job to another trace")
  @Requirement({"R1", "R7"})
  public void repeated() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    String trace = trace();
    BlockPullRequest.Builder request =
        pull(domain, "vda").setJobId(UUID.randomUUID().toString()).setBandwidth(JobCalls.CRAWL);

    Job job = reached(asked(trace).pull(request));
    Job again = asked(trace()).pull(request);

    isOf(job, trace);
    assertThat(again.getTraceparent()).as("of the same job").isEqualTo(job.getTraceparent());
    assertThat(bench.jobs().cancel(job).getTraceparent())
        .as("of the cancelled job")
        .isEqualTo(job.getTraceparent());
  }

  @Case("copies that begin with a snapshot are in the trace of the call that made it")
  @Requirement({"R1", "G12"})
  @Needs({
    Capability.CAPABILITY_BLOCK_COPY,
    Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK,
    Capability.CAPABILITY_SNAPSHOT_COPY
  })
  public void withSnapshot() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    String trace = trace();

    CreateSnapshotResponse made =
        new SnapshotCalls(bench.calls().traced(parent(trace)))
            .withCopies(
                SnapshotRequests.create(domain, "moment")
                    .addCopies(
                        BlockCopyRequest.newBuilder()
                            .setDisk("vda")
                            .setDestination(
                                Image.newBuilder()
                                    .setPath(bench.path("copy.qcow2"))
                                    .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))));

    Job copy = reached(made.getCopyJobs(0));
    isOf(copy, trace);
    assertThat(bench.jobs().cancel(copy).getTraceparent())
        .as("of the copy that was given up")
        .isEqualTo(copy.getTraceparent());
  }

  @Case("the next daemon still knows the call that began a job")
  @Requirement({"R1", "R2"})
  @Needs(Capability.CAPABILITY_DOMAIN_ADOPTION)
  public void outlivesDaemon() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    String trace = trace();
    Job job = reached(asked(trace).pull(pull(domain, "vda").setBandwidth(JobCalls.CRAWL)));

    boolean restarted = bench.target().restartDaemon();

    Job found = bench.jobs().get(job);
    isOf(found, trace);
    assertThat(found.getTraceparent())
        .as("restarted: %s", restarted)
        .isEqualTo(job.getTraceparent());
    assertThat(bench.jobs().cancel(job).hasEndTime()).isTrue();
  }

  /** Nobody but its author can tell a daemon that does not trace from one that forgets. */
  private Job reached(Job job) {
    if (job.getTraceparent().isEmpty() && !bench.target().traces()) {
      throw new OutOfReach("the daemon sends no traces ([tracing] otlp_endpoint)");
    }
    return job;
  }

  private static void isOf(Job job, String trace) {
    assertThat(job.getTraceparent())
        .as("the call of the job, in the trace of its client")
        .matches("00-" + trace + "-[0-9a-f]{16}-01")
        .doesNotContain(SPAN);
  }

  private JobCalls asked(String trace) {
    return new JobCalls(bench.calls().traced(parent(trace)));
  }

  /** What a client sends whose work is traced. */
  private static String parent(String trace) {
    return "00-%s-%s-01".formatted(trace, SPAN);
  }

  private static String trace() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private static BlockPullRequest.Builder pull(TestDomain domain, String disk) {
    return BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk(disk);
  }
}
