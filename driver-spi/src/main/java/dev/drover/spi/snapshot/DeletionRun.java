package dev.drover.spi.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.queue.StepPlaces;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Carries a deletion out from the record of its job. Each step may be begun again: the job of a
 * step has an id that follows from the step, records move before files go, and a file that is gone
 * is gone. So wherever the daemon dies, the next one goes on from the record.
 */
final class DeletionRun {

  /** Longest wait for a domain that is busy with another call. */
  private static final Duration STARTING = Duration.ofMinutes(1);

  /** A step's job ends by itself or by an order; this only bounds the wait. */
  private static final Duration LONGEST = Duration.ofDays(365);

  private final InstantSource clock;
  private final DomainBook domains;
  private final JobBook jobs;
  private final SnapshotBook snapshots;
  private final DeletionRecords records;
  private final DeletionWork work;
  private final StepPlaces places;
  private final DeletionEnd end;
  private volatile boolean closing;

  DeletionRun(
      InstantSource clock,
      DomainBook domains,
      JobBook jobs,
      SnapshotBook snapshots,
      DeletionRecords records,
      DeletionWork work,
      StepPlaces places) {
    this.clock = clock;
    this.domains = domains;
    this.jobs = jobs;
    this.snapshots = snapshots;
    this.records = records;
    this.work = work;
    this.places = places;
    this.end = new DeletionEnd(domains, jobs, snapshots, records, work);
  }

  /** From now on nothing more is begun. */
  void close() {
    closing = true;
  }

  /**
   * Carries a deletion out to its end.
   *
   * @throws DriverException CALL_CANCELLED where the daemon stops; what the store refuses
   */
  void run(String jobId) {
    Job job = jobs.require(jobId);
    if (job.getState() == JobState.JOB_STATE_PENDING) {
      jobs.advance(jobId, JobState.JOB_STATE_RUNNING, _ -> {}, _ -> {});
    }
    for (int place = 0; place < job.getSnapshotPlan().getStepsCount(); place++) {
      Job now = jobs.require(jobId);
      SnapshotStep step = now.getSnapshotPlan().getSteps(place);
      boolean begun = step.getState() == SnapshotStepState.SNAPSHOT_STEP_STATE_RUNNING;
      boolean waits =
          step.getState() == SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING && !cancelled(jobId);
      if (begun || waits) {
        perform(now, place, step);
      }
    }
    end.end(jobId);
  }

  private boolean cancelled(String jobId) {
    return jobs.require(jobId).getState() == JobState.JOB_STATE_CANCELLING;
  }

  private void perform(Job job, int place, SnapshotStep step) {
    call(STARTING).check(clock.instant());
    try {
      switch (step.getAction()) {
        case SNAPSHOT_ACTION_REMOVE -> remove(job, place, step);
        case SNAPSHOT_ACTION_DISCARD -> discard(job, place, step);
        case SNAPSHOT_ACTION_COMMIT -> merge(job, place, step, stepId -> commit(job, step, stepId));
        case SNAPSHOT_ACTION_PULL -> merge(job, place, step, stepId -> pull(job, step, stepId));
        case SNAPSHOT_ACTION_KEEP, SNAPSHOT_ACTION_UNSPECIFIED, UNRECOGNIZED ->
            note(job, place, changed -> changed.setState(done()));
      }
    } catch (DriverException e) {
      if (closing) {
        throw e;
      }
      work.warn(
          "snapshot '%s' of domain '%s' is not deleted for disk '%s'"
              .formatted(job.getSnapshot(), job.getDomainName(), step.getDisk()),
          e);
      fail(job, place, String.valueOf(e.getMessage()));
    }
  }

  private void remove(Job job, int place, SnapshotStep step) {
    if (step.getDisk().equals(MemoryPlan.NO_DISK) && failed(job)) {
      // A snapshot that stays can be gone back to as before.
      fail(job, place, "it stays as long as the snapshot does");
      return;
    }
    note(job, place, changed -> changed.setState(running()));
    Cleared cleared = clear(job, step);
    if (cleared.warnings().isEmpty()) {
      finish(job, place, step, cleared);
    } else {
      fail(job, place, String.join("; ", cleared.warnings()));
    }
  }

  private void discard(Job job, int place, SnapshotStep step) {
    note(job, place, changed -> changed.setState(running()));
    work.discard(
        domains.require(job.getDomainUuid()),
        step.getDisk(),
        step.getImages(0),
        SnapshotKinds.tag(step.getSnapshot()));
    note(job, place, changed -> changed.setState(done()));
  }

