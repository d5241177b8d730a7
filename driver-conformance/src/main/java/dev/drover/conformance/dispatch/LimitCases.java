package dev.drover.conformance.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OutOfReach;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.GetCapabilitiesResponse;
import dev.drover.v1.Job;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;
import java.util.UUID;

/**
 * The daemon's limits are told and hold (R29). Those that take a day or ten thousand calls to reach
 * are only told; on a daemon where they are small the cases reach them.
 */
public final class LimitCases {

  /** What the API promises, in the order of its documentation. */
  private static final String[] KEYS = {
    "message_bytes",
    "calls_per_connection",
    "calls_per_caller",
    "watchers",
    "domains",
    "jobs",
    "jobs_per_store",
    "queued_jobs",
    "event_history",
    "page_size",
    "default_deadline_seconds",
    "maximum_deadline_seconds",
    "request_records",
    "request_record_age_seconds"
  };

  private static final int MOST_SECONDS = 60;
  private static final int MOST_RECORDS = 50;

  private final Bench bench;

  /** Works on a bench. */
  public LimitCases(Bench bench) {
    this.bench = bench;
  }

  @Case("every limit is told by its key, and none of them contradicts another")
  @Requirement({"R29"})
  public void told() {
    assertThat(capabilities().getLimitsMap()).containsKeys(KEYS);
    assertThat(capabilities().getLimitsMap().values()).allMatch(limit -> limit >= 0);
    assertThat(limit("default_deadline_seconds")).isBetween(1L, limit("maximum_deadline_seconds"));
    assertThat(limit("message_bytes")).isPositive();
    assertThat(limit("event_history")).isPositive();
  }

  @Case("no call lasts longer than the longest deadline, whatever its client allows it")
  @Requirement({"R29"})
  @Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL})
  public void longestDeadline() {
    var _ = reachable("maximum_deadline_seconds", MOST_SECONDS);
    TestDomain domain =
        bench
            .define(bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active"))
            .start();
    Job job =
        bench
            .jobs()
            .pull(
                BlockPullRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(512)));

    Refusal.of(() -> bench.jobs().ended(job)).is(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED);
    assertThat(bench.jobs().get(job).hasEndTime()).as("the job has ended too").isFalse();
    assertThat(bench.jobs().cancel(job).hasEndTime()).isTrue();
  }

  @Case("the answers to request ids are kept up to their number, the newest of them")
  @Requirement({"R29"})
  public void records() {
    long most = reachable("request_records", MOST_RECORDS);
    String name = bench.name("vm");
    String oldest = id();
    String newest = id();
    define(name, 1, oldest);
    for (int other = 1; other < most; other++) {
      define(name, 1, id());
    }
    Refusal.of(() -> define(name, 2, oldest)).is(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED);

    define(name, 1, newest);

    define(name, 2, oldest);
    Refusal.of(() -> define(name, 2, newest)).is(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED);
    assertThat(bench.domains()).singleElement().matches(one -> one.getSpec().getVcpus() == 2);
  }

  @Case("the answers to request ids are kept up to their age")
  @Requirement({"R29"})
  public void age() {
    var _ = reachable("request_record_age_seconds", MOST_SECONDS);
    String name = bench.name("vm");
    String id = id();
    define(name, 1, id);

    await("the answer is forgotten")
        .atMost(Calls.PATIENCE)
        .ignoreExceptionsMatching(
            e ->
                e instanceof StatusRuntimeException
                    && Optional.ofNullable(StatusProto.fromThrowable(e))
                        .flatMap(Refusal::reasonOf)
                        .equals(Optional.of(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED)))
        .until(() -> define(name, 2, id) == 2);
  }

  private GetCapabilitiesResponse capabilities() {
    return bench.calls().host().getCapabilities(GetCapabilitiesRequest.getDefaultInstance());
  }

  private long limit(String key) {
    return capabilities().getLimitsOrThrow(key);
  }

  /** The limit, where it is small enough for a case to run into it. */
  private long reachable(String key, int most) {
    long limit = limit(key);
    if (limit > most) {
      throw new OutOfReach(
          "the daemon's limit `%s` is %d, which no case runs into; with one of at most %d this one does"
              .formatted(key, limit, most));
    }
    return limit;
  }

  private int define(String name, int processors, String requestId) {
    DomainSpec spec = bench.spec(name).toBuilder().setVcpus(processors).build();
    return bench
        .calls()
        .domains()
        .defineDomain(
            DefineDomainRequest.newBuilder().setSpec(spec).setRequestId(requestId).build())
        .getDomain()
        .getSpec()
        .getVcpus();
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }
}
