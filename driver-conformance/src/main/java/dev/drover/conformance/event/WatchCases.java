package dev.drover.conformance.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.conformance.bench.WatchTap;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchType;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.function.Predicate;

/** The watch stream: state, then events, in one order without gaps (R6). */
public final class WatchCases {

  private final Bench bench;

  /** Works on a bench. */
  public WatchCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a stream begins with a resync, the state, and a bookmark that ends it")
  @Requirement({"R6"})
  public void initialState() {
    TestDomain domain = bench.define();
    WatchTap tap = WatchTap.live(bench, WatchRequest.getDefaultInstance());
    List<WatchResponse> received = tap.received();
    int end = 0;
    while (!WatchTap.stateComplete(received.get(end))) {
      end++;
    }

    assertThat(received.getFirst().getResync().getReason())
        .isEqualTo(ResyncReason.RESYNC_REASON_INITIAL);
    assertThat(received.subList(1, end)).allMatch(WatchResponse::hasExisting);
    assertThat(received.subList(1, end))
        .anyMatch(
            message -> message.getExisting().getDomain().getSpec().getName().equals(domain.name()));
  }

  @Case("the life of a domain is told in order, with revisions that never decrease")
  @Requirement({"R6"})
  public void life() {
    TestDomain domain = bench.define();
    WatchTap tap = WatchTap.live(bench, ofDomain(domain).build());
    domain.start(PowerState.RUNNING);
    domain.suspend();
    domain.resume();
    domain.destroy();
    domain.undefine();
    var _ = tap.event(EventKind.EVENT_KIND_DOMAIN_REMOVED);

    assertThat(tap.events().stream().map(Event::getKind))
        .containsSubsequence(
            EventKind.EVENT_KIND_DOMAIN_STARTED,
            EventKind.EVENT_KIND_DOMAIN_SUSPENDED,
            EventKind.EVENT_KIND_DOMAIN_RESUMED,
            EventKind.EVENT_KIND_DOMAIN_STOPPED,
            EventKind.EVENT_KIND_DOMAIN_REMOVED);
    assertThat(tap.received().stream().map(WatchResponse::getRevision)).isSorted();
    assertThat(tap.events()).allMatch(Event::hasTime);
    assertThat(tap.events())
        .allMatch(event -> event.getObject().getDomain().getSpec().getName().equals(domain.name()));
  }

  @Case("what holds already is done without a word: nothing has happened that could be told")
  @Requirement({"R6", "A12"})
  public void nothingHappened() {
    TestDomain domain = bench.define();
    WatchTap tap = WatchTap.live(bench, ofDomain(domain).build());
    domain.start(PowerState.PAUSED);
    domain.suspend();
    domain.resume();
    domain.resume();
    domain.suspend();
    domain.suspend();
    domain.destroy();
    domain.undefine();
    var _ = tap.event(EventKind.EVENT_KIND_DOMAIN_REMOVED);

    assertThat(tap.events().stream().map(Event::getKind))
        .filteredOn(
            kind ->
                kind == EventKind.EVENT_KIND_DOMAIN_SUSPENDED
                    || kind == EventKind.EVENT_KIND_DOMAIN_RESUMED)
        .containsExactly(
            EventKind.EVENT_KIND_DOMAIN_RESUMED, EventKind.EVENT_KIND_DOMAIN_SUSPENDED);
  }

  @Case("a mirror tells READY and then its end, and the two ends differ")
  @Requirement({"D3", "D18", "E14", "E15", "R6"})
  @Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void twoPhases(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    WatchTap tap = WatchTap.live(bench, WatchRequest.getDefaultInstance());
    Job kept = bench.jobs().ready(bench.jobs().commit(commit(domain)));
    var _ = bench.jobs().complete(kept, JobCompletion.JOB_COMPLETION_KEEP);
    Job pivoted = bench.jobs().commit(commit(domain));
    var _ = bench.jobs().pivot(pivoted);

    assertThat(tap.states(kept))
        .containsSubsequence(
            JobState.JOB_STATE_READY, JobState.JOB_STATE_CANCELLING, JobState.JOB_STATE_SUCCEEDED);
    assertThat(tap.states(pivoted))
        .containsSubsequence(
            JobState.JOB_STATE_READY, JobState.JOB_STATE_PIVOTING, JobState.JOB_STATE_SUCCEEDED);
    assertThat(tap.states(kept)).doesNotContain(JobState.JOB_STATE_PIVOTING);
  }

