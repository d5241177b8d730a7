package dev.drover.spi.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.queue.StepPlaces;
import dev.drover.spi.store.Store;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotPlan;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/**
 * Deletes snapshots (R9, R3) with whatever block jobs the driver has: plans, records the plan as a
 * job that has the whole domain, and carries it out step by step. The record of that job is all
 * that is needed to go on after the death of the daemon.
 */
public final class SnapshotDeletions implements AutoCloseable {

  private final InstantSource clock;
  private final ExecutorService blocking;
  private final DomainBook domains;
  private final DomainLanes lanes;
  private final JobBook jobs;
  private final SnapshotBook snapshots;
  private final DeletionRecords records;
  private final DeletionWork work;
  private final DeletionPlans plans;
  private final DeletionRun run;

  /**
   * Makes it on the driver's registers.
   *
   * @param places when the block jobs of a deletion may begin
   */
  public SnapshotDeletions(
      Store store,
      InstantSource clock,
      ExecutorService blocking,
      DomainBook domains,
      DomainLanes lanes,
      JobBook jobs,
      SnapshotBook snapshots,
      DeletionWork work,
      StepPlaces places) {
    this.clock = clock;
    this.blocking = blocking;
    this.domains = domains;
    this.lanes = lanes;
    this.jobs = jobs;
    this.snapshots = snapshots;
    this.work = work;
    this.records = new DeletionRecords(store);
    this.plans = new DeletionPlans(snapshots, work);
    this.run = new DeletionRun(clock, domains, jobs, snapshots, records, work, places);
  }

  /**
   * Starts a deletion, as {@code DeleteSnapshot} documents.
   *
   * @param ready refuses where the domain is in the middle of something else; called in its lane
   */
  public Job delete(CallContext call, DeleteSnapshotRequest request, Consumer<Domain> ready) {
    JobOrigin origin = JobOrigin.of(call, request, request.getJobId(), request.getRequestId());
    boolean dry = request.getValidateOnly();
    Optional<Job> repeated = dry ? Optional.empty() : jobs.repeated(origin);
    if (repeated.isPresent()) {
      return repeated.get();
    }
    DomainSpec named = domains.require(request.getDomain()).getSpec();
    Job job;
    try (DomainLanes.Pass _ =
        lanes.enter(call, named.getUuid(), named.getName(), "delete a snapshot")) {
      Optional<Job> meanwhile = dry ? Optional.empty() : jobs.repeated(origin);
      if (meanwhile.isPresent()) {
        return meanwhile.get();
      }
      ready.accept(domains.require(named.getUuid()));
      Domain domain = domains.require(named.getUuid());
      jobs.requireIdle(named.getUuid());
      Snapshot snapshot = snapshots.require(named.getUuid(), named.getName(), request.getName());
      Set<String> names =
          DeletionScope.names(snapshots.list(named.getUuid()), snapshot, request.getScope());
      SnapshotPlan plan =
          request.getMetadataOnly() ? SnapshotPlan.getDefaultInstance() : plans.plan(domain, names);
      DeletionRoom.require(work, domain, plan);
      Job draft =
          Job.newBuilder()
              .setKind(JobKind.JOB_KIND_SNAPSHOT_DELETE)
              .setDomainName(named.getName())
              .setDomainUuid(named.getUuid())
              .setSnapshot(snapshot.getName())
              .setSnapshotPlan(plan)
              .build();
      if (dry) {
        return draft;
      }
      call.check(clock.instant());
      job = begin(origin, draft, names);
    }
    if (request.getMetadataOnly()) {
      run.run(job.getId());
      return jobs.require(job.getId());
    }
    blocking.execute(() -> carryOn(job.getId()));
    return job;
  }

  private Job begin(JobOrigin origin, Job draft, Set<String> names) {
    String id = origin.jobId().isEmpty() ? UUID.randomUUID().toString() : origin.jobId();
    boolean moves = draft.getSnapshotPlan().getStepsCount() > 0;
    List<SnapshotBook.Change> changes = new ArrayList<>();
    Job job =
        jobs.begin(
            origin.withJobId(id),
            draft,
            transaction -> {
              changes.clear();
              records.put(transaction, id, names);
              if (moves) {
                changes.add(
                    snapshots.edit(
                        transaction,
                        draft.getDomainUuid(),
                        snapshot ->
                            names.contains(snapshot.getName())
                                ? snapshot.toBuilder().setDeleting(true).build()
                                : snapshot));
              }
            });
    changes.forEach(snapshots::settle);
    return job;
  }

  /**
   * Goes on with what an earlier run of the daemon has not ended. To be done once the jobs of its
   * steps are taken up.
   */
  public void recover() {
    for (Job job : jobs.list()) {
      if (job.getKind() == JobKind.JOB_KIND_SNAPSHOT_DELETE
          && !JobTransitions.terminal(job.getState())) {
        blocking.execute(() -> carryOn(job.getId()));
      }
    }
  }

  private void carryOn(String jobId) {
    try {
      run.run(jobId);
    } catch (RuntimeException e) {
      work.warn("snapshot deletion %s waits for the next start of the daemon".formatted(jobId), e);
    }
  }

  /** Leaves deletions where they are, since the daemon stops. */
  @Override
  public void close() {
    run.close();
  }
}
