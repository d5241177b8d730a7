package dev.drover.spi.queue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.job.JobRules;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets so many jobs copy at a time as the limits say, and the others wait for their turn (R29). A
 * job that waits is on record as PENDING, with the request that it was asked for by, and so it
 * waits on after a restart of the daemon. Its turn is the call once more, on behalf of its owner:
 * what has become impossible meanwhile ends the job with the reason the call would have had.
 *
 * <p>A job has a place from its start until it is READY or ends: a mirror that waits for its owner
 * keeps nobody from copying. Jobs that begin with a snapshot do so at once, since their moment
 * cannot wait, and count. Without limits nothing of this happens.
 *
 * <p>Safe for any number of threads. Its lock is held for the daemon's own records alone; what may
 * wait for a hypervisor or a file system is done without. It is taken after a domain's lane, and
 * before the lock of the register of jobs.
 */
public final class JobQueue implements StepPlaces, AutoCloseable {

  static final String LIMIT_JOBS = "jobs";
  static final String LIMIT_JOBS_PER_STORE = "jobs_per_store";
  private static final String LIMIT_QUEUED_JOBS = "queued_jobs";

  /** Longest time for a start whose turn has come. */
  private static final Duration STARTING = Duration.ofMinutes(5);

  /** Up to here positions are told exactly. */
  private static final int EXACT_POSITIONS = 100;

  private final JobBook book;
  private final JobStarts starts;
  private final DriverLimits limits;
  private final JobStores stores;
  private final InstantSource clock;
  private final ExecutorService executor;
  private final QueueDeadlines deadlines;
  private final QueueEnds ends;
  private final Line line;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile boolean closed;

  /**
   * Makes the queue of a driver. Nothing begins before {@link #recover}.
   *
   * @param executor threads that may block
   * @param alarm the time in which deadlines of jobs are measured
   */
  public JobQueue(
      JobBook book,
      JobStarts starts,
      DriverLimits limits,
      ImageStores stores,
      InstantSource clock,
      ExecutorService executor,
      QueueAlarm alarm) {
    this.book = book;
    this.starts = starts;
    this.limits = limits;
    this.stores = new JobStores(stores, limits.jobsPerStore() > 0);
    this.clock = clock;
    this.executor = executor;
    this.deadlines = new QueueDeadlines(clock, alarm);
    this.ends = new QueueEnds(book);
    this.line = new Line(book, limits, this.stores);
    book.onChange(this::heard);
  }

  /**
   * Takes up the jobs that an earlier run of the daemon left waiting; to be called once those that
   * were under way are taken up.
   */
  public void recover() {
    List<Job> left =
        book.active().stream()
            .filter(JobRules::waits)
            .sorted(Comparator.comparing(job -> ProtoTimes.instant(job.getCreateTime())))
            .toList();
    lock.lock();
    try {
      for (Job job : left) {
        line.enter(
            new Waiter(
                Claim.of(job, stores.of(job.getId())), job.getId(), Optional.of(asked(job))));
      }
    } finally {
      lock.unlock();
    }
    left.forEach(job -> deadlines.watch(job, this::wake));
    wake();
  }

  private StartRequest asked(Job job) {
    Any packed =
        book.queued(job.getId())
            .orElseThrow(
                () -> new IllegalStateException("job " + job.getId() + " waits for nothing"));
    try {
      return StartRequest.unpacked(packed);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the request of job " + job.getId() + " is unreadable", e);
    }
  }

  /**
   * Starts a job, or lets it wait for its turn.
   *
   * @return the job: taken up, or PENDING with its place in the queue
   * @throws DriverException what the call documents; LIMIT_EXCEEDED where too many wait
   */
  public Job start(CallContext call, StartRequest request) {
    JobOrigin origin = JobOrigin.of(call, request.message(), request.jobId(), request.requestId());
    if (!limits.queues() || request.validateOnly()) {
      return starts.start(call, origin, request, StartGate.OPEN);
    }
    String id = origin.jobId().isEmpty() ? UUID.randomUUID().toString() : origin.jobId();
    Turnstile gate = new Turnstile(origin.withJobId(id), request);
    try {
      Job job = starts.start(call, gate.origin, request, gate);
      if (JobRules.waits(job)) {
        deadlines.watch(job, this::wake);
      }
      return job;
    } finally {
      gate.pass();
    }
  }