  private static boolean failed(Job job) {
    return job.getSnapshotPlan().getStepsList().stream()
        .anyMatch(step -> step.getState() == SnapshotStepState.SNAPSHOT_STEP_STATE_FAILED);
  }

  /** A block job moves the data; then the records follow it, and only then do files go. */
  private void merge(Job job, int place, SnapshotStep step, Consumer<String> start) {
    String stepId =
        UUID.nameUUIDFromBytes((job.getId() + "/" + place).getBytes(StandardCharsets.UTF_8))
            .toString();
    if (step.getState() == SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING) {
      note(job, place, changed -> changed.setState(running()).setJobId(stepId));
    }
    if (jobs.find(stepId).isEmpty()) {
      try (StepPlaces.Place _ = places.await(call(LONGEST), job, stepId, paths(step))) {
        start(stepId, start);
      }
    }
    Job ended = await(job, stepId);
    if (ended.getState() == JobState.JOB_STATE_SUCCEEDED) {
      follow(job, step);
      finish(job, place, step, clear(job, step));
    } else {
      fail(
          job,
          place,
          ended.hasError()
              ? ended.getError().getMessage()
              : "job %s ended as %s".formatted(stepId, ended.getState()));
    }
  }

  private static List<String> paths(SnapshotStep step) {
    return Stream.concat(step.getImagesList().stream(), Stream.of(step.getInto()))
        .map(Image::getPath)
        .toList();
  }

  /** A start that failed after the job was recorded has to be followed like any other. */
  private void start(String stepId, Consumer<String> start) {
    try {
      start.accept(stepId);
    } catch (DriverException e) {
      if (jobs.find(stepId).isEmpty()) {
        throw e;
      }
    }
  }

