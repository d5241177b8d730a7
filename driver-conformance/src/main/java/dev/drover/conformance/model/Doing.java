package dev.drover.conformance.model;

import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.SnapshotRequests;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Does an operation on one side, and waits until what comes of it is there.
 *
 * @param side where
 * @param from what there was before the step on the side that is compared with, which decides what
 *     the operation chooses
 * @param step number of the step, from which new names are made
 */
record Doing(Side side, Position from, int step) {

  /** Far less than a block in any time that a scenario takes. */
  private static final Bandwidth SLOW = Bandwidth.newBuilder().setBytesPerSecond(2048).build();

  /** So little that a copy does not have all that there is in flight at once. */
  private static final int BUFFER = 65_536;

  /** An etag that nothing has. */
  private static final String STALE = "stale";

  private static final long MEBIBYTE = 1L << 20;

  /** What the driver answers. */
  String answer(Operation operation) {
    try {
      return switch (operation) {
        case Operation.Start start -> power(start.paused());
        case Operation.Suspend() -> suspend();
        case Operation.Resume() -> resume();
        case Operation.Destroy() -> destroy();
        case Operation.Redefine redefine -> redefine(redefine);
        case Operation.Write write -> write(write);
        case Operation.Snapshot snapshot -> snapshot(snapshot);
        case Operation.Rename rename -> rename(rename);
        case Operation.Revert revert -> revert(revert);
        case Operation.Delete delete -> delete(delete);
        case Operation.Commit commit -> commit(commit);
        case Operation.Pull pull -> pull(pull);
        case Operation.Copy copy -> copy(copy);
        case Operation.Rebase rebase -> rebase(rebase);
        case Operation.EndJob end -> end(end);
        case Operation.EndTogether end -> endTogether(end);
        case Operation.Unleash unleash -> unleash(unleash);
      };
    } catch (StatusRuntimeException e) {
      return side.refusal(e);
    }
  }

  private JobCalls jobs() {
    return side.bench().jobs();
  }

  private String power(boolean paused) {
    var _ = side.domain().start(paused ? PowerState.PAUSED : PowerState.RUNNING);
    return "started";
  }

  private String suspend() {
    side.domain().suspend();
    return "suspended";
  }

  private String resume() {
    side.domain().resume();
    return "resumed";
  }

  private String destroy() {
    side.domain().destroy();
    for (Job job : from.active().isEmpty() ? List.<Job>of() : side.jobs()) {
      var _ = jobs().ended(job);
    }
    return "destroyed";
  }

  private String redefine(Operation.Redefine redefine) {
    Domain read = side.domain().get();
    Domain defined =
        side.bench()
            .calls()
            .domains()
            .defineDomain(
                DefineDomainRequest.newBuilder()
                    .setSpec(
                        read.getSpec().toBuilder()
                            .setTitle("title " + redefine.value())
                            .setMemoryBytes(side.memoryBytes() + redefine.value() * MEBIBYTE))
                    .setEtag(redefine.stale() ? STALE : read.getEtag())
                    .build())
            .getDomain();
    return "defined, another than before: %s".formatted(!defined.getEtag().equals(read.getEtag()));
  }

  private String write(Operation.Write write) {
    if (!from.up()) {
      return "nobody writes";
    }
    side.domain()
        .write(Position.disk(write.disk()), List.of(Side.fill(write.block(), write.value())));
    return "written";
  }

