package dev.drover.conformance.mutant;

import dev.drover.spi.BlockJobs;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.Jobs;
import dev.drover.spi.Snapshots;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * Mistakes in what internal snapshots keep, what copies that begin with a snapshot hang together
 * with, whether a guest runs on while its memory is written, and whose turn it is.
 */
final class Kept {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Kept() {}

  /** A snapshot is asked otherwise. */
  static Mutation create(UnaryOperator<CreateSnapshotRequest> otherwise) {
    return Mutation.ofSnapshots(
        (real, _) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                return super.create(call, otherwise.apply(request));
              }
            });
  }

  /** Of an internal snapshot only the first disk is kept. */
  static Mutation firstDiskOnly() {
    return Mutation.ofSnapshots(
        (real, driver) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                return super.create(call, isInternal(request) ? first(driver, request) : request);
              }
            });
  }

  private static CreateSnapshotRequest first(Driver driver, CreateSnapshotRequest request) {
    CreateSnapshotRequest.Builder fewer = request.toBuilder();
    driver.domains().get(request.getDomain()).getSpec().getDisksList().stream()
        .skip(1)
        .map(Disk::getTarget)
        .forEach(
            target ->
                fewer.addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget(target)
                        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)));
    return fewer.build();
  }

  private static boolean isInternal(CreateSnapshotRequest request) {
    return request.getKind() == SnapshotKind.SNAPSHOT_KIND_INTERNAL;
  }

  /** A deletion of an internal snapshot forgets its record, and the images keep the moment. */
  static Mutation forgetsOnly() {
    return Mutation.ofSnapshots(
        (real, _) ->
            new ForwardingSnapshots(real) {
              @Override
              public Job delete(CallContext call, DeleteSnapshotRequest request) {
                boolean internal =
                    get(request.getDomain(), request.getName()).getDisksList().stream()
                        .anyMatch(SnapshotDisk::hasInside);
                return super.delete(
                    call,
                    internal && !request.getValidateOnly()
                        ? request.toBuilder().setMetadataOnly(true).build()
                        : request);
              }
            });
  }

  /** Snapshots of the other kind make room for one. */
  static Mutation mixesKinds() {
    return Mutation.ofSnapshots(
        (real, _) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                try {
                  return super.create(call, request);
                } catch (DriverException e) {
                  if (e.reason() != ErrorReason.ERROR_REASON_SNAPSHOT_KIND_CONFLICT) {
                    throw e;
                  }
                  list(request.getDomain())
                      .forEach(other -> forget(real, request.getDomain(), other));
                  return super.create(call, request);
                }
              }
            });
  }

  private static void forget(Snapshots real, DomainRef domain, Snapshot snapshot) {
    var _ =
        real.delete(
            call(),
            DeleteSnapshotRequest.newBuilder()
                .setDomain(domain)
                .setName(snapshot.getName())
                .setMetadataOnly(true)
                .build());
  }

  /** A guest that goes back with its memory begins anew. */
  static Mutation startsAnew() {
    Set<String> begun = ConcurrentHashMap.newKeySet();
    return Mutation.ofJobs(
        (real, driver) ->
            new ForwardingJobs(real) {
              @Override
              public Optional<Job> get(String jobId) {
                Optional<Job> job = super.get(jobId);
                job.filter(Kept::hasReverted)
                    .filter(ended -> begun.add(ended.getId()))
                    .ifPresent(ended -> reset(driver, ended.getDomainUuid()));
                return job;
              }
            });
  }

  private static boolean hasReverted(Job job) {
    return job.getKind() == JobKind.JOB_KIND_SNAPSHOT_REVERT
        && job.getState() == JobState.JOB_STATE_SUCCEEDED;
  }

  private static void reset(Driver driver, String uuid) {
    DomainRef domain = DomainRef.newBuilder().setUuid(uuid).build();
    if (driver.domains().get(domain).getStatus().getId() != 0) {
      var _ =
          driver.domains().reset(call(), ResetDomainRequest.newBuilder().setDomain(domain).build());
    }
  }

  /** Copies are begun once the snapshot is made. */
  static Mutation copiesAfterwards() {
    return Mutation.ofSnapshots(
        (real, driver) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                if (request.getValidateOnly()) {
                  return super.create(call, request);
                }
                CreateSnapshotResponse.Builder made =
                    super.create(call, request.toBuilder().clearCopies().build()).toBuilder();
                BlockJobs disks = driver.blockJobs().orElseThrow();
                request
                    .getCopiesList()
                    .forEach(
                        copy ->
                            made.addCopyJobs(
                                disks.copy(
                                    call,
                                    copy.toBuilder().setDomain(request.getDomain()).build())));
                return made.build();
              }
            });
  }

  /** A copy that is given up takes the snapshot with which it began. */
  static Mutation copyTakesSnapshot() {
    return new Mutation() {
      @Override
      public Jobs jobs(Driver driver) {
        return new ForwardingJobs(Mutation.super.jobs(driver)) {
          @Override
          public Job cancel(CallContext call, CancelJobRequest request) {
            Job job = super.cancel(call, request);
            if (job.getKind() == JobKind.JOB_KIND_COPY) {
              Snapshots snapshots = driver.snapshots().orElseThrow();
              DomainRef domain = DomainRef.newBuilder().setUuid(job.getDomainUuid()).build();
              snapshots.list(domain).stream()
                  .filter(Snapshot::getCurrent)
                  .forEach(current -> forget(snapshots, domain, current));
            }
            return job;
          }
        };
      }
    };
  }

  /** How long the guest was held is not told. */
  static Mutation withoutPause() {
    return Mutation.ofSnapshots(
        (real, _) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                return super.create(call, request).toBuilder().clearGuestPause().build();
              }
            });
  }

  /** One job more than the limit begins at once. */
  static Mutation oneMore() {
    return new Mutation() {
      @Override
      public DriverLimits limits(DriverLimits given) {
        return new DriverLimits(
            given.domains(), given.jobs() + 1, given.jobsPerStore(), given.queuedJobs());
      }
    };
  }

  /** A job whose turn has come still shows the place it had. */
  static Mutation keepsPlace() {
    Map<String, QueuePlace> places = new ConcurrentHashMap<>();
    return Told.job(
        job -> {
          if (job.hasQueuePlace()) {
            places.put(job.getId(), job.getQueuePlace());
          }
          QueuePlace shown = places.get(job.getId());
          return shown == null || job.hasEndTime()
              ? job
              : job.toBuilder().setQueuePlace(shown).build();
        });
  }

  private static CallContext call() {
    return new CallContext(Caller.DAEMON, "mutation", Instant.now().plus(PATIENCE), () -> false);
  }
}