  private void commit(Job job, SnapshotStep step, String stepId) {
    Domain domain = domains.require(job.getDomainUuid());
    String top = step.getImages(step.getImagesCount() - 1).getPath();
    boolean active =
        work.active(domain, step.getDisk())
            .map(chain -> chain.active().getPath())
            .filter(top::equals)
            .isPresent();
    BlockCommitRequest.Builder request =
        BlockCommitRequest.newBuilder()
            .setDomain(DomainRef.newBuilder().setUuid(job.getDomainUuid()))
            .setDisk(step.getDisk())
            .setBase(step.getInto().getPath())
            .setTop(top)
            .setActive(active)
            .setJobId(stepId);
    if (active) {
      request.setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT);
    }
    BlockCommitRequest made = request.build();
    var _ = work.commit(call(STARTING), JobOrigin.step(job, stepId, made), made);
  }

  private void pull(Job job, SnapshotStep step, String stepId) {
    Domain domain = domains.require(job.getDomainUuid());
    Image into = step.getInto();
    Optional<Chain> disk =
        work.active(domain, step.getDisk()).filter(chain -> chain.holds(into.getPath()));
    BlockPullRequest.Builder request =
        BlockPullRequest.newBuilder()
            .setDomain(DomainRef.newBuilder().setUuid(job.getDomainUuid()))
            .setDisk(step.getDisk())
            .setInto(into.getPath())
            .setJobId(stepId);
    disk.or(() -> work.stored(domain, step.getDisk(), into))
        .flatMap(chain -> chain.below(chain.find(step.getImages(0).getPath())))
        .map(ChainImage::getPath)
        .ifPresent(request::setBase);
    BlockPullRequest made = request.build();
    JobOrigin origin = JobOrigin.step(job, stepId, made);
    var _ =
        disk.isPresent()
            ? work.pull(call(STARTING), origin, made)
            : work.pullAside(call(STARTING), origin, made, into);
  }

  /** Waits for the end of a step's job, passes a cancel on to it, and tells what blocks it. */
  private Job await(Job job, String stepId) {
    boolean passedOn = false;
    while (true) {
      boolean told = passedOn;
      Job step =
          jobs.await(
              call(LONGEST),
              stepId,
              now ->
                  JobTransitions.terminal(now.getState())
                      || (!told && cancelled(job.getId()))
                      || !blockage(now).equals(jobs.require(job.getId()).getBlockedDetail()));
      tell(job.getId(), step);
      if (JobTransitions.terminal(step.getState())) {
        return step;
      }
      if (!passedOn && cancelled(job.getId())) {
        cancel(stepId);
        passedOn = true;
      }
    }
  }

  /** Who follows a deletion would not know otherwise why nothing goes on. */
  private void tell(String jobId, Job step) {
    String blockage = blockage(step);
    if (!blockage.equals(jobs.require(jobId).getBlockedDetail())) {
      jobs.observe(
          jobId,
          changed ->
              changed
                  .setBlocked(!blockage.isEmpty())
                  .setBlockedDetail(blockage)
                  .setBlockedReason(
                      blockage.isEmpty()
                          ? ErrorReason.ERROR_REASON_UNSPECIFIED
                          : step.getBlockedReason()));
    }
  }

  private static String blockage(Job step) {
    return step.getBlocked() && !JobTransitions.terminal(step.getState())
        ? "job %s on disk '%s': %s".formatted(step.getId(), step.getDisk(), step.getBlockedDetail())
        : "";
  }

  private void cancel(String stepId) {
    try {
      work.cancel(call(STARTING), stepId);
    } catch (DriverException e) {
      // One that ends by itself at this moment is waited for all the same.
      if (e.reason() != ErrorReason.ERROR_REASON_JOB_STATE_INVALID) {
        throw e;
      }
    }
  }

  /** Moments that the image above the merged ones held are held by the image they went into. */
  private void follow(Job job, SnapshotStep step) {
    if (step.getAction() != SnapshotAction.SNAPSHOT_ACTION_COMMIT) {
      return;
    }
    Image top = step.getImages(step.getImagesCount() - 1);
    Set<String> doomed = records.names(job.getId());
    snapshots.change(
        transaction ->
            snapshots.edit(
                transaction,
                job.getDomainUuid(),
                snapshot ->
                    doomed.contains(snapshot.getName())
                        ? snapshot
                        : MovedSnapshots.moved(snapshot, step.getDisk(), top, step.getInto())));
  }

  private record Cleared(List<String> deleted, List<String> warnings) {}

  private Cleared clear(Job job, SnapshotStep step) {
    Map<String, OwnedImage> owned =
        snapshots.owned().list(job.getDomainUuid()).stream()
            .collect(Collectors.toMap(image -> image.image().getPath(), image -> image));
    List<String> deleted = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (Image image : step.getImagesList().reversed()) {
      Optional<OwnedImage> made = Optional.ofNullable(owned.get(image.getPath()));
      made.flatMap(file -> work.remove(job.getId(), file))
          .ifPresentOrElse(
              why -> warnings.add("'%s' was not deleted: %s".formatted(image.getPath(), why)),
              () -> deleted.add(image.getPath()));
    }
    return new Cleared(deleted, warnings);
  }

  private void finish(Job job, int place, SnapshotStep step, Cleared cleared) {
    jobs.edit(
        job.getId(),
        edited -> {
          edited
              .getSnapshotPlanBuilder()
              .getStepsBuilder(place)
              .setState(done())
              .setDetail(String.join("; ", cleared.warnings()));
          edited
              .getResultBuilder()
              .addAllDeletedPaths(cleared.deleted())
              .addAllWarnings(cleared.warnings());
          edited
              .getProgressBuilder()
              .setTotalBytes(edited.getSnapshotPlan().getBytesToMove())
              .setOffsetBytes(moved(edited));
        },
        transaction ->
            step.getImagesList()
                .forEach(
                    image ->
                        snapshots
                            .owned()
                            .remove(transaction, job.getDomainUuid(), image.getPath())));
  }

  private static long moved(Job.Builder job) {
    return job.getSnapshotPlan().getStepsList().stream()
        .filter(step -> step.getState() == done())
        .mapToLong(SnapshotStep::getBytesToMove)
        .sum();
  }

  private void fail(Job job, int place, String why) {
    note(
        job,
        place,
        changed -> changed.setState(SnapshotStepState.SNAPSHOT_STEP_STATE_FAILED).setDetail(why));
  }

  private void note(Job job, int place, Consumer<SnapshotStep.Builder> change) {
    jobs.edit(
        job.getId(),
        edited -> change.accept(edited.getSnapshotPlanBuilder().getStepsBuilder(place)),
        _ -> {});
  }

  private static SnapshotStepState running() {
    return SnapshotStepState.SNAPSHOT_STEP_STATE_RUNNING;
  }

  private static SnapshotStepState done() {
    return SnapshotStepState.SNAPSHOT_STEP_STATE_DONE;
  }

  /** The daemon's own call, for work that outlives the one that asked for it. */
  private CallContext call(Duration longest) {
    return new CallContext(
        Caller.DAEMON, "delete a snapshot", clock.instant().plus(longest), () -> closing);
  }
}
