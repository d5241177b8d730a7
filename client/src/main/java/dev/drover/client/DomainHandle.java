package dev.drover.client;

import com.google.protobuf.Message;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.ListSnapshotsResponse;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotServiceGrpc;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One domain by reference. Every method asks the daemon; errors are those the API's comments list
 * for the call.
 */
public final class DomainHandle {
  private static final Duration WITH_MEMORY = Duration.ofHours(1);
  private static final int PAGE = 500;

  private final Connection connection;
  private final DomainRef ref;

  DomainHandle(Connection connection, DomainRef ref) {
    this.connection = connection;
    this.ref = ref;
  }

  /** How the domain is named in calls. */
  public DomainRef ref() {
    return ref;
  }

  /** The domain as it is. */
  public Domain get() {
    return read(
            DomainServiceGrpc.getGetDomainMethod(),
            GetDomainRequest.newBuilder().setDomain(ref).build())
        .getDomain();
  }

  /** Starts the domain. */
  public Domain start() {
    return start(false);
  }

  /** Starts the domain, running or with its processors held. */
  public Domain start(boolean paused) {
    return call(
            DomainServiceGrpc.getStartDomainMethod(),
            StartDomainRequest.newBuilder().setDomain(ref).setPaused(paused).build())
        .getDomain();
  }

  /** Asks the guest to power off and returns at once. */
  public Domain shutdown() {
    return call(
            DomainServiceGrpc.getShutdownDomainMethod(),
            ShutdownDomainRequest.newBuilder().setDomain(ref).build())
        .getDomain();
  }

  /** Asks the guest to reboot and returns at once. */
  public Domain reboot() {
    return call(
            DomainServiceGrpc.getRebootDomainMethod(),
            RebootDomainRequest.newBuilder().setDomain(ref).build())
        .getDomain();
  }

  /** Resets the guest without asking it. */
  public Domain reset() {
    return call(
            DomainServiceGrpc.getResetDomainMethod(),
            ResetDomainRequest.newBuilder().setDomain(ref).build())
        .getDomain();
  }

  /** Ends the hypervisor process, by force where it does not end by itself. */
  public Domain destroy() {
    return destroy(false);
  }

  /** Ends the hypervisor process; gracefully means without force. */
  public Domain destroy(boolean graceful) {
    return call(
            DomainServiceGrpc.getDestroyDomainMethod(),
            DestroyDomainRequest.newBuilder().setDomain(ref).setGraceful(graceful).build())
        .getDomain();
  }

  /** Holds the guest's processors. */
  public Domain suspend() {
    return call(
            DomainServiceGrpc.getSuspendDomainMethod(),
            SuspendDomainRequest.newBuilder().setDomain(ref).build())
        .getDomain();
  }

  /** Lets the guest's processors run again. */
  public Domain resume() {
    return call(
            DomainServiceGrpc.getResumeDomainMethod(),
            ResumeDomainRequest.newBuilder().setDomain(ref).build())
        .getDomain();
  }

  /** Decides whether the daemon starts the domain when it starts itself. */
  public Domain autostart(boolean autostart) {
    return call(
            DomainServiceGrpc.getSetDomainAutostartMethod(),
            SetDomainAutostartRequest.newBuilder().setDomain(ref).setAutostart(autostart).build())
        .getDomain();
  }

  /**
   * Removes the stored definition, and with {@code snapshotsMetadata} the records of its snapshots;
   * images are kept.
   */
  public void undefine(boolean snapshotsMetadata) {
    call(
        DomainServiceGrpc.getUndefineDomainMethod(),
        UndefineDomainRequest.newBuilder()
            .setDomain(ref)
            .setSnapshotsMetadata(snapshotsMetadata)
            .build());
  }

  /**
   * Removes the stored definition and keeps the records of its snapshots, which the next definition
   * with the same uuid has again.
   */
  public void undefineKeepingSnapshots() {
    call(
        DomainServiceGrpc.getUndefineDomainMethod(),
        UndefineDomainRequest.newBuilder().setDomain(ref).setKeepSnapshots(true).build());
  }

  /** The disks, in the order of the spec. */
  public List<DomainDisk> disks() {
    return read(
            BlockServiceGrpc.getListDisksMethod(),
            ListDisksRequest.newBuilder().setDomain(ref).build())
        .getDisksList();
  }

  /** One disk, by target or unambiguous source; nothing is asked of the daemon yet. */
  public DiskHandle disk(String disk) {
    return new DiskHandle(connection, ref, disk);
  }

  /**
   * A snapshot of this domain, to be described and made.
   *
   * @param name its name; empty: the seconds since 1970
   */
  public SnapshotCreation newSnapshot(String name) {
    return new SnapshotCreation(this, name);
  }