  private String snapshot(Operation.Snapshot snapshot) {
    CreateSnapshotRequest.Builder request =
        CreateSnapshotRequest.newBuilder()
            .setDomain(side.domain().ref())
            .setName(snapshot.again() ? from.snapshot(step) : "s" + step)
            .setNoMetadata(snapshot.form() == Operation.Form.UNRECORDED)
            .setReuseExternal(snapshot.form() == Operation.Form.GIVEN);
    if (snapshot.form() == Operation.Form.INTERNAL) {
      request.setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
    }
    if (snapshot.alone()) {
      request.addDisks(
          SnapshotDisk.newBuilder()
              .setTarget("vdb")
              .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED));
    }
    if (snapshot.form() == Operation.Form.GIVEN) {
      given("vda", request);
      if (!snapshot.alone()) {
        given("vdb", request);
      }
    }
    memory(snapshot, request);
    CreateSnapshotResponse made = side.bench().snapshots().withCopies(request);
    return "snapshot %s, the guest was held: %s".formatted(request.getName(), made.hasGuestPause());
  }

  private void memory(Operation.Snapshot snapshot, CreateSnapshotRequest.Builder request) {
    if (snapshot.memory() == Operation.Memory.NONE) {
      return;
    }
    SnapshotMemory.Builder memory = request.getMemoryBuilder();
    if (snapshot.form() != Operation.Form.INTERNAL) {
      memory.setPath(
          side.path(
              snapshot.memory() == Operation.Memory.OVER
                  ? Side.TAKEN
                  : "m%d.memory".formatted(step)));
    }
    if (snapshot.memory() == Operation.Memory.LIVE) {
      request.setLiveMemory(LiveMemory.getDefaultInstance());
    }
  }

  private void given(String disk, CreateSnapshotRequest.Builder request) {
    if (from.chain(disk).isEmpty()) {
      return;
    }
    String name = "%s-given-%d.qcow2".formatted(disk, step);
    Position.Layer active = from.chain(disk).getFirst();
    Image below = side.image(active.name(), active.format());
    side.create(
        name,
        ImageFormat.IMAGE_FORMAT_QCOW2,
        active.size(),
        Optional.of(new ImageSetup.Backing(below.getPath(), below)));
    request.addDisks(
        SnapshotDisk.newBuilder()
            .setTarget(disk)
            .setOverlay(side.image(name, ImageFormat.IMAGE_FORMAT_QCOW2)));
  }

  private String rename(Operation.Rename rename) {
    String name = from.snapshot(rename.snapshot());
    Snapshot read = side.bench().snapshots().get(side.domain(), name);
    Snapshot renamed =
        side.bench()
            .snapshots()
            .enter(
                SnapshotRequests.enter(
                        side.domain(),
                        read.toBuilder()
                            .setName(
                                rename.taken() ? from.snapshot(rename.snapshot() + 1) : "r" + step))
                    .setRenameFrom(name)
                    .setEtag(rename.stale() ? STALE : read.getEtag()));
    return "renamed %s to %s".formatted(name, renamed.getName());
  }

  private String revert(Operation.Revert revert) {
    Job job =
        side.bench()
            .calls()
            .snapshots()
            .revertSnapshot(
                RevertSnapshotRequest.newBuilder()
                    .setDomain(side.domain().ref())
                    .setName(from.snapshot(revert.snapshot()))
                    .setTargetState(revert.state())
                    .build())
            .getJob();
    return ended(jobs().ended(job));
  }

  private String delete(Operation.Delete delete) {
    return ended(
        jobs()
            .ended(
                side.bench()
                    .snapshots()
                    .delete(
                        DeleteSnapshotRequest.newBuilder()
                            .setDomain(side.domain().ref())
                            .setName(from.snapshot(delete.snapshot()))
                            .setScope(delete.scope())
                            .setMetadataOnly(delete.metadataOnly()))));
  }

  private String commit(Operation.Commit commit) {
    String disk = Position.disk(commit.disk());
    boolean active = commit.top() <= 1;
    BlockCommitRequest.Builder request =
        BlockCommitRequest.newBuilder()
            .setDomain(side.domain().ref())
            .setDisk(disk)
            .setShallow(commit.shallow())
            .setDelete(commit.delete())
            .setActive(active != commit.careless())
            .setAutoComplete(active ? commit.auto() : JobCompletion.JOB_COMPLETION_UNSPECIFIED)
            .setValidateOnly(commit.pace() == Operation.Pace.CHECKED);
    image(disk, commit.top(), request::setTop);
    image(disk, commit.base(), request::setBase);
    boolean slow =
        commit.pace() == Operation.Pace.SLOW
            && from.plentyToCommit(
                disk, commit.top(), commit.shallow() ? commit.top() + 1 : commit.base());
    if (slow) {
      request.setBandwidth(SLOW);
    }
    return begun(jobs().commit(request), commit.pace(), slow);
  }

  private String pull(Operation.Pull pull) {
    String disk = Position.disk(pull.disk());
    BlockPullRequest.Builder request =
        BlockPullRequest.newBuilder()
            .setDomain(side.domain().ref())
            .setDisk(disk)
            .setKeepRelative(pull.relative())
            .setValidateOnly(pull.pace() == Operation.Pace.CHECKED);
    image(disk, pull.base(), request::setBase);
    image(disk, pull.into(), request::setInto);
    boolean slow =
        pull.pace() == Operation.Pace.SLOW
            && pull.into() == 0
            && from.plentyToPull(disk, pull.base());
    if (slow) {
      request.setBandwidth(SLOW);
    }
    return begun(jobs().pull(request), pull.pace(), slow);
  }

  private String copy(Operation.Copy copy) {
    String disk = Position.disk(copy.disk());
    ImageFormat format = copy.raw() ? ImageFormat.IMAGE_FORMAT_RAW : ImageFormat.IMAGE_FORMAT_QCOW2;
    String name = "%s-copy-%d.%s".formatted(disk, step, copy.raw() ? "raw" : "qcow2");
    BlockCopyRequest.Builder request =
        BlockCopyRequest.newBuilder()
            .setDomain(side.domain().ref())
            .setDisk(disk)
            .setDestination(side.image(name, format))
            .setShallow(copy.shallow())
            .setAutoComplete(copy.auto())
            .setReuseExternal(
                copy.destination() == Operation.Destination.GIVEN
                    || copy.destination() == Operation.Destination.MISSING)
            .setValidateOnly(copy.pace() == Operation.Pace.CHECKED);
    if (copy.destination() == Operation.Destination.GIVEN
        || copy.destination() == Operation.Destination.TAKEN) {
      destination(name, format, disk, copy.shallow());
    }
    boolean slow = copy.pace() == Operation.Pace.SLOW && from.plentyToCopy(disk, copy.shallow());
    if (slow) {
      request.setBandwidth(SLOW).setBufferSizeBytes(BUFFER).setGranularityBytes(BUFFER);
    }
    return begun(jobs().copy(request), copy.pace(), slow);
  }

  private void destination(String name, ImageFormat format, String disk, boolean shallow) {
    List<Position.Layer> chain = from.chain(disk);
    Optional<ImageSetup.Backing> below =
        chain.stream()
            .skip(1)
            .findFirst()
            .filter(_ -> shallow && format == ImageFormat.IMAGE_FORMAT_QCOW2)
            .map(layer -> side.image(layer.name(), layer.format()))
            .map(image -> new ImageSetup.Backing(image.getPath(), image));
    side.create(name, format, Side.BLOCKS * Side.BLOCK, below);
  }

  private String rebase(Operation.Rebase rebase) {
    String disk = Position.disk(rebase.disk());
    BlockRebaseRequest.Builder request =
        BlockRebaseRequest.newBuilder()
            .setDomain(side.domain().ref())
            .setDisk(disk)
            .setCopy(rebase.copy())
            .setShallow(rebase.shallow())
            .setCopyRaw(rebase.raw())
            .setValidateOnly(rebase.pace() == Operation.Pace.CHECKED);
    if (rebase.copy() && rebase.base() > 0) {
      request.setBase(side.image("%s-rebase-%d.img".formatted(disk, step), format()).getPath());
    } else {
      image(disk, rebase.base(), request::setBase);
    }
    return begun(jobs().rebase(request), rebase.pace(), false);
  }

  private static ImageFormat format() {
    return ImageFormat.IMAGE_FORMAT_QCOW2;
  }

  private String end(Operation.EndJob end) {
    if (side.jobs().size() <= end.job()) {
      return "no such job";
    }
    Job job = side.jobs().get(end.job());
    return ended(
        switch (end.end()) {
          case PIVOT -> jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT);
          case KEEP -> jobs().complete(job, JobCompletion.JOB_COMPLETION_KEEP);
          case CANCEL -> jobs().cancel(job);
        });
  }

  private String endTogether(Operation.EndTogether end) {
    List<String> ids =
        side.jobs().stream().filter(job -> !Position.ended(job)).map(Job::getId).toList();
    StringBuilder answer = new StringBuilder("together:");
    side.bench()
        .calls()
        .jobs()
        .completeJobs(
            CompleteJobsRequest.newBuilder()
                .addAllJobIds(ids)
                .setCompletion(end.completion())
                .build())
        .getJobsList()
        .forEach(job -> answer.append(' ').append(ended(job)));
    return answer.toString();
  }

  private String unleash(Operation.Unleash unleash) {
    if (side.jobs().size() <= unleash.job()) {
      return "no such job";
    }
    Job job = jobs().unleash(side.jobs().get(unleash.job()));
    return "unleashed, " + settled(job).getState();
  }

  /** Names an image, by its path or its place in the chain. */
  private void image(String disk, int number, Consumer<String> to) {
    List<Position.Layer> chain = from.chain(disk);
    if (number == 0) {
      return;
    }
    if (number > chain.size()) {
      to.accept(side.image("elsewhere.qcow2", format()).getPath());
    } else if (step % 2 == 0) {
      to.accept("%s[%d]".formatted(disk, number - 1));
    } else {
      to.accept(side.image(chain.get(number - 1).name(), format()).getPath());
    }
  }

  private String begun(Job job, Operation.Pace pace, boolean slow) {
    if (pace != Operation.Pace.CHECKED && !slow) {
      var _ = settled(job);
    }
    return "%s %s"
        .formatted(pace == Operation.Pace.CHECKED ? "would begin" : "began", job.getKind());
  }

  /** A job that does not move any more without its client. */
  private Job settled(Job job) {
    Job now = jobs().until(job);
    return now.getState() == JobState.JOB_STATE_READY
            && now.getCompletion() != JobCompletion.JOB_COMPLETION_UNSPECIFIED
        ? jobs().ended(job)
        : now;
  }

  private static String ended(Job job) {
    return "ended %s%s"
        .formatted(
            job.getState(),
            job.hasError() ? " " + Refusal.reasonOf(job.getError()).orElseThrow() : "");
  }
}