  /** Where one call finds out whether its job begins or waits. */
  private final class Turnstile implements StartGate {

    private final JobOrigin origin;
    private final StartRequest request;
    private boolean taken;

    Turnstile(JobOrigin origin, StartRequest request) {
      this.origin = origin;
      this.request = request;
    }

    @Override
    public Optional<Job> hold(Job draft) {
      Claim claim =
          new Claim(origin.jobId(), origin.owner(), draft.getDomainUuid(), stores.find(draft));
      lock.lock();
      try {
        Optional<Job> repeated = book.repeated(origin);
        if (repeated.isPresent()) {
          return repeated;
        }
        Places.Given given = line.given(Optional.of(claim));
        if (given.granted().contains(claim)) {
          line.take(claim);
          taken = true;
          return Optional.empty();
        }
        requireRoom();
        QueuePlace place = Objects.requireNonNull(given.held().get(claim.jobId()));
        Job job = book.enqueue(origin, draft, place, request.packed());
        stores.keep(claim);
        line.enter(new Waiter(claim, job.getId(), Optional.of(request)));
        wake();
        return Optional.of(job);
      } finally {
        lock.unlock();
      }
    }

    /** The start is over. */
    void pass() {
      if (taken) {
        release(origin.jobId());
      }
    }
  }