  /**
   * Makes an external snapshot; the request's domain is set to this one. With memory it takes as
   * long as writing that, so the call may take an hour where no deadline was chosen.
   */
  public Snapshot snapshot(CreateSnapshotRequest.Builder request) {
    return snapshotWithCopies(request).getSnapshot();
  }

  /** The same with the jobs of the copies that begin with it. */
  public CreateSnapshotResponse snapshotWithCopies(CreateSnapshotRequest.Builder request) {
    Duration chosen = connection.settings().deadline();
    boolean patient = request.hasMemory() && chosen.equals(CallSettings.DEFAULTS.deadline());
    return connection.call(
        SnapshotServiceGrpc.getCreateSnapshotMethod(),
        request.setDomain(ref).build(),
        patient ? WITH_MEMORY : chosen);
  }

  /**
   * Enters the record of a snapshot whose images exist, or replaces one that says the same of the
   * disks; the request's domain is set to this one.
   *
   * @throws DroverException as ImportSnapshot documents
   */
  public Snapshot importSnapshot(ImportSnapshotRequest.Builder request) {
    return call(SnapshotServiceGrpc.getImportSnapshotMethod(), request.setDomain(ref).build())
        .getSnapshot();
  }

  /** One snapshot by name. */
  public Snapshot snapshot(String name) {
    return read(
            SnapshotServiceGrpc.getGetSnapshotMethod(),
            GetSnapshotRequest.newBuilder().setDomain(ref).setName(name).build())
        .getSnapshot();
  }

  /** All snapshots, the oldest first. */
  public List<Snapshot> snapshots() {
    return Pages.all(
        token ->
            read(
                SnapshotServiceGrpc.getListSnapshotsMethod(),
                ListSnapshotsRequest.newBuilder()
                    .setDomain(ref)
                    .setPageSize(PAGE)
                    .setPageToken(token)
                    .build()),
        ListSnapshotsResponse::getSnapshotsList,
        ListSnapshotsResponse::getNextPageToken);
  }

  /** The snapshot made last, which the next one gets as its parent; empty where there is none. */
  public Optional<Snapshot> currentSnapshot() {
    return snapshots().stream().filter(Snapshot::getCurrent).findFirst();
  }

  /**
   * Forgets snapshots and makes images go that nothing needs any more; the request's domain is set
   * to this one. The job goes on without this client. One that ended for some disks only goes on
   * with what is left when the same is asked for again (R3, R9).
   *
   * @throws DroverException SNAPSHOT_NOT_FOUND, BLOCK_COPY_ACTIVE, BLOCK_JOB_ACTIVE, NOT_SUPPORTED,
   *     JOB_ID_REUSED, CHAIN_DIVERGED
   */
  public JobHandle deleteSnapshot(DeleteSnapshotRequest.Builder request) {
    return new JobHandle(connection, delete(request, false));
  }

  /**
   * Forgets one snapshot, and makes images go that nothing needs any more.
   *
   * @throws DroverException as DeleteSnapshot documents
   */
  public JobHandle deleteSnapshot(String name) {
    return deleteSnapshot(DeleteSnapshotRequest.newBuilder().setName(name));
  }

  /**
   * Tells what {@code deleteSnapshot} would do to each disk's images, in bytes too, and changes
   * nothing; fails where that would be refused.
   */
  public SnapshotPlan planSnapshotDeletion(DeleteSnapshotRequest.Builder request) {
    return delete(request, true).getSnapshotPlan();
  }

  private Job delete(DeleteSnapshotRequest.Builder request, boolean validateOnly) {
    return call(
            SnapshotServiceGrpc.getDeleteSnapshotMethod(),
            request.clone().setDomain(ref).setValidateOnly(validateOnly).build())
        .getJob();
  }

  /**
   * Puts the disks of a snapshot back to its moment; the request's domain is set to this one. A
   * domain that is active is ended.
   */
  public JobHandle revert(RevertSnapshotRequest.Builder request) {
    return new JobHandle(
        connection,
        call(SnapshotServiceGrpc.getRevertSnapshotMethod(), request.setDomain(ref).build())
            .getJob());
  }

  /**
   * Puts the disks of a snapshot back to its moment. A domain that is active is ended; where the
   * snapshot holds memory, its guest goes on from there.
   *
   * @throws DroverException as RevertSnapshot documents
   */
  public JobHandle revert(String name) {
    return revert(RevertSnapshotRequest.newBuilder().setName(name));
  }

  private <Q extends Message, R> R read(MethodDescriptor<Q, R> method, Q request) {
    return connection.read(method, request, connection.settings().deadline());
  }

  private <Q extends Message, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return connection.call(method, request, connection.settings().deadline());
  }
}
