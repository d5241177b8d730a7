package dev.drover.spi.queue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.block.Convergences;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.job.JobRules;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
 * wait for a hypervisor or a file system is done without.
 */
public final class JobQueue implements StepPlaces, AutoCloseable {

  static final String LIMIT_JOBS = "jobs";
  static final String LIMIT_JOBS_PER_STORE = "jobs_per_store";
  private static final String LIMIT_QUEUED_JOBS = "queued_jobs";

  /** Longest time for a start whose turn has come. */
  private static final Duration STARTING = Duration.ofMinutes(5);

  /** A deadline beyond this is none. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** Up to here positions are told exactly. */
  private static final int EXACT_POSITIONS = 100;

  private final JobBook book;
  private final JobStarts starts;
  private final DriverLimits limits;
  private final ImageStores stores;
  private final InstantSource clock;
  private final ExecutorService executor;
  private final QueueAlarm alarm;
  private final ReentrantLock lock = new ReentrantLock();
  private final FairOrder order = new FairOrder();
  private final Map<String, Waiter> waiting = new LinkedHashMap<>();
  private final Map<String, Claim> starting = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> storesOf = new ConcurrentHashMap<>();
  private final Set<String> overdue = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile boolean somebodyWaits;
  private volatile boolean closed;

  /**
   * Somebody in the queue.
   *
   * @param claim what is needed
   * @param shownOn id of the job whose record tells of the wait
   * @param request what is started when the turn comes; empty: a step, whose thread waits
   */
  private record Waiter(Claim claim, String shownOn, Optional<StartRequest> request) {}

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
    this.stores = stores;
    this.clock = clock;
    this.executor = executor;
    this.alarm = alarm;
    book.onChange(this::heard);
  }

  /**
   * Takes up the jobs that an earlier run of the daemon left waiting; to be called once those that
   * were under way are taken up.
   */
  public void recover() {
    lock.lock();
    try {
      book.list().stream()
          .filter(JobRules::waits)
          .sorted(Comparator.comparing((Job job) -> ProtoTimes.instant(job.getCreateTime())))
          .forEach(
              job ->
                  enter(
                      new Waiter(
                          claim(job.getId(), job, Set.of()), job.getId(), Optional.of(asked(job))),
                      job));
    } finally {
      lock.unlock();
    }
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
      return starts.start(call, origin, request);
    }
    Optional<Job> repeated = book.repeated(origin);
    if (repeated.isPresent()) {
      return repeated.get();
    }
    Job draft = starts.start(call, origin, request.validating());
    String id = origin.jobId().isEmpty() ? UUID.randomUUID().toString() : origin.jobId();
    JobOrigin named = origin.withJobId(id);
    Claim claim = new Claim(id, origin.owner(), draft.getDomainUuid(), storesOf(draft));
    Optional<Job> waits =
        startsNow(origin, claim) ? Optional.empty() : queued(named, draft, claim, request);
    if (waits.isPresent()) {
      return waits.get();
    }
    try {
      return starts.start(call, named, request);
    } finally {
      release(id);
    }
  }

  /** True where there is a place, which is taken, and nobody is before this one. */
  private boolean startsNow(JobOrigin origin, Claim claim) {
    lock.lock();
    try {
      if (book.repeated(origin).isPresent()
          || !given(Optional.of(claim)).granted().contains(claim)) {
        return false;
      }
      take(claim);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private Optional<Job> queued(JobOrigin origin, Job draft, Claim claim, StartRequest request) {
    lock.lock();
    try {
      Optional<Job> repeated = book.repeated(origin);
      if (repeated.isPresent()) {
        return repeated;
      }
      long queued = waiting.values().stream().filter(one -> one.request().isPresent()).count();
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
      QueuePlace place = given(Optional.of(claim)).held().getOrDefault(claim.jobId(), next());
      Job job = book.enqueue(origin, draft, place, request.packed());
      storesOf.put(job.getId(), claim.stores());
      enter(new Waiter(claim, job.getId(), Optional.of(request)), job);
      wake();
      return Optional.of(job);
    } finally {
      lock.unlock();
    }
  }

  /** What a job is told whose place has become free meanwhile. */
  private QueuePlace next() {
    return QueuePlace.newBuilder()
        .setLimit(LIMIT_JOBS)
        .setMaximum(limits.jobs())
        .setPosition(1)
        .build();
  }

  @Override
  public Place await(CallContext call, Job parent, String stepId, Collection<String> paths) {
    if (!limits.queues()) {
      return StepPlaces.UNLIMITED.await(call, parent, stepId, paths);
    }
    Claim claim = new Claim(stepId, parent.getOwner(), parent.getDomainUuid(), storesOf(paths));
    lock.lock();
    try {
      if (given(Optional.of(claim)).granted().contains(claim)) {
        take(claim);
      } else {
        enter(new Waiter(claim, parent.getId(), Optional.empty()), parent);
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
              now ->
                  starting.containsKey(stepId) || now.getState() == JobState.JOB_STATE_CANCELLING);
      given = starting.containsKey(stepId);
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
      leave(stepId);
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
      if (!Optional.ofNullable(waiting.get(jobId))
          .filter(one -> one.request().isPresent())
          .isPresent()) {
        return Optional.empty();
      }
      leave(jobId);
      Job job = book.require(jobId);
      Job ended =
          end(
              job,
              JobState.JOB_STATE_CANCELLED,
              DriverException.of(
                  ErrorReason.ERROR_REASON_JOB_CANCELLED,
                  "job %s on disk '%s' of domain '%s' was cancelled by a caller before its turn came"
                      .formatted(jobId, job.getDisk(), job.getDomainName()),
                  "job",
                  jobId));
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
      QueuePlace place =
          book.find(jobId).map(Job::getQueuePlace).orElse(QueuePlace.getDefaultInstance());
      boolean waits = waiting.values().stream().anyMatch(one -> one.shownOn().equals(jobId));
      return !waits
          ? List.of()
          : holding().stream()
              .filter(
                  claim -> place.getStore().isEmpty() || claim.stores().contains(place.getStore()))
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
      storesOf.remove(job.getId());
    }
    if (somebodyWaits) {
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
    learn();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      endOverdue();
      Places.Given given = given(Optional.empty());
      given.granted().forEach(claim -> turn(claim, waiter(claim.jobId())));
      somebodyWaits = !waiting.isEmpty();
      given.held().forEach((id, place) -> tell(waiter(id), place));
    } finally {
      lock.unlock();
    }
  }

  private Waiter waiter(String jobId) {
    return Optional.ofNullable(waiting.get(jobId)).orElseThrow();
  }

  private void turn(Claim claim, Waiter waiter) {
    waiting.remove(claim.jobId());
    take(claim);
    waiter
        .request()
        .ifPresentOrElse(
            request -> executor.execute(() -> begin(claim.jobId(), request)),
            () -> book.observe(waiter.shownOn(), Job.Builder::clearQueuePlace));
  }

  /**
   * Finds out what is not known of jobs that began elsewhere, or before the daemon did. A file
   * system that hangs keeps one thread; until it answers, its job has no store for the others.
   */
  private void learn() {
    if (limits.jobsPerStore() == 0) {
      return;
    }
    List<Job> unknown =
        book.list().stream()
            .filter(job -> JobRules.holdsPlace(job) || JobRules.waits(job))
            .filter(job -> storesOf.putIfAbsent(job.getId(), Set.of()) == null)
            .toList();
    if (unknown.isEmpty()) {
      return;
    }
    unknown.forEach(job -> storesOf.put(job.getId(), storesOf(job)));
    lock.lock();
    try {
      waiting.replaceAll(
          (id, one) ->
              new Waiter(
                  new Claim(
                      id,
                      one.claim().owner(),
                      one.claim().domainUuid(),
                      storesOf.getOrDefault(id, one.claim().stores())),
                  one.shownOn(),
                  one.request()));
    } finally {
      lock.unlock();
    }
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
      var _ = starts.start(call, JobOrigin.turn(job), request);
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
        var _ = end(job, JobState.JOB_STATE_FAILED, why);
      }
    } finally {
      lock.unlock();
    }
  }

  private void endOverdue() {
    for (String jobId : List.copyOf(overdue)) {
      overdue.remove(jobId);
      if (waiting.containsKey(jobId)) {
        leave(jobId);
        Job job = book.require(jobId);
        var _ = end(job, JobState.JOB_STATE_FAILED, Convergences.notConverged(job));
      }
    }
  }

  private Job end(Job job, JobState state, DriverException why) {
    return book.advance(
        job.getId(),
        state,
        ended -> {
          ended.setError(ErrorStatus.status(why));
          ended
              .getResultBuilder()
              .clearChainAfter()
              .addAllChainAfter(job.getResult().getChainBeforeList());
        },
        _ -> {});
  }

  private void enter(Waiter waiter, Job job) {
    waiting.put(waiter.claim().jobId(), waiter);
    somebodyWaits = true;
    if (waiter.request().isPresent()) {
      Convergences.due(job)
          .map(due -> Duration.between(clock.instant(), due))
          .filter(left -> left.compareTo(LONGEST) < 0)
          .ifPresent(
              left ->
                  alarm.after(
                      left.isNegative() ? Duration.ZERO : left,
                      () -> {
                        overdue.add(job.getId());
                        wake();
                      }));
    }
  }

  private void leave(String jobId) {
    waiting.remove(jobId);
    somebodyWaits = !waiting.isEmpty();
  }

  private void take(Claim claim) {
    starting.put(claim.jobId(), claim);
    storesOf.put(claim.jobId(), claim.stores());
    order.served(claim);
  }

  private void release(String jobId) {
    lock.lock();
    try {
      starting.remove(jobId);
      if (book.find(jobId).filter(JobRules::holdsPlace).isEmpty()) {
        storesOf.remove(jobId);
      }
    } finally {
      lock.unlock();
    }
    if (somebodyWaits) {
      wake();
    }
  }

  /** Who would have places now, with somebody who has just come. */
  private Places.Given given(Optional<Claim> newcomer) {
    List<Claim> holding = holding();
    List<Claim> all =
        Stream.concat(waiting.values().stream().map(Waiter::claim), newcomer.stream()).toList();
    return Places.give(limits, holding, order.sorted(all, holding));
  }

  private List<Claim> holding() {
    List<Claim> holding = new ArrayList<>(starting.values());
    for (Job job : book.list()) {
      if (JobRules.holdsPlace(job) && !starting.containsKey(job.getId())) {
        holding.add(claim(job.getId(), job, storesOf.getOrDefault(job.getId(), Set.of())));
      }
    }
    return holding;
  }

  private static Claim claim(String id, Job job, Set<String> stores) {
    return new Claim(id, job.getOwner(), job.getDomainUuid(), stores);
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

  private Set<String> storesOf(Job job) {
    return storesOf(Claim.paths(job));
  }

  private Set<String> storesOf(Collection<String> paths) {
    return limits.jobsPerStore() == 0
        ? Set.of()
        : paths.stream()
            .filter(path -> path.startsWith("/"))
            .map(stores::store)
            .filter(store -> !store.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
