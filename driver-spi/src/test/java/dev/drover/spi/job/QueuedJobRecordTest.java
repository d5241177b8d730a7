package dev.drover.spi.job;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.drover.spi.FakeTime;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobResult;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What is on record of a job that waits for its turn, and of the turn (R29, R2). */
class QueuedJobRecordTest {

  private static final QueuePlace SECOND =
      QueuePlace.newBuilder().setLimit("jobs").setMaximum(1).setPosition(2).build();
  private static final BlockPullRequest REQUEST =
      BlockPullRequest.newBuilder().setDisk("vda").build();

  private final FakeTime time = new FakeTime();
  private final MemoryStore store = new MemoryStore();
  private final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  private final List<Job> heard = new CopyOnWriteArrayList<>();
  private final JobBook book = new JobBook(store, time, events::add);

  QueuedJobRecordTest() {
    book.onChange(heard::add);
  }

  @Test
  void whoWaitsIsOnRecordWithPlaceAndRequest() {
    Job waiting = enqueue("q", "vda");
    assertThat(waiting.getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(waiting.getQueuePlace()).isEqualTo(SECOND);
    assertThat(JobRules.waits(waiting)).isTrue();
    assertThat(JobRules.holdsPlace(waiting)).isFalse();
    assertThat(told()).containsExactly(EventKind.EVENT_KIND_JOB_CREATED);
    assertThat(book.queued("q")).contains(Any.pack(REQUEST));
    assertThat(book.repeated(origin("q"))).contains(waiting);
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> enqueue("r", "vda"));

    JobBook reloaded = new JobBook(store, time, events::add);
    assertThat(reloaded.require("q")).isEqualTo(waiting);
    assertThat(reloaded.queued("q")).contains(Any.pack(REQUEST));
  }

  @Test
  void itsTurnGoesOnWithTheSameRecord() {
    // R1: whoever was told the id finds the job under it, with the time that it was asked for.
    Job waiting = enqueue("q", "vda");
    time.pass(Duration.ofHours(1));
    Job planned =
        draft("vda").toBuilder().setResult(JobResult.newBuilder().addWarnings("later")).build();
    Job begun = book.begin(JobOrigin.turn(waiting), planned, _ -> {});

    assertThat(begun)
        .isEqualTo(
            planned.toBuilder()
                .setId("q")
                .setOwner("ann")
                .setRequestId("r1")
                .setParentJobId("parent")
                .setState(JobState.JOB_STATE_PENDING)
                .setCreateTime(waiting.getCreateTime())
                .setRevision(2)
                .build());
    assertThat(JobRules.holdsPlace(begun)).isTrue();
    assertThat(book.require("q")).isEqualTo(begun);
    assertThat(store.read(JobBook.COLLECTION, "q")).contains(begun.toByteString());
    assertThat(told())
        .containsExactly(EventKind.EVENT_KIND_JOB_CREATED, EventKind.EVENT_KIND_JOB_PROGRESSED);
    assertThat(book.repeated(origin("q"))).as("the call once more").contains(begun);
    assertThat(book.repeated(JobOrigin.turn(begun))).as("its turn is no repetition").isEmpty();
  }

  @Test
  void aTurnComesOnce() {
    // R2: the same job must not be started twice.
    Job waiting = enqueue("q", "vda");
    var _ = book.begin(JobOrigin.turn(waiting), draft("vda"), _ -> {});
    assertThatThrownBy(() -> book.begin(JobOrigin.turn(waiting), draft("vda"), _ -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("does not wait");
  }

  @Test
  void aTurnWhoseDiskIsTakenMeanwhileIsRefused() {
    Job waiting = enqueue("q", "vda");
    var _ = book.begin(origin("other"), draft("vdb"), _ -> {});
    refused(
        ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE,
        () -> book.begin(JobOrigin.turn(waiting), draft("vdb"), _ -> {}));
    assertThat(book.require("q")).isEqualTo(waiting);
  }

  @Test
  void aStartThatIsUndonePutsItBack() {
    Job waiting = enqueue("q", "vda");
    var _ = book.begin(JobOrigin.turn(waiting), draft("vda"), _ -> {});
    book.discard("q", transaction -> transaction.put("journal", "q", ByteString.EMPTY));

    Job back = book.require("q");
    assertThat(JobRules.waits(back)).isTrue();
    assertThat(back.getRevision()).isEqualTo(3);
    assertThat(store.read("journal", "q")).isPresent();
    assertThat(book.queued("q")).contains(Any.pack(REQUEST));
    assertThat(new JobBook(store, time, events::add).require("q")).isEqualTo(back);
    assertThat(told().getLast()).isEqualTo(EventKind.EVENT_KIND_JOB_PROGRESSED);
    assertThat(heard.getLast()).isEqualTo(back);
  }

  @Test
  void theRequestIsForgottenOnceTheJobIsTakenUp() {
    Job waiting = enqueue("q", "vda");
    var _ = book.begin(JobOrigin.turn(waiting), draft("vda"), _ -> {});
    assertThat(store.list("job-queue")).as("until then a start may be undone").hasSize(1);
    var _ = book.advance("q", JobState.JOB_STATE_RUNNING, _ -> {}, _ -> {});
    assertThat(book.queued("q")).isEmpty();
    assertThat(store.list("job-queue")).isEmpty();
    assertThat(new JobBook(store, time, events::add).queued("q")).isEmpty();
  }

  @Test
  void whatTheQueueHeldAndCannotBeReadIsNotPassedOver() {
    // R2: a daemon that went on without it would leave the job waiting for ever.
    store.transact(
        transaction ->
            transaction.put("job-queue", "q", ByteString.copyFrom(new byte[] {(byte) 0xff})));
    assertThatThrownBy(() -> new JobBook(store, time, events::add))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("q is unreadable");
  }

  private List<EventKind> told() {
    assertThat(events).extracting(DriverEvent::kind).hasSameSizeAs(heard);
    return events.stream().map(DriverEvent::kind).toList();
  }

  private Job enqueue(String id, String disk) {
    return book.enqueue(origin(id), draft(disk), SECOND, Any.pack(REQUEST));
  }

  private static JobOrigin origin(String id) {
    return new JobOrigin("ann", id, "r1", ByteString.copyFromUtf8("print"), "parent");
  }

  private static Job draft(String disk) {
    return Job.newBuilder()
        .setKind(JobKind.JOB_KIND_PULL)
        .setDomainName("web")
        .setDomainUuid("web")
        .setDisk(disk)
        .build();
  }
}