  @Case("a copy tells READY and then its end, in every state of the domain")
  @Requirement({"D3", "D18", "E14", "E15", "R6"})
  @Needs(
      value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_COPY},
      off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @InStates
  public void copyPhases(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start(state);
    WatchTap tap = WatchTap.live(bench, WatchRequest.getDefaultInstance());
    Job cancelled = bench.jobs().ready(bench.jobs().copy(copy(domain, "first.img")));
    var _ = bench.jobs().cancel(cancelled);
    Job pivoted = bench.jobs().copy(copy(domain, "second.img"));
    var _ = bench.jobs().pivot(pivoted);

    assertThat(tap.states(cancelled))
        .containsSubsequence(
            JobState.JOB_STATE_READY, JobState.JOB_STATE_CANCELLING, JobState.JOB_STATE_CANCELLED)
        .doesNotContain(JobState.JOB_STATE_PIVOTING);
    assertThat(tap.states(pivoted))
        .containsSubsequence(
            JobState.JOB_STATE_READY, JobState.JOB_STATE_PIVOTING, JobState.JOB_STATE_SUCCEEDED);
  }

  @Case("a job of one phase ends without READY, and no event follows its end")
  @Requirement({"C10", "D4", "R6"})
  @Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL})
  @InStates(PowerState.PAUSED)
  public void onePhase() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    WatchTap tap = WatchTap.live(bench, WatchRequest.getDefaultInstance());
    Job job =
        bench.jobs().pull(BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda"));
    List<JobState> states = tap.states(job);

    assertThat(states).doesNotContain(JobState.JOB_STATE_READY);
    assertThat(states.getLast()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    domain.destroy();
    var _ = tap.event(EventKind.EVENT_KIND_DOMAIN_STOPPED);
    List<Event> ofJob =
        tap.events().stream()
            .filter(event -> event.getObject().getJob().getId().equals(job.getId()))
            .toList();
    assertThat(ofJob.getFirst().getKind()).isEqualTo(EventKind.EVENT_KIND_JOB_CREATED);
    assertThat(ofJob.getLast().getObject().getJob().getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ofJob)
        .filteredOn(event -> event.getObject().getJob().hasEndTime())
        .as("the end is told once")
        .hasSize(1);
  }

  @Case("who hears of a job's end and looks, sees it")
  @Requirement({"R1", "R6"})
  @Needs(
      value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL},
      off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @InStates
  public void heardAndSeen(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start(state);
    WatchTap tap = WatchTap.live(bench, WatchRequest.getDefaultInstance());
    Job job =
        bench.jobs().pull(BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda"));

    assertThat(tap.states(job)).endsWith(JobState.JOB_STATE_SUCCEEDED);
    Job seen = bench.jobs().get(job);

    assertThat(seen.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(seen.hasEndTime()).isTrue();
    assertThat(domain.disks().getFirst().getJobId()).as("job that holds vda").isEmpty();
  }

  @Case("a snapshot is told with the domain's new disks")
  @Requirement({"R6", "G10"})
  @Needs(Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK)
  public void snapshot() {
    TestDomain domain = bench.define(bench.chain("vda", "active")).start();
    WatchTap tap = WatchTap.live(bench, ofDomain(domain).build());
    var _ = bench.snapshots().create(SnapshotRequests.create(domain, "one"));

    assertThat(
            tap.event(EventKind.EVENT_KIND_SNAPSHOT_CREATED)
                .getEvent()
                .getObject()
                .getSnapshot()
                .getName())
        .isEqualTo("one");
  }

  @Case("a stream resumes after the revision received last, without gap or repetition")
  @Requirement({"R6"})
  public void resume() {
    TestDomain domain = bench.define();
    WatchTap first = WatchTap.live(bench, ofDomain(domain).build());
    domain.start();
    long seen = first.event(EventKind.EVENT_KIND_DOMAIN_STARTED).getRevision();
    first.close();
    domain.destroy();

    WatchTap second = WatchTap.open(bench, ofDomain(domain).setResumeRevision(seen).build());
    var _ = second.event(EventKind.EVENT_KIND_DOMAIN_STOPPED);

    assertThat(second.received()).noneMatch(WatchResponse::hasResync);
    assertThat(second.events())
        .noneMatch(event -> event.getKind() == EventKind.EVENT_KIND_DOMAIN_STARTED);
    assertThat(second.received().getFirst().getRevision()).isGreaterThan(seen);
  }

  @Case("a revision that is no longer held is answered with a resync and the state")
  @Requirement({"R6"})
  public void tooOld() {
    TestDomain domain = bench.define();
    WatchTap tap = WatchTap.open(bench, WatchRequest.newBuilder().setResumeRevision(1).build());

    var _ = tap.first(WatchTap::stateComplete, "the state");
    assertThat(tap.received().getFirst().getResync().getReason())
        .isEqualTo(ResyncReason.RESYNC_REASON_TOO_OLD);
    assertThat(tap.received())
        .anyMatch(
            message -> message.getExisting().getDomain().getSpec().getName().equals(domain.name()));
  }

  @Case(
      "live_only begins with a bookmark instead of the state, and types and domain narrow a stream")
  @Requirement({"R6", "R20"})
  public void narrowed() {
    TestDomain domain = bench.define(bench.spec(bench.name("mine")));
    TestDomain other = bench.define(bench.spec(bench.name("other")));
    WatchTap mine =
        WatchTap.live(bench, ofDomain(domain).addTypes(WatchType.WATCH_TYPE_DOMAIN).build());
    WatchTap live = WatchTap.open(bench, WatchRequest.newBuilder().setLiveOnly(true).build());
    WatchTap jobs =
        WatchTap.live(bench, WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_JOB).build());
    var _ = live.first(WatchResponse::hasBookmark, "the bookmark that begins a live stream");
    other.start();
    other.destroy();
    domain.start();
    var _ = mine.event(EventKind.EVENT_KIND_DOMAIN_STARTED);
    var _ = live.first(started(other), "the start of a domain after the bookmark");

    assertThat(mine.received())
        .noneMatch(
            message ->
                message.getEvent().getObject().getDomain().getSpec().getName().equals(other.name())
                    || message.getExisting().getDomain().getSpec().getName().equals(other.name()));
    assertThat(live.received()).noneMatch(WatchResponse::hasExisting);
    assertThat(live.received().getFirst().hasBookmark()).isTrue();
    assertThat(jobs.received())
        .noneMatch(
            message ->
                message.getExisting().hasDomain() || message.getEvent().getObject().hasDomain());
  }

  @Case("a request that contradicts itself is refused")
  @Requirement({"R6"})
  public void contradiction() {
    WatchTap tap =
        WatchTap.open(
            bench, WatchRequest.newBuilder().setLiveOnly(true).setResumeRevision(7).build());
    Refusal.of(() -> rethrow(tap.failure())).is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);

    WatchTap types =
        WatchTap.open(
            bench, WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_UNSPECIFIED).build());
    Refusal.of(() -> rethrow(types.failure())).is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
  }

  private static Predicate<WatchResponse> started(TestDomain domain) {
    return message ->
        message.getEvent().getKind() == EventKind.EVENT_KIND_DOMAIN_STARTED
            && message.getEvent().getObject().getDomain().getSpec().getName().equals(domain.name());
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof StatusRuntimeException status) {
      throw status;
    }
    throw new AssertionError("no status", failure);
  }

  private static WatchRequest.Builder ofDomain(TestDomain domain) {
    return WatchRequest.newBuilder().setDomain(DomainRef.newBuilder().setUuid(domain.uuid()));
  }

  private static BlockCommitRequest.Builder commit(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").setActive(true);
  }

  private BlockCopyRequest.Builder copy(TestDomain domain, String file) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(
            Image.newBuilder().setPath(bench.path(file)).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));
  }
}
