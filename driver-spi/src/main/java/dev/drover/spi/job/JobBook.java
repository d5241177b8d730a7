package dev.drover.spi.job;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.CallContext;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.NotFound;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.event.EventSink;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The durable register of a driver's jobs. A job is written before the hypervisor hears of it and
 * at each change of its state, together with whatever the driver journals for the same step, in one
 * transaction (R1, R2). Progress is kept in memory alone.
 *
 * <p>Safe for any number of threads. Changes are ordered by one lock, held across the write to the
 * daemon's own store and nothing else; reads take no lock.
 */
public final class JobBook {

  /** Collection of the store that holds the jobs, by id. */
  public static final String COLLECTION = "jobs";

  private final Store store;
  private final InstantSource clock;
  private final EventSink events;
  private final QueuedRequests queued;
  private final Fingerprints fingerprints;
  private final JobIndex jobs = new JobIndex();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Consumer<Job> listener = _ -> {};

  /** Makes a register with every job the store holds. */
  public JobBook(Store store, InstantSource clock, EventSink events) {
    this.store = store;
    this.clock = clock;
    this.events = events;
    this.queued = new QueuedRequests(store);
    this.fingerprints = new Fingerprints(store);
    for (StoreRecord stored : store.list(COLLECTION)) {
      try {
        jobs.put(Job.parseFrom(stored.content()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("job " + stored.key() + " in the store is unreadable", e);
      }
    }
  }

  /**
   * Lets somebody hear of every change of a job, under this register's lock: it must not wait, nor
   * take a lock under which the register is called.
   */
  public void onChange(Consumer<Job> heard) {
    listener = heard;
  }

  /** The job of an id. */
  public Optional<Job> find(String jobId) {
    return jobs.find(jobId);
  }

  /**
   * The job of an id.
   *
   * @throws DriverException JOB_NOT_FOUND
   */
  public Job require(String jobId) {
    return find(jobId).orElseThrow(() -> NotFound.job(jobId));
  }

  /** Every job. */
  public List<Job> list() {
    return jobs.list();
  }

  /** Jobs that have not ended; found without a look at those that have. */
  public List<Job> active() {
    return jobs.active();
  }

  /** Jobs of a domain that have not ended. */
  public List<Job> active(String domainUuid) {
    return active().stream().filter(job -> job.getDomainUuid().equals(domainUuid)).toList();
  }

  /**
   * The job that holds a disk, where one does: a job of this disk, or else one that has the whole
   * domain.
   */
  public Optional<Job> holder(String domainUuid, String disk) {
    List<Job> active = active(domainUuid);
    return active.stream()
        .filter(job -> job.getDisk().equals(disk))
        .findFirst()
        .or(() -> active.stream().filter(job -> job.getDisk().isEmpty()).findFirst());
  }

  /**
   * Refuses where a job holds the disk, naming the job, its owner and since when (1F).
   *
   * @throws DriverException BLOCK_COPY_ACTIVE for a mirror, else BLOCK_JOB_ACTIVE
   */
  public void requireFree(String domainUuid, String disk) {
    requireFree(domainUuid, disk, Set.of());
  }

  /**
   * The same for a job that is begun: neither the job of which it is a step is in its way, which
   * may hold the whole domain, nor its own record in the queue.
   */
  public void requireFree(String domainUuid, String disk, JobOrigin origin) {
    requireFree(
        domainUuid, disk, origin.turn() ? Set.of(origin.jobId()) : Set.of(origin.parentJobId()));
  }

  private void requireFree(String domainUuid, String disk, Set<String> allowed) {
    holder(domainUuid, disk)
        .filter(job -> !allowed.contains(job.getId()))
        .ifPresent(
            job -> {
              throw JobHolds.busy(job);
            });
  }

  /**
   * Refuses where a job works on any disk of the domain.
   *
   * @throws DriverException BLOCK_COPY_ACTIVE for a mirror, else BLOCK_JOB_ACTIVE
   */
  public void requireIdle(String domainUuid) {
    active(domainUuid).stream()
        .findFirst()
        .ifPresent(
            job -> {
              throw JobHolds.busy(job);
            });
  }

  /**
   * Refuses to start a shut-off domain while a job has its images (C18).
   *
   * @throws DriverException BLOCK_JOB_ACTIVE, for a mirror too
   */
  public void requireStartable(String domainUuid) {
    active(domainUuid).stream()
        .findFirst()
        .ifPresent(
            job -> {
              throw JobHolds.busy(job, ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE);
            });
  }

  /**
   * Refuses a new spec of a shut-off domain that changes a disk on which a job works (C18): the job
   * moves that disk's source when it ends.
   *
   * @param stored the spec as it is
   * @param wanted the spec that is to replace it
   * @throws DriverException BLOCK_COPY_ACTIVE for a mirror, else BLOCK_JOB_ACTIVE
   */
  public void requireUnchanged(DomainSpec stored, DomainSpec wanted) {
    active(stored.getUuid()).stream()
        .filter(job -> !JobHolds.held(stored, job).equals(JobHolds.held(wanted, job)))
        .findFirst()
        .ifPresent(
            job -> {
              throw JobHolds.busy(job);
            });
  }

  /**
   * The job that an earlier call of the same origin started (R1, R7): the same job id, or the same
   * request id of the same owner. To be asked before anything is planned, since the chain may have
   * changed through that very job. One whose turn has come is no repetition of itself.
   *
   * @throws DriverException JOB_ID_REUSED or REQUEST_ID_REUSED where the earlier request was
   *     another
   */
  public Optional<Job> repeated(JobOrigin origin) {
    if (origin.turn()) {
      return Optional.empty();
    }
    if (!origin.jobId().isEmpty()) {
      Optional<Job> sameId = find(origin.jobId());
      if (sameId.isPresent()) {
        fingerprints.requireSame(
            sameId.get(),
            origin,
            ErrorReason.ERROR_REASON_JOB_ID_REUSED,
            "job id '%s' belongs to a different job; choose another id".formatted(origin.jobId()));
        return sameId;
      }
    }
    if (origin.requestId().isEmpty()) {
      return Optional.empty();
    }
    Optional<Job> sameRequest =
        list().stream()
            .filter(job -> job.getRequestId().equals(origin.requestId()))
            .filter(job -> job.getOwner().equals(origin.owner()))
            .findFirst();
    sameRequest.ifPresent(
        job ->
            fingerprints.requireSame(
                job,
                origin,
                ErrorReason.ERROR_REASON_REQUEST_ID_REUSED,
                "request id '%s' started a different job; choose another id"
                    .formatted(origin.requestId())));
    return sameRequest;
  }

  /**
   * Records a job as PENDING, before the hypervisor is told.
   *
   * @param origin the call that asks for it; its owner and ids are taken over, and an id is made
   *     where the client gave none. A job whose turn has come leaves the queue: its record is
   *     there, and keeps the time it was made
   * @param draft the job; id, owner, request id, state, times and revision are set here
   * @param journal what the driver records in the same transaction
   * @throws DriverException BLOCK_COPY_ACTIVE or BLOCK_JOB_ACTIVE where the disk is held, or the
   *     store's own failures; nothing is recorded then
   */
  public Job begin(JobOrigin origin, Job draft, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      if (draft.getDisk().isEmpty()) {
        requireIdle(draft.getDomainUuid());
      } else {
        requireFree(draft.getDomainUuid(), draft.getDisk(), origin);
      }
      if (origin.turn()) {
        Job job = QueuedRequests.begun(require(origin.jobId()), draft);
        write(job, journal);
        publish(EventKind.EVENT_KIND_JOB_PROGRESSED, job);
        return job;
      }
      return create(pending(origin, draft), origin, journal);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Records a job that waits for its turn; {@link #begin} takes it up.
   *
   * @param place what it waits for
   * @param request the call that is made once more when its turn comes
   * @throws DriverException as {@link #begin}
   */
  public Job enqueue(JobOrigin origin, Job draft, QueuePlace place, Any request) {
    lock.lock();
    try {
      requireFree(draft.getDomainUuid(), draft.getDisk(), origin);
      Job job = pending(origin, draft).toBuilder().setQueuePlace(place).build();
      Job waiting =
          create(
              job, origin, transaction -> QueuedRequests.write(transaction, job.getId(), request));
      queued.keep(job.getId(), request);
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /** The request of a job that waits for its turn; empty where it has begun. */
  public Optional<Any> queued(String jobId) {
    return queued.find(jobId);
  }

  private Job create(Job job, JobOrigin origin, Consumer<StoreTransaction> journal) {
    write(
        job,
        transaction -> {
          fingerprints.write(transaction, job.getId(), origin);
          journal.accept(transaction);
        });
    publish(EventKind.EVENT_KIND_JOB_CREATED, job);
    return job;
  }

  private Job pending(JobOrigin origin, Job draft) {
    String id = origin.jobId().isEmpty() ? UUID.randomUUID().toString() : origin.jobId();
    if (find(id).isPresent()) {
      throw new IllegalStateException("repeated() was not asked about job " + id);
    }
    return draft.toBuilder()
        .setId(id)
        .setOwner(origin.owner())
        .setRequestId(origin.requestId())
        .setParentJobId(origin.parentJobId())
        .setTraceparent(origin.traceparent())
        .setState(JobState.JOB_STATE_PENDING)
        .setCreateTime(ProtoTimes.timestamp(clock.instant()))
        .setRevision(1)
        .build();
  }

  /**
   * A job that is going to be recorded.
   *
   * @param origin as in {@link #begin}
   * @param draft as in {@link #begin}
   */
  public record Beginning(JobOrigin origin, Job draft) {}

  /**
   * Records jobs as PENDING inside a transaction that changes something else too. Whether their
   * disks are free is not asked again: that was done before what the transaction enters came to
   * pass, and what came to pass must go on record.
   *
   * @param change runs that transaction and calls back within it; it may wait for the store and
   *     nothing else
   * @return the jobs, in the same order
   */
  public List<Job> beginWithin(
      List<Beginning> beginnings, Consumer<Consumer<StoreTransaction>> change) {
    lock.lock();
    try {
      List<Job> begun =
          beginnings.stream().map(each -> pending(each.origin(), each.draft())).toList();
      change.accept(
          transaction -> {
            for (int i = 0; i < begun.size(); i++) {
              put(transaction, begun.get(i));
              fingerprints.write(transaction, begun.get(i).getId(), beginnings.get(i).origin());
            }
          });
      keep(begun);
      begun.forEach(job -> publish(EventKind.EVENT_KIND_JOB_CREATED, job));
      return begun;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes back a job that the hypervisor refused to begin, so that the failed call leaves no
   * record. One that came from the queue is put back there: nobody waits for the answer of its
   * call, and whoever gave it its turn ends it.
   *
   * @param journal what the driver records in the same transaction
   */
  public void discard(String jobId, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      Job job = require(jobId);
      if (job.getState() != JobState.JOB_STATE_PENDING) {
        throw new IllegalStateException("only a PENDING job can be taken back: " + jobId);
      }
      if (queued.find(jobId).isPresent()) {
        Job back = QueuedRequests.back(job);
        write(back, journal);
        publish(EventKind.EVENT_KIND_JOB_PROGRESSED, back);
        return;
      }
      store.transact(
          transaction -> {
            transaction.delete(COLLECTION, jobId);
            fingerprints.forget(transaction, jobId);
            journal.accept(transaction);
          });
      jobs.remove(jobId);
      publish(
          EventKind.EVENT_KIND_JOB_STATE_CHANGED,
          job.toBuilder()
              .setState(JobState.JOB_STATE_FAILED)
              .setRevision(job.getRevision() + 1)
              .build());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves a job to another state, durably.
   *
   * @param edit further changes of the record
   * @param journal what the driver records in the same transaction
   * @throws IllegalStateException where {@link JobTransitions} does not allow it
   */
  public Job advance(
      String jobId, JobState next, Consumer<Job.Builder> edit, Consumer<StoreTransaction> journal) {
    return advanceAll(List.of(new Advance(jobId, next, edit)), journal).getFirst();
  }

  /**
   * Moves a job to another state inside a transaction that changes something else too.
   *
   * @param edit further changes of the record
   * @param change runs that transaction and calls back within it; it may wait for the store and
   *     nothing else
   * @throws IllegalStateException where {@link JobTransitions} does not allow it
   */
  public Job advanceWithin(
      String jobId,
      JobState next,
      Consumer<Job.Builder> edit,
      Consumer<Consumer<StoreTransaction>> change) {
    lock.lock();
    try {
      Job moved = advanced(new Advance(jobId, next, edit));
      change.accept(transaction -> put(transaction, moved));
      keep(List.of(moved));
      publish(EventKind.EVENT_KIND_JOB_STATE_CHANGED, moved);
      return moved;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves a job to another state, where its state is still the one that was looked at.
   *
   * @return the job afterwards; empty where it has moved on meanwhile, and nothing was written
   */
  public Optional<Job> advanceFrom(
      JobState seen, JobState next, String jobId, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      return require(jobId).getState() == seen
          ? Optional.of(advance(jobId, next, _ -> {}, journal))
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A job's way to another state.
   *
   * @param jobId the job
   * @param next the state afterwards
   * @param edit further changes of the record
   */
  public record Advance(String jobId, JobState next, Consumer<Job.Builder> edit) {}

  /**
   * Moves several jobs to another state in one durable step: all of them or none.
   *
   * @param journal what the driver records in the same transaction
   * @return the jobs afterwards, in the same order
   * @throws IllegalStateException where {@link JobTransitions} does not allow one of the ways
   */
  public List<Job> advanceAll(List<Advance> ways, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      List<Job> moved = ways.stream().map(this::advanced).toList();
      write(moved, journal);
      moved.forEach(job -> publish(EventKind.EVENT_KIND_JOB_STATE_CHANGED, job));
      return moved;
    } finally {
      lock.unlock();
    }
  }

  private Job advanced(Advance way) {
    return JobTransitions.moved(
        require(way.jobId()), way.next(), way.edit(), ProtoTimes.timestamp(clock.instant()));
  }

  /** Changes a job's record without changing its state, durably; for example its speed. */
  public Job edit(String jobId, Consumer<Job.Builder> edit, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      Job current = require(jobId);
      Job.Builder builder = current.toBuilder();
      edit.accept(builder);
      Job job = builder.setState(current.getState()).setRevision(current.getRevision() + 1).build();
      write(job, journal);
      publish(EventKind.EVENT_KIND_JOB_PROGRESSED, job);
      return job;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes what is worth telling but not worth writing: progress and blocking. Does nothing to a job
   * that has ended or is not on record.
   */
  public void observe(String jobId, Consumer<Job.Builder> edit) {
    lock.lock();
    try {
      Optional<Job> known = find(jobId).filter(job -> !JobTransitions.terminal(job.getState()));
      if (known.isEmpty()) {
        return;
      }
      Job current = known.get();
      Job.Builder builder = current.toBuilder();
      edit.accept(builder);
      Job job = builder.setState(current.getState()).setRevision(current.getRevision() + 1).build();
      jobs.put(job);
      publish(EventKind.EVENT_KIND_JOB_PROGRESSED, job);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a job is as wanted.
   *
   * @return the job, as soon as {@code wanted} accepts it
   * @throws DriverException JOB_NOT_FOUND, DEADLINE_EXCEEDED, CALL_CANCELLED; the job goes on
   */
  public Job await(CallContext call, String jobId, Predicate<Job> wanted) {
    lock.lock();
    try {
      while (true) {
        Job job = require(jobId);
        if (wanted.test(job)) {
          return job;
        }
        Instant now = clock.instant();
        call.check(now);
        long slice = Math.min(call.remaining(now).toNanos(), TimeUnit.SECONDS.toNanos(1));
        changed.await(slice, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_CALL_CANCELLED,
          "the wait for job '%s' was given up; the job goes on".formatted(jobId),
          "job",
          jobId);
    } finally {
      lock.unlock();
    }
  }

  private void write(Job job, Consumer<StoreTransaction> journal) {
    write(List.of(job), journal);
  }

  private void write(List<Job> changedJobs, Consumer<StoreTransaction> journal) {
    store.transact(
        transaction -> {
          changedJobs.forEach(job -> put(transaction, job));
          journal.accept(transaction);
        });
    keep(changedJobs);
  }

  private void put(StoreTransaction transaction, Job job) {
    transaction.put(COLLECTION, job.getId(), job.toByteString());
    if (job.getState() != JobState.JOB_STATE_PENDING) {
      queued.forget(transaction, job.getId());
    }
  }

  private void keep(List<Job> changedJobs) {
    for (Job job : changedJobs) {
      jobs.put(job);
      queued.settle(job);
    }
    changed.signalAll();
  }

  private void publish(EventKind kind, Job job) {
    events.publish(new DriverEvent.JobEvent(clock.instant(), kind, job));
    listener.accept(job);
  }
}