  private void requireRoom() {
    long queued = line.jobs();
    if (limits.queuedJobs() > 0 && queued >= limits.queuedJobs()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_LIMIT_EXCEEDED,
          "%d jobs wait for a place already; wait until some have begun, or cancel some"
              .formatted(queued),
          "limit",
          LIMIT_QUEUED_JOBS,
          "maximum",
          Integer.toString(limits.queuedJobs()));
    }
  }

  @Override
  public Place await(CallContext call, Job parent, String stepId, Collection<String> paths) {
    if (!limits.queues()) {
      return StepPlaces.UNLIMITED.await(call, parent, stepId, paths);
    }
    Claim claim = new Claim(stepId, parent.getOwner(), parent.getDomainUuid(), stores.find(paths));
    lock.lock();
    try {
      if (line.given(Optional.of(claim)).granted().contains(claim)) {
        line.take(claim);
      } else {
        line.enter(new Waiter(claim, parent.getId(), Optional.empty()));
        wake();
      }
    } finally {
      lock.unlock();
    }
    boolean given = false;
    try {
      var _ =
          book.await(
              call,
              parent.getId(),
              now -> line.starts(stepId) || now.getState() == JobState.JOB_STATE_CANCELLING);
      given = line.starts(stepId);
    } finally {
      if (!given) {
        giveUp(stepId);
      }
      showNothing(parent.getId());
    }
    if (!given) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_CANCELLED,
          "job %s was cancelled before the turn of its step came".formatted(parent.getId()),
          "job",
          parent.getId());
    }
    return () -> release(stepId);
  }

  private void giveUp(String stepId) {
    lock.lock();
    try {
      line.leave(stepId);
    } finally {
      lock.unlock();
    }
    release(stepId);
  }

  private void showNothing(String jobId) {
    if (book.require(jobId).hasQueuePlace()) {
      book.observe(jobId, Job.Builder::clearQueuePlace);
    }
  }

  /**
   * Ends a job that waits.
   *
   * @return the job, CANCELLED; empty where it does not wait, or its turn has come
   */
  public Optional<Job> cancel(String jobId) {
    lock.lock();
    try {
      if (line.find(jobId).filter(Waiter::isJob).isEmpty()) {
        return Optional.empty();
      }
      line.leave(jobId);
      Job ended = ends.cancelled(book.require(jobId));
      wake();
      return Optional.of(ended);
    } finally {
      lock.unlock();
    }
  }

  /** Ids of the jobs that hold the places for which a job waits; none where it does not. */
  public List<String> holders(String jobId) {
    lock.lock();
    try {
      if (!line.holdsBack(jobId)) {
        return List.of();
      }
      String store = book.require(jobId).getQueuePlace().getStore();
      return line.holding().stream()
          .filter(claim -> store.isEmpty() || claim.stores().contains(store))
          .map(Claim::jobId)
          .sorted()
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** From now on no turn comes any more: who waits is found at the next start of the daemon. */
  @Override
  public void close() {
    closed = true;
  }

  /** A job has changed; called where its record is made, so that nothing is done here. */
  private void heard(Job job) {
    if (job.getDisk().isEmpty() || job.hasQueuePlace() || JobRules.holdsPlace(job)) {
      return;
    }
    if (job.hasEndTime()) {
      stores.forget(job.getId());
    }
    if (line.somebodyWaits()) {
      wake();
    }
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      try {
        executor.execute(
            () -> {
              woken.set(false);
              giveTurns();
            });
      } catch (RejectedExecutionException _) {
        // The daemon has stopped; who waits is found at its next start.
        closed = true;
      }
    }
  }

  private void giveTurns() {
    boolean learned =
        stores.learn(
            book.active().stream()
                .filter(job -> JobRules.holdsPlace(job) || JobRules.waits(job))
                .toList());
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (learned) {
        line.learned();
      }
      endOverdue();
      Places.Given given = line.given(Optional.empty());
      given.granted().forEach(claim -> turn(claim, waiter(claim.jobId())));
      line.settle();
      given.held().forEach((id, place) -> tell(waiter(id), place));
    } finally {
      lock.unlock();
    }
  }

  private Waiter waiter(String jobId) {
    return line.find(jobId).orElseThrow();
  }

  private void turn(Claim claim, Waiter waiter) {
    line.take(claim);
    waiter
        .request()
        .ifPresentOrElse(
            request -> executor.execute(() -> begin(claim.jobId(), request)),
            () -> book.observe(waiter.shownOn(), Job.Builder::clearQueuePlace));
  }

  private void begin(String jobId, StartRequest request) {
    Job job = book.require(jobId);
    CallContext call =
        new CallContext(
            new Caller(job.getOwner(), "queue"),
            "job " + jobId,
            clock.instant().plus(STARTING),
            () -> closed);
    try {
      var _ = starts.start(call, JobOrigin.turn(job), request, StartGate.OPEN);
    } catch (DriverException e) {
      failed(jobId, e);
    } catch (RuntimeException e) {
      failed(
          jobId,
          DriverException.causedBy(
              e, ErrorReason.ERROR_REASON_INTERNAL, "the job could not be started"));
      throw e;
    } finally {
      release(jobId);
    }
  }

  /**
   * A start that was refused ends the job; where nobody knows whether it began, its driver does.
   */
  private void failed(String jobId, DriverException why) {
    lock.lock();
    try {
      Job job = book.require(jobId);
      if (JobRules.waits(job) && !closed) {
        ends.failed(job, why);
      }
    } finally {
      lock.unlock();
    }
  }

  private void endOverdue() {
    for (String jobId : deadlines.passed()) {
      if (line.find(jobId).isPresent()) {
        line.leave(jobId);
        ends.overdue(book.require(jobId));
      }
    }
  }

  private void release(String jobId) {
    lock.lock();
    try {
      line.release(jobId);
    } finally {
      lock.unlock();
    }
    if (line.somebodyWaits()) {
      wake();
    }
  }

  private void tell(Waiter waiter, QueuePlace place) {
    QueuePlace told = book.require(waiter.shownOn()).getQueuePlace();
    boolean far = place.getPosition() > EXACT_POSITIONS && told.getPosition() > EXACT_POSITIONS;
    boolean near = Math.abs(place.getPosition() - told.getPosition()) * 10L < told.getPosition();
    boolean same = told.toBuilder().setPosition(place.getPosition()).build().equals(place);
    if (place.equals(told) || (same && far && near)) {
      return;
    }
    book.observe(waiter.shownOn(), job -> job.setQueuePlace(place));
  }
}
