package dev.drover.spi.job;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.FakeTime;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class JobBookTest {

  private static final String DOMAIN = "6695eb01-f6a4-8304-79aa-97f2502e193f";

  private final FakeTime time = new FakeTime();
  private final MemoryStore store = new MemoryStore();
  private final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  private final JobBook book = new JobBook(store, time, events::add);

  @Test
  void jobIsOnRecordAndToldBeforeAnythingHappens() {
    // R1, R2
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(job.getId()).hasSize(36);
    assertThat(job.getOwner()).isEqualTo("uid:1000");
    assertThat(job.getCreateTime()).isEqualTo(now());
    assertThat(store.read(JobBook.COLLECTION, job.getId())).contains(job.toByteString());
    assertThat(kinds()).containsExactly(EventKind.EVENT_KIND_JOB_CREATED);
  }

  @Test
  void journalIsWrittenInTheSameTransaction() {
    // R2: a journal that fails takes the job with it.
    assertThatThrownBy(
            () ->
                book.begin(
                    origin("", ""),
                    draft(JobKind.JOB_KIND_PULL, "vda"),
                    transaction -> {
                      throw new IllegalStateException("full");
                    }))
        .hasMessage("full");
    assertThat(book.list()).isEmpty();
    assertThat(store.list(JobBook.COLLECTION)).isEmpty();
    assertThat(events).isEmpty();

    Job job =
        book.begin(
            origin("", ""),
            draft(JobKind.JOB_KIND_PULL, "vda"),
            transaction -> transaction.put("journal", "step", ByteString.copyFromUtf8("one")));
    book.advance(
        job.getId(),
        JobState.JOB_STATE_RUNNING,
        builder -> {},
        transaction -> transaction.put("journal", "step", ByteString.copyFromUtf8("two")));
    assertThat(store.read("journal", "step")).contains(ByteString.copyFromUtf8("two"));
  }

  /** What is done for a job by the next daemon belongs to the call that began it, too. */
  @Test
  void aJobKnowsTheTraceOfItsCallAfterARestart() {
    CallContext traced =
        new CallContext(
            new Caller("uid:1000", "test"),
            "call",
            time.instant().plusSeconds(1),
            () -> false,
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    JobOrigin origin = JobOrigin.of(traced, BlockPullRequest.getDefaultInstance(), "deletion", "");
    assertThat(origin.called()).isTrue();
    Job job = book.begin(origin, draft(JobKind.JOB_KIND_PULL, ""), _ -> {});
    assertThat(job.getTraceparent()).isEqualTo(traced.traceparent());
    Job read = new JobBook(store, time, events::add).require(job.getId());
    assertThat(read.getTraceparent()).isEqualTo(traced.traceparent());

    JobOrigin step = JobOrigin.step(read, "step", BlockPullRequest.getDefaultInstance());
    assertThat(step.traceparent()).isEqualTo(traced.traceparent());
    assertThat(step.called()).isFalse();
    assertThat(JobOrigin.turn(read).withJobId("other").traceparent())
        .isEqualTo(traced.traceparent());
    assertThat(JobOrigin.turn(read).called()).isFalse();
  }

  @Test
  void aJobMovesInsideATransactionThatChangesSomethingElse() {
    // R8
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    assertThatThrownBy(
            () ->
                book.advanceWithin(
                    job.getId(),
                    JobState.JOB_STATE_RUNNING,
                    builder -> {},
                    write ->
                        store.transact(
                            transaction -> {
                              write.accept(transaction);
                              throw new IllegalStateException("full");
                            })))
        .hasMessage("full");
    assertThat(book.require(job.getId())).isEqualTo(job);
    assertThat(store.read(JobBook.COLLECTION, job.getId())).contains(job.toByteString());

    Job moved =
        book.advanceWithin(
            job.getId(),
            JobState.JOB_STATE_RUNNING,
            builder -> {},
            write ->
                store.transact(
                    transaction -> {
                      write.accept(transaction);
                      transaction.put("other", "thing", ByteString.copyFromUtf8("moved"));
                    }));
    assertThat(moved.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(book.require(job.getId())).isEqualTo(moved);
    assertThat(store.read(JobBook.COLLECTION, job.getId())).contains(moved.toByteString());
    assertThat(store.read("other", "thing")).contains(ByteString.copyFromUtf8("moved"));
    assertThat(kinds())
        .containsExactly(EventKind.EVENT_KIND_JOB_CREATED, EventKind.EVENT_KIND_JOB_STATE_CHANGED);
  }

  @Test
  void jobsBeginInsideATransactionThatEntersSomethingElseAllOfThemOrNone() {
    // G12, R2
    List<JobBook.Beginning> two =
        List.of(
            new JobBook.Beginning(origin("one", ""), draft(JobKind.JOB_KIND_COPY, "vda")),
            new JobBook.Beginning(origin("two", ""), draft(JobKind.JOB_KIND_COPY, "vdb")));
    assertThatThrownBy(
            () ->
                book.beginWithin(
                    two,
                    write ->
                        store.transact(
                            transaction -> {
                              write.accept(transaction);
                              throw new IllegalStateException("full");
                            })))
        .hasMessage("full");
    assertThat(book.list()).isEmpty();
    assertThat(store.list(JobBook.COLLECTION)).isEmpty();
    assertThat(events).isEmpty();

    List<Job> begun =
        book.beginWithin(
            two,
            write ->
                store.transact(
                    transaction -> {
                      write.accept(transaction);
                      transaction.put("other", "thing", ByteString.copyFromUtf8("entered"));
                    }));
    assertThat(begun).extracting(Job::getId).containsExactly("one", "two");
    assertThat(begun).extracting(Job::getState).containsOnly(JobState.JOB_STATE_PENDING);
    for (Job job : begun) {
      assertThat(book.require(job.getId())).isEqualTo(job);
      assertThat(store.read(JobBook.COLLECTION, job.getId())).contains(job.toByteString());
    }
    assertThat(book.repeated(origin("one", ""))).contains(begun.getFirst());
    assertThat(store.read("other", "thing")).contains(ByteString.copyFromUtf8("entered"));
    assertThat(kinds())
        .containsExactly(EventKind.EVENT_KIND_JOB_CREATED, EventKind.EVENT_KIND_JOB_CREATED);
  }

  @Test
  void timesAreSetWhereTheyBelong() {
    Job job = begin("", JobKind.JOB_KIND_COPY, "vda");
    time.pass(Duration.ofSeconds(1));
    Timestamp started = now();
    advance(job, JobState.JOB_STATE_RUNNING);
    time.pass(Duration.ofSeconds(1));
    Timestamp ready = now();
    advance(job, JobState.JOB_STATE_READY);
    time.pass(Duration.ofSeconds(1));
    advance(job, JobState.JOB_STATE_PIVOTING);
    Job again = advance(job, JobState.JOB_STATE_READY);
    assertThat(again.getReadyTime()).as("READY for the first time").isEqualTo(ready);
    assertThat(again.hasEndTime()).isFalse();
    advance(job, JobState.JOB_STATE_CANCELLING);
    time.pass(Duration.ofSeconds(1));
    Job ended = advance(job, JobState.JOB_STATE_CANCELLED);
    assertThat(ended.getStartTime()).isEqualTo(started);
    assertThat(ended.getEndTime()).isEqualTo(now());
    assertThat(ended.getRevision()).isEqualTo(7);
  }

  @Test
  void moveThatTheStateMachineLacksChangesNothing() {
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    assertThatThrownBy(() -> advance(job, JobState.JOB_STATE_SUCCEEDED))
        .isInstanceOf(IllegalStateException.class);
    assertThat(book.require(job.getId())).isEqualTo(job);
  }

  @Test
  void endedJobIsNeitherBlockedNorFastAnyMore() {
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    advance(job, JobState.JOB_STATE_RUNNING);
    book.observe(
        job.getId(),
        builder ->
            builder
                .setBlocked(true)
                .setBlockedDetail("full")
                .setProgress(JobProgress.newBuilder().setOffsetBytes(5).setRateBytesPerSecond(9)));
    Job ended = advance(job, JobState.JOB_STATE_FAILED);
    assertThat(ended.getBlocked()).isFalse();
    assertThat(ended.getBlockedDetail()).isEmpty();
    assertThat(ended.getProgress()).isEqualTo(JobProgress.newBuilder().setOffsetBytes(5).build());
  }

  @Test
  void progressIsToldButNotStoredAndNeverReopensAJob() {
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    advance(job, JobState.JOB_STATE_RUNNING);
    ByteString stored = store.read(JobBook.COLLECTION, job.getId()).orElseThrow();
    book.observe(
        job.getId(), builder -> builder.setProgress(JobProgress.newBuilder().setOffsetBytes(7)));
    assertThat(book.require(job.getId()).getProgress().getOffsetBytes()).isEqualTo(7);
    assertThat(store.read(JobBook.COLLECTION, job.getId())).contains(stored);
    Job ended = advance(job, JobState.JOB_STATE_FAILED);
    book.observe(job.getId(), builder -> builder.setBlocked(true));
    book.observe("nobody", builder -> builder.setBlocked(true));
    assertThat(book.require(job.getId())).isEqualTo(ended);
  }

  @Test
  void everyJobIsFoundAgainAfterARestart() {
    // R1
    Job running = begin("a", JobKind.JOB_KIND_PULL, "vda");
    advance(running, JobState.JOB_STATE_RUNNING);
    Job ended = begin("b", JobKind.JOB_KIND_PULL, "vdb");
    advance(ended, JobState.JOB_STATE_FAILED);

    JobBook reloaded = new JobBook(store, time, events::add);
    assertThat(reloaded.list()).containsExactlyInAnyOrderElementsOf(book.list());
    assertThat(reloaded.holder(DOMAIN, "vda")).contains(book.require("a"));
    assertThat(reloaded.holder(DOMAIN, "vdb")).isEmpty();
    assertThat(reloaded.repeated(origin("a", ""))).contains(book.require("a"));
  }

  @Test
  void diskHeldByAJobIsRefusedWithTheJobsNameAndOwner() {
    // 1F
    Job copy = begin("one", JobKind.JOB_KIND_COPY, "vda");
    begin("two", JobKind.JOB_KIND_COMMIT, "vdb");
    DriverException mirror =
        refused(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE, () -> book.requireFree(DOMAIN, "vda"));
    assertThat(mirror.metadata())
        .containsEntry("job", "one")
        .containsEntry("kind", "COPY")
        .containsEntry("owner", "uid:1000")
        .containsEntry("since", "2026-01-01T00:00:00Z");
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> book.requireFree(DOMAIN, "vdb"));
    refused(
        ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE,
        () -> begin("three", JobKind.JOB_KIND_PULL, "vda"));
    book.requireFree(DOMAIN, "vdc");
    book.requireFree("another domain", "vda");
    advance(copy, JobState.JOB_STATE_FAILED);
    book.requireFree(DOMAIN, "vda");
  }

  @Test
  void startOfADomainIsRefusedAsBusyWhateverTheKind() {
    // C18
    book.requireStartable(DOMAIN);
    book.requireIdle(DOMAIN);
    begin("", JobKind.JOB_KIND_COPY, "vda");
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> book.requireStartable(DOMAIN));
    refused(ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE, () -> book.requireIdle(DOMAIN));
  }

  @Test
  void sameJobIdOrRequestIdIsOneJob() {
    // R1, R7
    assertThat(book.repeated(origin("mine", "r1"))).isEmpty();
    Job job = book.begin(origin("mine", "r1"), draft(JobKind.JOB_KIND_PULL, "vda"), _ -> {});
    assertThat(book.repeated(origin("mine", "r1"))).contains(job);
    assertThat(book.repeated(origin("mine", ""))).contains(job);
    assertThat(book.repeated(origin("", "r1"))).contains(job);
    assertThat(book.repeated(origin("", "r2"))).isEmpty();
    assertThat(book.repeated(origin("", ""))).isEmpty();
    begin("", JobKind.JOB_KIND_PULL, "vdb");
    assertThat(book.repeated(origin("", ""))).as("no id says that it is the same").isEmpty();
  }

  @Test
  void reusedIdWithAnotherRequestIsRefused() {
    book.begin(origin("mine", "r1"), draft(JobKind.JOB_KIND_PULL, "vda"), _ -> {});
    refused(ErrorReason.ERROR_REASON_JOB_ID_REUSED, () -> book.repeated(other("mine", "r2")));
    refused(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED, () -> book.repeated(other("", "r1")));
    JobOrigin stranger =
        new JobOrigin("uid:7", "", "r1", ByteString.copyFromUtf8("something else"), "");
    assertThat(book.repeated(stranger)).as("request ids belong to their owner").isEmpty();
  }

  @Test
  void discardedJobLeavesNoRecord() {
    Job job = begin("mine", JobKind.JOB_KIND_PULL, "vda");
    book.discard(job.getId(), _ -> {});
    refused(ErrorReason.ERROR_REASON_JOB_NOT_FOUND, () -> book.require("mine"));
    assertThat(store.list(JobBook.COLLECTION)).isEmpty();
    assertThat(book.repeated(origin("mine", ""))).isEmpty();
    Job again = begin("mine", JobKind.JOB_KIND_PULL, "vda");
    advance(again, JobState.JOB_STATE_RUNNING);
    assertThatThrownBy(() -> book.discard("mine", _ -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void editKeepsTheStateAndIsDurable() {
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    Job edited =
        book.edit(
            job.getId(),
            builder -> builder.setSpeedBytesPerSecond(5).setState(JobState.JOB_STATE_SUCCEEDED),
            _ -> {});
    assertThat(edited.getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(new JobBook(store, time, events::add).require(job.getId())).isEqualTo(edited);
  }

  @Test
  void waitEndsAtTheCallsDeadlineAndTheJobGoesOn() {
    // R2, R10
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    CallContext call = time.call(Duration.ofSeconds(5));
    time.pass(Duration.ofSeconds(5));
    refused(
        ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
        () -> book.await(call, job.getId(), _ -> false));
    assertThat(book.require(job.getId())).isEqualTo(job);
    CallContext gone =
        new CallContext(Caller.DAEMON, "call", time.instant().plusSeconds(9), () -> true);
    refused(
        ErrorReason.ERROR_REASON_CALL_CANCELLED, () -> book.await(gone, job.getId(), _ -> false));
  }

  @Test
  void waitEndsWithTheStateThatWasWanted() {
    Job job = begin("", JobKind.JOB_KIND_PULL, "vda");
    CallContext call = time.call(Duration.ofDays(1));
    CompletableFuture<Job> waiting =
        CompletableFuture.supplyAsync(
            () -> book.await(call, job.getId(), seen -> JobTransitions.terminal(seen.getState())));
    Job ended = advance(job, JobState.JOB_STATE_FAILED);
    Awaitility.await().until(waiting::isDone);
    assertThat(waiting.join()).isEqualTo(ended);
  }

  @Test
  void jobMovesOnlyFromTheStateThatWasLookedAt() {
    // R15: of a cancel and the step after which it comes too late, one wins.
    Job job = begin("", JobKind.JOB_KIND_SNAPSHOT_REVERT, "");
    advance(job, JobState.JOB_STATE_RUNNING);
    assertThat(move(job, JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_CANCELLING)).isPresent();
    assertThat(move(job, JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_FINALIZING)).isEmpty();
    assertThat(store.read("journal", "FINALIZING")).isEmpty();
    assertThat(book.require(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);
  }

  @Test
  void jobOfAWholeDomainHoldsEveryDisk() {
    // C18
    begin("", JobKind.JOB_KIND_SNAPSHOT_DELETE, "");
    DomainSpec stored =
        DomainSpec.newBuilder()
            .setUuid(DOMAIN)
            .addDisks(Disk.newBuilder().setTarget("vda"))
            .addDisks(Disk.newBuilder().setTarget("vdb"))
            .build();
    book.requireUnchanged(stored, stored.toBuilder().setMemoryBytes(1).build());
    refused(
        ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
        () -> book.requireUnchanged(stored, stored.toBuilder().removeDisks(1).build()));
  }

  @Test
  void jobOfAWholeDomainBeginsWhereNoOtherWorks() {
    // C18
    Job pull = begin("", JobKind.JOB_KIND_PULL, "vda");
    refused(
        ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
        () -> begin("", JobKind.JOB_KIND_SNAPSHOT_DELETE, ""));
    advance(pull, JobState.JOB_STATE_FAILED);
    begin("", JobKind.JOB_KIND_SNAPSHOT_DELETE, "");
  }

  @Test
  void aStepIsNotHeldUpByTheJobItBelongsTo() {
    // R3: a deletion has the whole domain and commits disk by disk.
    Job deletion = begin("deletion", JobKind.JOB_KIND_SNAPSHOT_DELETE, "");
    BlockPullRequest request = BlockPullRequest.getDefaultInstance();
    refused(
        ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
        () -> begin("stranger", JobKind.JOB_KIND_PULL, "vda"));
    Job step =
        book.begin(
            JobOrigin.step(deletion, "step", request),
            draft(JobKind.JOB_KIND_PULL, "vda"),
            _ -> {});
    assertThat(step.getParentJobId()).isEqualTo("deletion");
    assertThat(step.getOwner()).isEqualTo(deletion.getOwner());
    assertThat(book.holder(DOMAIN, "vda")).as("rather than the whole domain's").contains(step);
    assertThat(book.holder(DOMAIN, "vdb")).contains(deletion);
    assertThat(book.active(DOMAIN)).containsExactlyInAnyOrder(deletion, step);
    assertThat(book.repeated(JobOrigin.step(deletion, "step", request))).contains(step);
  }

  @Test
  void jobsThatHaveEndedAreNotAmongTheActive() {
    Job ended = begin("ended", JobKind.JOB_KIND_PULL, "vda");
    Job running = begin("running", JobKind.JOB_KIND_PULL, "vdb");
    advance(ended, JobState.JOB_STATE_FAILED);
    assertThat(book.active()).containsExactly(running);
    assertThat(book.list()).hasSize(2);
    assertThat(new JobBook(store, time, events::add).active()).containsExactly(running);
    book.discard(running.getId(), _ -> {});
    assertThat(book.active()).isEmpty();
  }

  @Test
  void ofSeveralJobsEachIsToldAndAllMoveOrNone() {
    // D15
    Job one = begin("one", JobKind.JOB_KIND_COPY, "vda");
    Job two = begin("two", JobKind.JOB_KIND_COPY, "vdb");
    advance(one, JobState.JOB_STATE_RUNNING);
    events.clear();
    assertThatThrownBy(() -> book.advanceAll(List.of(ready(one), ready(two)), _ -> {}))
        .isInstanceOf(IllegalStateException.class);
    assertThat(book.require("one").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(events).isEmpty();

    advance(two, JobState.JOB_STATE_RUNNING);
    events.clear();
    List<Job> moved = book.advanceAll(List.of(ready(one), ready(two)), _ -> {});
    assertThat(moved).extracting(Job::getId).containsExactly("one", "two");
    assertThat(moved).containsExactly(book.require("one"), book.require("two"));
    assertThat(kinds())
        .containsExactly(
            EventKind.EVENT_KIND_JOB_STATE_CHANGED, EventKind.EVENT_KIND_JOB_STATE_CHANGED);
  }

  private static JobBook.Advance ready(Job job) {
    return new JobBook.Advance(job.getId(), JobState.JOB_STATE_READY, _ -> {});
  }

  @Test
  void whoListensHearsWhatIsTold() {
    // R6: the queue gives turns by it.
    List<Job> heard = new CopyOnWriteArrayList<>();
    book.onChange(heard::add);
    Job job = begin("one", JobKind.JOB_KIND_PULL, "vda");
    Job edited = book.edit("one", builder -> builder.setSpeedBytesPerSecond(5), _ -> {});
    book.observe("one", builder -> builder.setBlocked(true));
    Job observed = book.require("one");
    assertThat(observed.getRevision()).isEqualTo(3);
    book.discard("one", _ -> {});
    assertThat(heard.subList(0, 3)).containsExactly(job, edited, observed);
    assertThat(heard.getLast().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(heard.getLast().getRevision()).isEqualTo(4);
    assertThat(kinds())
        .containsExactly(
            EventKind.EVENT_KIND_JOB_CREATED,
            EventKind.EVENT_KIND_JOB_PROGRESSED,
            EventKind.EVENT_KIND_JOB_PROGRESSED,
            EventKind.EVENT_KIND_JOB_STATE_CHANGED);
    assertThat(jobsTold()).isEqualTo(heard);
  }

  private List<Job> jobsTold() {
    return events.stream()
        .map(DriverEvent.JobEvent.class::cast)
        .map(DriverEvent.JobEvent::job)
        .toList();
  }

  @Test
  void whatIsSeenOfAJobThatHasEndedIsNotTold() {
    Job job = begin("one", JobKind.JOB_KIND_PULL, "vda");
    advance(job, JobState.JOB_STATE_FAILED);
    events.clear();
    book.observe("one", builder -> builder.setBlocked(true));
    assertThat(events).isEmpty();
  }

  @Test
  void anIdIsNeverGivenTwice() {
    // R1: the record of the first would be lost.
    begin("one", JobKind.JOB_KIND_PULL, "vda");
    assertThatThrownBy(() -> begin("one", JobKind.JOB_KIND_PULL, "vdb"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(book.require("one").getDisk()).isEqualTo("vda");
  }

  @Test
  void aRecordThatCannotBeReadIsNotPassedOver() {
    // R2: its disk would count as free.
    store.transact(
        transaction ->
            transaction.put(
                JobBook.COLLECTION, "one", ByteString.copyFrom(new byte[] {(byte) 0xff})));
    assertThatThrownBy(() -> new JobBook(store, time, events::add))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("job one");
  }

  @Test
  void whatATakenBackJobLeftIsGoneWithWhatTheDriverJournals() {
    begin("one", JobKind.JOB_KIND_PULL, "vda");
    book.discard("one", transaction -> transaction.put("journal", "undone", ByteString.EMPTY));
    assertThat(store.read("journal", "undone")).isPresent();
    assertThat(store.list("job-fingerprints")).isEmpty();
    assertThat(events).hasSize(2);
  }

  private Optional<Job> move(Job job, JobState seen, JobState next) {
    return book.advanceFrom(
        seen,
        next,
        job.getId(),
        transaction -> transaction.put("journal", next.name().substring(10), ByteString.EMPTY));
  }

  private Job begin(String id, JobKind kind, String disk) {
    return book.begin(origin(id, ""), draft(kind, disk), _ -> {});
  }

  private Job advance(Job job, JobState next) {
    return book.advance(job.getId(), next, builder -> {}, transaction -> {});
  }

  private static Job draft(JobKind kind, String disk) {
    return Job.newBuilder()
        .setKind(kind)
        .setDomainName("guest")
        .setDomainUuid(DOMAIN)
        .setDisk(disk)
        .build();
  }

  private JobOrigin origin(String jobId, String requestId) {
    return JobOrigin.of(
        time.call(Duration.ofSeconds(1)),
        BlockPullRequest.newBuilder().setDisk("vda").build(),
        jobId,
        requestId);
  }

  private JobOrigin other(String jobId, String requestId) {
    return JobOrigin.of(
        time.call(Duration.ofSeconds(1)),
        BlockPullRequest.newBuilder().setDisk("vdb").build(),
        jobId,
        requestId);
  }

  private List<EventKind> kinds() {
    return events.stream().map(DriverEvent::kind).toList();
  }

  private Timestamp now() {
    return ProtoTimes.timestamp(time.instant());
  }
}
