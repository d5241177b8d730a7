package dev.drover.server.fake;

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

/** Snapshots of a {@link FakeDriver}. */
record FakeSnapshots(FakeDriver driver) implements Snapshots {

  @Override
  public CreateSnapshotResponse create(CallContext call, CreateSnapshotRequest request) {
    driver.called("createSnapshot", call, request);
    return CreateSnapshotResponse.newBuilder()
        .setSnapshot(Snapshot.newBuilder().setName(request.getName()))
        .build();
  }

  @Override
  public Snapshot get(DomainRef domain, String name) {
    return driver.snapshotModel().get(name);
  }

  @Override
  public List<Snapshot> list(DomainRef domain) {
    return listAll().stream()
        .filter(snapshot -> snapshot.getDomainName().equals(domain.getName()))
        .toList();
  }

  @Override
  public List<Snapshot> listAll() {
    return List.copyOf(driver.snapshotModel().values());
  }

  @Override
  public Job delete(CallContext call, DeleteSnapshotRequest request) {
    driver.called("deleteSnapshot", call, request);
    return Job.newBuilder().setSnapshot(request.getName()).build();
  }

  @Override
  public Job revert(CallContext call, RevertSnapshotRequest request) {
    driver.called("revertSnapshot", call, request);
    return Job.newBuilder().setSnapshot(request.getName()).build();
  }

  @Override
  public Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
    driver.called("importSnapshot", call, request);
    return request.getSnapshot();
  }
}
