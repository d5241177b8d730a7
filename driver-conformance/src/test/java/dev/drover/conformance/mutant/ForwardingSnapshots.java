package dev.drover.conformance.mutant;

import dev.drover.spi.CallContext;
import dev.drover.spi.Snapshots;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.util.List;
import java.util.function.UnaryOperator;

/** Serves snapshots as the real facet does, except where a mistake says otherwise. */
class ForwardingSnapshots implements Snapshots {

  private final Snapshots real;
  private final UnaryOperator<Job> job;
  private final UnaryOperator<Snapshot> snapshot;

  ForwardingSnapshots(Snapshots real) {
    this(real, UnaryOperator.identity(), UnaryOperator.identity());
  }

  /**
   * The same, with something else said of jobs and snapshots.
   *
   * @param job what is said of a job, in every answer
   * @param snapshot what is said of a snapshot, in every answer
   */
  ForwardingSnapshots(Snapshots real, UnaryOperator<Job> job, UnaryOperator<Snapshot> snapshot) {
    this.real = real;
    this.job = job;
    this.snapshot = snapshot;
  }

  @Override
  public CreateSnapshotResponse create(CallContext call, CreateSnapshotRequest request) {
    CreateSnapshotResponse made = real.create(call, request);
    return made.toBuilder()
        .setSnapshot(snapshot.apply(made.getSnapshot()))
        .clearCopyJobs()
        .addAllCopyJobs(made.getCopyJobsList().stream().map(job).toList())
        .build();
  }

  @Override
  public Snapshot get(DomainRef domain, String name) {
    return snapshot.apply(real.get(domain, name));
  }

  @Override
  public List<Snapshot> list(DomainRef domain) {
    return real.list(domain).stream().map(snapshot).toList();
  }

  @Override
  public List<Snapshot> listAll() {
    return real.listAll().stream().map(snapshot).toList();
  }

  @Override
  public Job delete(CallContext call, DeleteSnapshotRequest request) {
    return job.apply(real.delete(call, request));
  }

  @Override
  public Job revert(CallContext call, RevertSnapshotRequest request) {
    return job.apply(real.revert(call, request));
  }

  @Override
  public Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
    return snapshot.apply(real.importRecord(call, request));
  }
}
