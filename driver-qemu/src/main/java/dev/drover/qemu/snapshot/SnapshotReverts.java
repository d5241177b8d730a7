package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.DomainPower;
import dev.drover.qemu.domain.Restoration;
import dev.drover.qemu.snapshot.RevertIntent.Phase;
import dev.drover.qemu.snapshot.RevertIntent.RevertedDisk;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DriverContext;
import dev.drover.spi.activity.JobTurn;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskSources;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.RestoredMoment;
import dev.drover.spi.snapshot.RevertFailures;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Carries out reverts from their intents, in the domain's lane. Overlays are made first, while the
 * domain may still run; once they are complete and that is on record it only goes forward, whatever
 * dies: the hypervisor is ended, definition and records move in one step, and the domain is started
 * where that was asked for. What the disks were on stays.
 */
final class SnapshotReverts {

  /** What the only turn of a revert comes to. */
  private static final String ENDED = "ENDED";

  private static final Duration MAKING = Duration.ofSeconds(30);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final DriverContext context;
  private final DomainBook domains;
  private final JobBook jobs;
  private final SnapshotBook snapshots;
  private final DomainPower power;
  private final SnapshotIntents intents;
  private final OverlayFiles files;
  private final SnapshotMemories memories;
  private final InsideReverts insides;

  SnapshotReverts(
      DriverContext context,
      DomainBook domains,
      JobBook jobs,
      SnapshotBook snapshots,
      DomainPower power,
      SnapshotIntents intents,
      OverlayFiles files,
      SnapshotMemories memories,
      InsideReverts insides) {
    this.insides = insides;
    this.context = context;
    this.domains = domains;
    this.jobs = jobs;
    this.snapshots = snapshots;
    this.power = power;
    this.intents = intents;
    this.files = files;
    this.memories = memories;
  }

  /** Records a revert as a job with its intent, before the first of it is done. */
  Job begin(JobOrigin origin, Job draft, RevertIntent intent) {
    return jobs.begin(
        origin.withJobId(intent.jobId()), draft, transaction -> intents.put(transaction, intent));
  }

  /** Carries out a revert that has just begun; its job has ended when this returns. */
  void run(RevertIntent intent) {
    try (JobTurn turn = turn(intent)) {
      begun(intent);
      turn.reached(ENDED);
    }
  }

  private JobTurn turn(RevertIntent intent) {
    return jobs.find(intent.jobId()).map(context.activities()::turn).orElse(JobTurn.UNOBSERVED);
  }

  private void begun(RevertIntent intent) {
    RevertIntent decided;
    RevertIntent prepared = intent;
    try {
      jobs.advance(intent.jobId(), JobState.JOB_STATE_RUNNING, _ -> {}, _ -> {});
      prepared = intent.having(MadeOverlays.NONE);
      if (!intent.disks().isEmpty()) {
        prepared = intent.having(OverlayFiles.reserve(intent.toMake()));
        intents.put(prepared);
      }
      for (RevertedDisk disk : intent.disks()) {
        files.make(disk.overlay(), disk.frozen(), prepared.overlays(), MAKING);
      }
      decided = decide(prepared);
    } catch (DriverException e) {
      back(prepared, e);
      return;
    }
    forward(decided);
  }

  /** Ends a revert that another run of the daemon, or an attempt before, left in the middle. */
  void carryOn(RevertIntent intent) {
    try (JobTurn turn = turn(intent)) {
      switch (intent.phase()) {
        case PREPARING ->
            back(intent, interrupted(intent, "the daemon ended before it was prepared"));
        case DECIDED, MOVED, RESTORED -> forward(intent);
      }
      turn.reached(ENDED);
    }
  }

  /**
   * From here on a cancel comes too late.
   *
   * @throws DriverException JOB_CANCELLED where one was there before
   */
  private RevertIntent decide(RevertIntent intent) {
    RevertIntent decided = intent.at(Phase.DECIDED);
    return jobs.advanceFrom(
            JobState.JOB_STATE_RUNNING,
            JobState.JOB_STATE_FINALIZING,
            intent.jobId(),
            transaction -> intents.put(transaction, decided))
        .map(_ -> decided)
        .orElseThrow(() -> cancelled(intent));
  }

  private void forward(RevertIntent decided) {
    RevertIntent moved = decided;
    if (decided.phase() == Phase.DECIDED) {
      try {
        requireComplete(decided);
        end(decided);
        insides.apply(decided);
      } catch (DriverException e) {
        back(decided, e);
        return;
      }
      moved = move(decided);
    }
    insides.finish(moved);
    finish(moved, start(moved));
  }

  /** Overlays that somebody took away meanwhile must not become the domain's disks. */
  private void requireComplete(RevertIntent intent) {
    for (RevertedDisk disk : intent.disks()) {
      if (!files.complete(disk.overlay(), disk.frozen(), true)) {
        throw interrupted(
            intent, "overlay '%s' is not as it was made".formatted(disk.overlay().getPath()));
      }
    }
    if (!InsideReverts.kept(intent)) {
      throw interrupted(intent, "an image does not keep the moment any more");
    }
    intent
        .moment()
        .filter(moment -> !moment.memory().getPath().isEmpty())
        .filter(moment -> !HostFiles.holdsMemory(moment.memory()))
        .ifPresent(
            moment -> {
              throw interrupted(
                  intent,
                  "its memory is not in '%s' any more".formatted(moment.memory().getPath()));
            });
  }

