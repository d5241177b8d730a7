package dev.drover.test.block;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskSources;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.snapshot.CommitAftermath;
import dev.drover.spi.snapshot.CommitAftermath.Aftermath;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.JobResult;
import dev.drover.v1.JobState;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Ends a job: compares what is open with what the headers say, moves the definitions, deletes what
 * was asked to be deleted, and records the result (R3, R8, C13).
 */
final class JobClosing {

  private final World world;
  private final KnownChains chains;
  private final CommitAftermath aftermath;

  JobClosing(World world) {
    this.world = world;
    this.chains = new KnownChains(world);
    this.aftermath =
        new CommitAftermath(world.snapshots(), world.store(), new ModelImages(world.images()));
  }

  void close(JobRun run, JobState state, Optional<DriverException> error) {
    run.disk.silence();
    world.disks().disclaim(run.disk);
    Optional<DriverException> outcome = error.or(() -> divergence(run));
    JobState end = outcome.isPresent() && error.isEmpty() ? JobState.JOB_STATE_FAILED : state;
    Aftermath found = found(run);
    if (run.switched) {
      aftermath.record(found, mark -> moveDefinitions(run, mark));
    }
    JobResult.Builder result =
        JobResult.newBuilder()
            .addAllChainBefore(run.chainBefore.images())
            .addAllChainAfter(run.disk.chain().images())
            .setPivoted(run.switched && run.task.twoPhase())
            .setQuiesced(run.quiesced)
            .addAllWarnings(world.jobs().require(run.id).getResult().getWarningsList())
            .addAllWarnings(found.warnings());
    run.guestPause.ifPresent(pause -> result.setGuestPause(ProtoTimes.duration(pause)));
    if (run.machine.isEmpty()) {
      world.disks().close(run.disk);
    }
    invalidate(run, end, result);
    world
        .jobs()
        .advanceWithin(
            run.id,
            end,
            builder -> {
              builder.setResult(result);
              outcome.ifPresent(failure -> builder.setError(ErrorStatus.status(failure)));
            },
            write -> aftermath.recordWith(run.switched ? Aftermath.NONE : found, write));
  }

  /** What a commit has done to snapshots (R3, R9). */
  private Aftermath found(JobRun run) {
    if (run.switched) {
      return aftermath.of(world.jobs().require(run.id), CommitAftermath.End.DONE);
    }
    return began(run)
        ? aftermath.of(world.jobs().require(run.id), CommitAftermath.End.STOPPED)
        : Aftermath.NONE;
  }

  private Optional<DriverException> divergence(JobRun run) {
    if (world.images().follow(run.disk.active().path()).equals(run.disk.images())) {
      return Optional.empty();
    }
    return Optional.of(
        DriverException.of(
            ErrorReason.ERROR_REASON_CHAIN_DIVERGED,
            ("after job %s the headers below '%s' name other images than disk '%s' has open;"
                 + " nothing was deleted; 'drover domain chain %s %s --verify' tells what differs"
                 + " and what can be done about it")
                .formatted(
                    run.id,
                    run.disk.active().path(),
                    run.disk.target(),
                    run.disk.domainName(),
                    run.disk.target()),
            "job",
            run.id,
            "disk",
            run.disk.target()));
  }

  private void invalidate(JobRun run, JobState end, JobResult.Builder result) {
    if (!run.switched) {
      if (began(run)) {
        run.task
            .damaged(run.imagesBefore)
            .forEach(image -> result.addInvalidatedPaths(image.path()));
      }
      if (run.task instanceof JobTask.Copy copy
          && !consistent(run)
          && (copy.made() || began(run))) {
        abandon(copy, result);
      }
      return;
    }
    for (BlockImage image : run.task.invalidated(run.imagesBefore)) {
      if (run.delete && end == JobState.JOB_STATE_SUCCEEDED) {
        delete(image, result);
      } else {
        result.addInvalidatedPaths(image.path());
      }
    }
  }

  /** True where a job may have written, as QEMU cannot tell it either from the start on. */
  private boolean began(JobRun run) {
    return world.jobs().require(run.id).hasStartTime();
  }

  /** True where the destination of a copy is the disk of the moment at which the job ended. */
  private boolean consistent(JobRun run) {
    return !run.brokenOff && world.jobs().require(run.id).hasReadyTime() && run.copy.done();
  }

  /** A destination that holds no usable copy goes if it was made for the job (D9). */
  private void abandon(JobTask.Copy copy, JobResult.Builder result) {
    BlockImage destination = copy.destination().getFirst();
    if (copy.made()) {
      delete(destination, result);
    } else {
      result.addInvalidatedPaths(destination.path());
    }
  }

  private void delete(BlockImage image, JobResult.Builder result) {
    Optional<String> reason =
        world.images().find(image.path()).filter(found -> found != image).isPresent()
            ? Optional.of("it is not the file that the job worked on; it was put there since")
            : chains
                .holder(image)
                .or(
                    () ->
                        world.disks().used(image)
                            ? Optional.of("a domain or a job has it open")
                            : Optional.empty());
    if (reason.isPresent()) {
      result
          .addInvalidatedPaths(image.path())
          .addWarnings("'%s' was not deleted: %s".formatted(image.path(), reason.get()));
    } else {
      world.images().delete(image);
      result.addDeletedPaths(image.path());
    }
  }

  /** Moves live and stored definition to the image the disk is on now, in one step (C17, R8). */
  private void moveDefinitions(JobRun run, Consumer<StoreTransaction> journal) {
    Image from = Chain.source(run.chainBefore.active());
    Image to = Chain.source(run.disk.chain().active());
    world
        .domains()
        .change(
            run.disk.domainUuid(), domain -> move(domain, run.disk.target(), from, to), journal);
  }

  private static void move(Domain.Builder domain, String target, Image from, Image to) {
    domain.setSpec(DiskSources.moved(domain.getSpec(), target, from, to));
    if (domain.getStatus().hasLiveSpec()) {
      domain
          .getStatusBuilder()
          .setLiveSpec(DiskSources.moved(domain.getStatus().getLiveSpec(), target, from, to));
    }
  }
}
