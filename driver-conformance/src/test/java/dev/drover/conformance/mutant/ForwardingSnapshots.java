package dev.drover.conformance.mutant;

import dev.drover.spi.CallContext;
import dev.drover.spi.Snapshots;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.util.List;

/** Serves snapshots as the real facet does, except where a mistake says otherwise. */
class ForwardingSnapshots implements Snapshots {

  private final Snapshots real;

  ForwardingSnapshots(Snapshots real) {
    this.real = real;
  }

  /** What is said of a job, in every answer. */
  protected Job told(Job answer) {
    return answer;
  }

  /** What is said of a snapshot, in every answer. */
  protected Snapshot told(Snapshot answer) {
    return answer;
  }

  @Override
  public Snapshot create(CallContext call, CreateSnapshotRequest request) {
    return told(real.create(call, request));
  }

  @Override
  public Snapshot get(DomainRef domain, String name) {
    return told(real.get(domain, name));
  }

  @Override
  public List<Snapshot> list(DomainRef domain) {
    return real.list(domain).stream().map(this::told).toList();
  }

  @Override
  public List<Snapshot> listAll() {
    return real.listAll().stream().map(this::told).toList();
  }

  @Override
  public Job delete(CallContext call, DeleteSnapshotRequest request) {
    return told(real.delete(call, request));
  }

  @Override
  public Job revert(CallContext call, RevertSnapshotRequest request) {
    return told(real.revert(call, request));
  }

  @Override
  public Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
    return told(real.importRecord(call, request));
  }
}
