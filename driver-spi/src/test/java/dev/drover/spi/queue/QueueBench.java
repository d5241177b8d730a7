package dev.drover.spi.queue;

import com.google.protobuf.Message;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.FakeTime;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.store.Store;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Convergence;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import dev.drover.v1.JobResult;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/**
 * A run of a daemon with a driver whose jobs begin at once and end when the test says so. A second
 * one on the same store is the daemon after its restart.
 */
final class QueueBench implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  final FakeTime time;
  final JobBook book;
  final JobQueue queue;

  /** Ids of jobs in the order in which the driver has begun them. */
  final List<String> begun = new CopyOnWriteArrayList<>();

  /** Domains for which a job was planned, each time that it was. */
  final List<String> plans = new CopyOnWriteArrayList<>();

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Runnable> alarms = new CopyOnWriteArrayList<>();
  private volatile Refusing refusing = Refusing.NOTHING;

  /** Where the driver refuses a start. */
  enum Refusing {
    /** Nowhere. */
    NOTHING,
    /** Before the job is on record. */
    PLAN,
    /** By the hypervisor, after it. */
    HYPERVISOR,
    /** The daemon dies before the hypervisor hears of it. */
    DAEMON_DIES
  }

  QueueBench(Store store, FakeTime time, DriverLimits limits) {
    this.time = time;
    this.book = new JobBook(store, time, _ -> {});
    this.queue =
        new JobQueue(
            book,
            this::drive,
            limits,
            path -> path.substring(0, path.lastIndexOf('/')),
            time,
            executor,
            (_, work) -> alarms.add(work));
    queue.recover();
  }

  void refuse(Refusing where) {
    refusing = where;
  }

  /** Lets time pass, and everything happen that was to happen later. */
  void pass(Duration duration) {
    time.pass(duration);
    alarms.forEach(Runnable::run);
  }

  private Job drive(CallContext call, JobOrigin origin, StartRequest request, StartGate gate) {
    call.check(time.instant());
    Optional<Job> repeated = request.validateOnly() ? Optional.empty() : book.repeated(origin);
    if (repeated.isPresent()) {
      return repeated.get();
    }
    Job draft = draft(request.message());
    book.requireFree(draft.getDomainUuid(), draft.getDisk(), origin);
    if (request.validateOnly()) {
      return draft;
    }
    plans.add(draft.getDomainUuid());
    Optional<Job> waits = gate.hold(draft);
    if (waits.isPresent()) {
      return waits.get();
    }
    if (refusing == Refusing.PLAN) {
      throw refusal();
    }
    Job job = book.begin(origin, draft, _ -> {});
    if (refusing == Refusing.HYPERVISOR) {
      book.discard(job.getId(), _ -> {});
      throw refusal();
    }
    if (refusing == Refusing.DAEMON_DIES) {
      queue.close();
      throw refusal();
    }
    begun.add(job.getId());
    return book.advance(job.getId(), JobState.JOB_STATE_RUNNING, _ -> {}, _ -> {});
  }

  static DriverException refusal() {
    return DriverException.of(ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED, "no");
  }

  private static Job draft(Message message) {
    return switch (message) {
      case BlockPullRequest pull ->
          draft(JobKind.JOB_KIND_PULL, pull.getDomain(), pull.getDisk(), pull.getInto()).build();
      case BlockCommitRequest commit -> {
        Job.Builder draft =
            draft(
                JobKind.JOB_KIND_ACTIVE_COMMIT,
                commit.getDomain(),
                commit.getDisk(),
                commit.getTop());
        draft.getRequestBuilder().setConvergence(commit.getConvergence());
        yield draft.build();
      }
      case BlockCopyRequest copy -> {
        Job.Builder draft =
            draft(JobKind.JOB_KIND_COPY, copy.getDomain(), copy.getDisk(), "/images/active");
        draft.getRequestBuilder().setDestination(copy.getDestination());
        yield draft.build();
      }
      default -> throw new IllegalArgumentException(message.getClass().getName());
    };
  }

  private static Job.Builder draft(JobKind kind, DomainRef domain, String disk, String active) {
    return Job.newBuilder()
        .setKind(kind)
        .setDomainName(domain.getUuid())
        .setDomainUuid(domain.getUuid())
        .setDisk(disk)
        .setRequest(JobRequest.getDefaultInstance())
        .setResult(JobResult.newBuilder().addChainBefore(ChainImage.newBuilder().setPath(active)));
  }

  Job pull(String owner, String domain, String jobId) {
    return pull(owner, domain, jobId, "/images/" + domain);
  }

  Job pull(String owner, String domain, String jobId, String image) {
    return queue.start(
        call(owner), new StartRequest.Pull(request(domain, jobId).setInto(image).build()));
  }

  static BlockPullRequest.Builder request(String domain, String jobId) {
    return BlockPullRequest.newBuilder()
        .setDomain(DomainRef.newBuilder().setUuid(domain))
        .setDisk("vda")
        .setJobId(jobId);
  }

  Job mirror(String domain, String jobId, Convergence convergence) {
    return queue.start(
        call("ann"),
        new StartRequest.Commit(
            BlockCommitRequest.newBuilder()
                .setDomain(DomainRef.newBuilder().setUuid(domain))
                .setDisk("vda")
                .setTop("/images/" + domain)
                .setJobId(jobId)
                .setConvergence(convergence)
                .build()));
  }

  CallContext call(String owner) {
    return new CallContext(
        new Caller(owner, "test"), "call", time.instant().plus(PATIENCE), () -> false);
  }

  /** Ends a job that runs. */
  void end(String jobId) {
    var _ = book.advance(jobId, JobState.JOB_STATE_FINALIZING, _ -> {}, _ -> {});
    var _ = book.advance(jobId, JobState.JOB_STATE_SUCCEEDED, _ -> {}, _ -> {});
  }

  Job await(String jobId, Predicate<Job> wanted) {
    Awaitility.await().atMost(PATIENCE).until(() -> wanted.test(book.require(jobId)));
    return book.require(jobId);
  }

  Job awaitState(String jobId, JobState state) {
    return await(jobId, job -> job.getState() == state);
  }

  @Override
  public void close() {
    queue.close();
    executor.shutdownNow();
  }
}
