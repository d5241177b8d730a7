package dev.drover.conformance.mutant;

import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.Driver;
import dev.drover.spi.Jobs;
import dev.drover.spi.TestControl;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.BackingHeader;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.WriteGuestRequest;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotAction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Mistakes in what a driver does to images and guests: it says what it should, and did worse. */
final class Done {

  private static final long BLOCK = 65_536;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Done() {}

  /** Something else is done besides when a job comes into a state. */
  private static Mutation when(
      JobState state, BiPredicate<Job, Driver> concerns, BiConsumer<Job, Driver> besides) {
    return new Mutation() {
      @Override
      public List<DriverEvent> events(DriverEvent event, Driver driver) {
        if (event instanceof DriverEvent.JobEvent job
            && Told.comesInto(event, state)
            && concerns.test(job.job(), driver)) {
          besides.accept(job.job(), driver);
        }
        return List.of(event);
      }

      @Override
      public Jobs jobs(Driver driver) {
        return new ForwardingJobs(Mutation.super.jobs(driver)) {
          @Override
          public Optional<Job> get(String jobId) {
            Optional<Job> job = super.get(jobId);
            if (job.isPresent() && Told.ended(job.get())) {
              // Whoever ends the job has the world to himself until he has done everything.
              control(driver).advanceClock(call(), AdvanceClockRequest.getDefaultInstance());
            }
            return job;
          }
        };
      }
    };
  }

  /** The guest's first block is not in the image that the disk is on afterwards. */
  static Mutation losesBlock(JobKind kind) {
    return when(
        JobState.JOB_STATE_SUCCEEDED,
        (job, _) -> job.getKind() == kind && job.getResult().getPivoted(),
        (job, driver) ->
            control(driver)
                .writeGuest(
                    call(),
                    WriteGuestRequest.newBuilder()
                        .setDomain(DomainRef.newBuilder().setUuid(job.getDomainUuid()))
                        .setDisk(job.getDisk())
                        .addWrites(GuestWrite.newBuilder().setLengthBytes(BLOCK))
                        .build()));
  }

  /** Delete after a commit takes the base with what was committed. */
  static Mutation deletesBase() {
    return when(
        JobState.JOB_STATE_SUCCEEDED,
        (job, _) -> job.getKind() == JobKind.JOB_KIND_COMMIT && job.getRequest().getDelete(),
        (job, driver) -> remove(driver, job.getRequest().getBase()));
  }

  /** Delete is done when the commit begins. */
  static Mutation deletesAtOnce() {
    return when(
        JobState.JOB_STATE_RUNNING,
        (job, _) -> job.getRequest().getDelete(),
        (job, driver) -> remove(driver, job.getRequest().getTop()));
  }

  /** Whatever a commit has made invalid is deleted, asked for or not. */
  static Mutation deletesUnasked() {
    return when(
        JobState.JOB_STATE_SUCCEEDED,
        (_, _) -> true,
        (job, driver) ->
            job.getResult().getInvalidatedPathsList().forEach(path -> remove(driver, path)));
  }

  /** A deletion of snapshots removes what its plan keeps. */
  static Mutation removesWhatStays() {
    return when(
        JobState.JOB_STATE_SUCCEEDED,
        (job, _) -> job.getKind() == JobKind.JOB_KIND_SNAPSHOT_DELETE,
        (job, driver) ->
            job.getSnapshotPlan().getStepsList().stream()
                .filter(step -> step.getAction() == SnapshotAction.SNAPSHOT_ACTION_KEEP)
                .forEach(step -> remove(driver, step.getImages(0).getPath())));
  }

  /** A pull leaves the reference to what was pulled in the header. */
  static Mutation keepsReference() {
    return when(
        JobState.JOB_STATE_SUCCEEDED,
        (job, _) -> job.getKind() == JobKind.JOB_KIND_PULL,
        (job, driver) -> {
          ChainImage below = job.getResult().getChainBefore(1);
          header(driver, job.getResult().getChainBefore(0).getPath(), below.getPath());
        });
  }

  /** A commit writes the whole path of base where a relative reference stood. */
  static Mutation makesAbsolute() {
    return when(
        JobState.JOB_STATE_SUCCEEDED,
        (job, _) -> job.getKind() == JobKind.JOB_KIND_COMMIT,
        (job, driver) -> {
          List<ChainImage> after = job.getResult().getChainAfterList();
          if (after.size() > 1) {
            header(driver, after.get(0).getPath(), after.get(1).getPath());
          }
        });
  }

