package dev.drover.qemu.block;

import dev.drover.qemu.domain.DomainEnd;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomainListener;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.Job;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of all jobs that have not ended, one for each journal entry. Hears of processes that
 * come and go, so that a job found in the journal is carried on where its process lives and closed
 * where it does not (R2).
 */
public final class JobWorkers implements LiveDomainListener, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(JobWorkers.class);

  /** Longest time to close the jobs of a process that is gone: some headers are rewritten. */
  private static final Duration SETTLE_DEADLINE = Duration.ofMinutes(2);

  /** Longest wait at the daemon's stop for steps that are under way. */
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(3);

  private final JobBook book;
  private final JobJournal journal;
  private final LiveDomains live;
  private final OfflineHosts offline;
  private final InstantSource clock;
  private final ExecutorService blocking;
  private final FlowTools tools;
  private final Map<String, JobWorker> workers = new ConcurrentHashMap<>();

  JobWorkers(
      JobBook book,
      JobJournal journal,
      LiveDomains live,
      OfflineHosts offline,
      InstantSource clock,
      ExecutorService blocking,
      FlowTools tools) {
    this.book = book;
    this.journal = journal;
    this.live = live;
    this.offline = offline;
    this.clock = clock;
    this.blocking = blocking;
    this.tools = tools;
  }

  /**
   * Prepares the worker of a job that is going to be recorded and started, before either, so that
   * nobody else takes the job up; it does nothing before {@link #begin}.
   */
  JobWorker prepare(JobRecord record, BlockHost host) {
    JobWorker worker = new JobWorker(record, book, clock, tools);
    worker.attach(host);
    workers.put(record.id(), worker);
    return worker;
  }

  /** Lets a prepared worker go. */
  void begin(JobWorker worker, BlockHost host) {
    worker.start(blocking, () -> ended(worker));
    if (host.hasGuest() && live.find(host.domainUuid()).isEmpty()) {
      // Nobody was told of its end who did not have a journal entry by then.
      worker.hostEnded(new HostEnd(false, "the hypervisor ended while the job was started"));
    }
  }

  private void ended(JobWorker worker) {
    workers.remove(worker.record().id(), worker);
    tools.groups().forgetEnded();
  }

  /** Forgets a prepared worker whose job was taken back. */
  void abandon(JobWorker worker) {
    workers.remove(worker.record().id(), worker);
    worker.counting().close();
    worker.done().complete(true);
    worker.attempted().complete(true);
  }

  /**
   * The worker of a job that has not ended.
   *
   * @return empty where the job has ended meanwhile
   */
  Optional<JobWorker> find(String jobId) {
    return Optional.ofNullable(workers.get(jobId));
  }

  /** The process that runs a job; empty where it is gone. */
  Optional<BlockHost> host(Job job) {
    return offline
        .find(job.getId())
        .or(
            () ->
                live.find(job.getDomainUuid())
                    .filter(
                        domain -> journal.find(job.getId()).filter(JournalEntry::aside).isEmpty())
                    .map(domain -> new LiveHost(domain)));
  }

  @Override
  public void onAdopted(LiveDomain domain) {
    LiveHost host = new LiveHost(domain);
    for (JournalEntry entry : entries(domain.uuid())) {
      JobWorker worker = takeUp(entry);
      String counting = CountingHold.owner(entry.jobId());
      if (domain.processors().heldFor(counting)) {
        domain.processors().claim(counting);
      }
      tools
          .groups()
          .of(worker.record().entry())
          .filter(GroupEnd::needsHold)
          .ifPresent(group -> claim(domain, group));
      worker.attach(host);
    }
    onAnswering(domain);
  }

  private static void claim(LiveDomain domain, GroupEnd group) {
    domain.processors().claim(group.id());
    if (group.needsFreeze()) {
      domain.fileSystems().claim(group.id());
    }
  }

  @Override
  public void onAnswering(LiveDomain domain) {
    domain.processors().releaseAbandoned();
    domain.fileSystems().thawAbandoned();
  }

  @Override
  public void onEnded(LiveDomain domain, DomainEnd how) {
    settle(entries(domain.uuid()), end(how));
  }

  /**
   * Takes up every job of the journal at the start of the daemon: to be called once the processes
   * that still run are known. A job whose process is gone is closed before this returns, so that no
   * domain is started from a chain that is not settled.
   */
  public void recover() {
    List<JournalEntry> entries = journal.list();
    offline.adopt(entries.stream().map(JournalEntry::jobId).collect(Collectors.toSet()));
    for (JournalEntry entry : entries) {
      takeUp(entry, "the hypervisor ended while the daemon was not there");
    }
  }

  /**
   * Takes up a job that went on record without being begun, since whoever was to begin it is gone:
   * it ends where its process does not know it.
   */
  void takeUpUnbegun(JournalEntry entry) {
    takeUp(entry, "the hypervisor ended before it began");
  }

  private void takeUp(JournalEntry entry, String gone) {
    Optional<BlockHost> storage = offline.find(entry.jobId());
    Optional<LiveDomain> domain = live.find(entry.domainUuid());
    if (storage.isPresent()) {
      takeUp(entry).attach(storage.get());
    } else if (domain.isEmpty() || entry.aside()) {
      settle(List.of(entry), new HostEnd(false, gone));
    } else if (domain.get().connection().isPresent()) {
      takeUp(entry).attach(new LiveHost(domain.get()));
    } else {
      takeUp(entry);
    }
  }

  @Override
  public void close() {
    List<JobWorker> open = List.copyOf(workers.values());
    open.forEach(JobWorker::close);
    long end = System.nanoTime() + CLOSE_DEADLINE.toNanos();
    for (JobWorker worker : open) {
      await(worker, worker.done(), Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
  }

  private void settle(List<JournalEntry> entries, HostEnd end) {
    List<JobWorker> open = entries.stream().map(this::takeUp).toList();
    open.forEach(worker -> worker.hostEnded(end));
    open.forEach(worker -> await(worker, worker.attempted(), SETTLE_DEADLINE));
  }

  private static void await(JobWorker worker, CompletableFuture<Boolean> moment, Duration longest) {
    try {
      moment.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a worker's end is never a failure", e);
    } catch (TimeoutException e) {
      logger.warn(
          "Job {} of domain {} is still under way after {} ms",
          worker.record().id(),
          worker.record().entry().domainUuid(),
          longest.toMillis());
    }
  }

  /** The jobs that go on in the process of a domain, and end with it. */
  private List<JournalEntry> entries(String domainUuid) {
    return journal.list().stream()
        .filter(entry -> entry.domainUuid().equals(domainUuid) && !entry.aside())
        .toList();
  }

  private JobWorker takeUp(JournalEntry entry) {
    return workers.computeIfAbsent(
        entry.jobId(),
        _ -> {
          JournalEntry newest = journal.find(entry.jobId()).orElse(entry);
          JobWorker worker =
              new JobWorker(new JobRecord(book, journal, newest), book, clock, tools);
          tools.groups().rejoin(worker);
          worker.start(blocking, () -> ended(worker));
          return worker;
        });
  }

  private static HostEnd end(DomainEnd how) {
    return switch (how.cause()) {
      case SHUTDOWN -> new HostEnd(true, "its domain was shut down");
      case DESTROYED -> new HostEnd(true, "its domain was destroyed");
      case CRASHED ->
          new HostEnd(
              false,
              how.detail().isEmpty()
                  ? "the hypervisor ended unexpectedly"
                  : "the hypervisor ended unexpectedly: " + how.detail());
    };
  }
}