  private void end(RevertIntent intent) {
    Domain domain = domains.require(intent.domainUuid());
    if (power.runs(domain)) {
      power.end(call(), intent.domainUuid(), false);
    } else if (domain.getStatus().getState() == DomainState.DOMAIN_STATE_UNKNOWN) {
      // Neither way is safe: a process that may live has the old images open.
      throw new IllegalStateException(
          "whether a hypervisor of domain %s lives cannot be told".formatted(intent.domainUuid()));
    }
  }

  /** Moves definition and records in one durable step (R8). */
  private RevertIntent move(RevertIntent intent) {
    RevertIntent moved = intent.at(Phase.MOVED);
    List<SnapshotBook.Change> changes = new ArrayList<>();
    List<String> left = left(domains.require(intent.domainUuid()).getSpec(), intent);
    domains.change(
        intent.domainUuid(),
        domain -> domain.setSpec(moved(domain.getSpec(), intent)),
        transaction -> {
          changes.clear();
          snapshots.owned().leave(transaction, intent.domainUuid(), left);
          changes.add(snapshots.makeCurrent(transaction, intent.domainUuid(), intent.snapshot()));
          for (RevertedDisk disk : intent.disks()) {
            OverlayFiles.owned(intent.domainUuid(), disk.target(), disk.overlay())
                .ifPresent(image -> snapshots.owned().add(transaction, image));
          }
          intents.put(transaction, moved);
        });
    changes.forEach(snapshots::settle);
    return moved;
  }

  /** Paths of the images that the disks are on, which the revert gives up. */
  private static List<String> left(DomainSpec spec, RevertIntent intent) {
    return DiskSources.paths(
        spec, intent.disks().stream().map(RevertedDisk::target).collect(Collectors.toSet()));
  }

  private static DomainSpec moved(DomainSpec spec, RevertIntent intent) {
    return DiskSources.replaced(
        spec,
        intent.disks().stream()
            .collect(Collectors.toMap(RevertedDisk::target, disk -> Chain.source(disk.overlay()))));
  }

  /** Starts the domain where that was asked for; gives why it could not be. */
  private Optional<DriverException> start(RevertIntent intent) {
    if (intent.moment().isPresent()) {
      return restore(intent, intent.moment().get());
    }
    boolean wanted =
        switch (intent.target()) {
          case REVERT_STATE_RUNNING, REVERT_STATE_PAUSED -> true;
          case REVERT_STATE_SHUT_OFF, REVERT_STATE_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    Domain domain = domains.require(intent.domainUuid());
    if (!wanted || power.runs(domain)) {
      return Optional.empty();
    }
    try {
      power.start(call(), intent.domainUuid(), intent.target() == RevertState.REVERT_STATE_PAUSED);
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.of(
          RevertFailures.notStarted(domain.getSpec().getName(), intent.snapshot(), e));
    }
  }

  /**
   * Starts a QEMU that takes up the memory. That the guest may have run is on record before it
   * does, so that its memory is never put beside disks that it has written to since.
   */
  private Optional<DriverException> restore(RevertIntent intent, RestoredMoment moment) {
    String uuid = intent.domainUuid();
    Domain domain = domains.require(uuid);
    try {
      if (!power.runs(domain)) {
        if (intent.phase() == Phase.RESTORED) {
          throw interrupted(intent, "the hypervisor ended when the guest had its memory again");
        }
        Restoration restoration =
            moment.memory().getPath().isEmpty()
                ? InsideReverts.restoration(intent, moment)
                : memories.restoration(moment);
        var _ = power.restore(call(), uuid, restoration);
      }
      if (intent.target() == RevertState.REVERT_STATE_RUNNING) {
        intents.put(intent.at(Phase.RESTORED));
        power.letRun(uuid);
      }
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.of(
          RevertFailures.notStarted(domain.getSpec().getName(), intent.snapshot(), e));
    }
  }

  private void finish(RevertIntent intent, Optional<DriverException> failure) {
    jobs.advance(
        intent.jobId(),
        failure.isPresent() ? JobState.JOB_STATE_FAILED : JobState.JOB_STATE_SUCCEEDED,
        job -> failure.map(ErrorStatus::status).ifPresent(job::setError),
        transaction -> intents.delete(transaction, intent.domainUuid()));
  }

  /**
   * Takes back what was made; the domain is as it was. That it goes back is durable before the
   * overlays go, so that nothing goes forward without them.
   */
  private void back(RevertIntent intent, DriverException why) {
    if (intent.phase() != Phase.PREPARING) {
      intents.put(intent.at(Phase.PREPARING));
    }
    OverlayFiles.takeBack(intent.toMake(), intent.overlays());
    insides.undo(intent);
    boolean cancelled = jobs.require(intent.jobId()).getState() == JobState.JOB_STATE_CANCELLING;
    DriverException told = cancelled ? cancelled(intent) : why;
    jobs.advance(
        intent.jobId(),
        cancelled ? JobState.JOB_STATE_CANCELLED : JobState.JOB_STATE_FAILED,
        job -> job.setError(ErrorStatus.status(told)),
        transaction -> intents.delete(transaction, intent.domainUuid()));
  }

  private static DriverException cancelled(RevertIntent intent) {
    return RevertFailures.cancelled(intent.jobId(), intent.snapshot());
  }

  private static DriverException interrupted(RevertIntent intent, String why) {
    return RevertFailures.interrupted(intent.jobId(), intent.snapshot(), why);
  }

  /** The daemon's own call, for work that outlives the one that asked for it. */
  CallContext call() {
    return new CallContext(
        Caller.DAEMON, "revert", context.clock().instant().plus(LIMIT), () -> false);
  }
}