  /** A copy that is cancelled leaves the file it had made. */
  static Mutation leavesCopy() {
    return when(
        JobState.JOB_STATE_CANCELLED,
        (job, _) -> job.getKind() == JobKind.JOB_KIND_COPY && !job.hasReadyTime(),
        (job, driver) -> create(driver, job.getRequest().getDestination()));
  }

  /** A job lets the processors run when it has begun, whatever the guest did before. */
  static Mutation resumesGuest() {
    return Mutation.ofBlockJobs(
        (real, driver) ->
            new ForwardingBlockJobs(real) {
              @Override
              public Job commit(CallContext call, BlockCommitRequest request) {
                Job job = super.commit(call, request);
                if (driver.domains().get(request.getDomain()).getStatus().getId() != 0) {
                  var _ =
                      driver
                          .domains()
                          .resume(
                              call,
                              ResumeDomainRequest.newBuilder()
                                  .setDomain(request.getDomain())
                                  .build());
                }
                return job;
              }
            });
  }

  /** What is there under the path of a destination makes room for it. */
  static Mutation overwritesDestination() {
    return Mutation.ofBlockJobs(
        (real, driver) ->
            new ForwardingBlockJobs(real) {
              @Override
              public Job copy(CallContext call, BlockCopyRequest request) {
                try {
                  return super.copy(call, request);
                } catch (DriverException e) {
                  if (e.reason() != ErrorReason.ERROR_REASON_DESTINATION_EXISTS) {
                    throw e;
                  }
                  remove(driver, request.getDestination().getPath());
                  return super.copy(call, request);
                }
              }
            });
  }

  /** A snapshot whose second disk fails leaves the overlay of the first. */
  static Mutation leavesOverlay(Predicate<CreateSnapshotRequest> concerned) {
    return Mutation.ofSnapshots(
        (real, driver) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                Snapshot planned =
                    super.create(call, request.toBuilder().setValidateOnly(true).build())
                        .getSnapshot();
                try {
                  return super.create(call, request);
                } catch (DriverException e) {
                  if (!concerned.test(request)) {
                    throw e;
                  }
                  Done.create(driver, planned.getDisks(0).getOverlay());
                  throw e;
                }
              }
            });
  }

  /** A new overlay's header does not say what format the image below has. */
  static Mutation leavesFormatOut() {
    return Mutation.ofSnapshots(
        (real, driver) ->
            new ForwardingSnapshots(real) {
              @Override
              public CreateSnapshotResponse create(
                  CallContext call, CreateSnapshotRequest request) {
                CreateSnapshotResponse made = super.create(call, request);
                made.getSnapshot().getDisksList().stream()
                    .filter(disk -> disk.hasOverlay())
                    .forEach(
                        disk ->
                            change(
                                driver,
                                ChangeImageRequest.newBuilder()
                                    .setPath(disk.getOverlay().getPath())
                                    .setHeader(
                                        BackingHeader.newBuilder()
                                            .setReference(disk.getFrozen().getPath()))));
                return made;
              }
            });
  }

  private static void header(Driver driver, String path, String reference) {
    change(
        driver,
        ChangeImageRequest.newBuilder()
            .setPath(path)
            .setHeader(BackingHeader.newBuilder().setReference(reference).setFormat("qcow2")));
  }

  private static void remove(Driver driver, String path) {
    change(driver, ChangeImageRequest.newBuilder().setPath(path).setRemove(true));
  }

  private static void change(Driver driver, ChangeImageRequest.Builder request) {
    control(driver).changeImage(call(), request.build());
  }

  private static void create(Driver driver, Image image) {
    control(driver)
        .createImage(
            call(),
            CreateImageRequest.newBuilder()
                .setPath(image.getPath())
                .setFormat("qcow2")
                .setVirtualSizeBytes(BLOCK)
                .build());
  }

  private static TestControl control(Driver driver) {
    return driver.testControl().orElseThrow();
  }

  private static CallContext call() {
    return new CallContext(Caller.DAEMON, "mutation", Instant.now().plus(PATIENCE), () -> false);
  }
}
