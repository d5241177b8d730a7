package dev.drover.conformance.mutant;

import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.SerialConsole;
import dev.drover.v1.SnapshotConsistency;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The seeded mistakes, each with what it stands for and the cases of the suite that find it (R16).
 * Every case that a mistake names must fail under it, for the reason that is named.
 */
public enum Mutant {
  /** A soft cancel in READY, completed as the hypervisor says, is no pivot. */
  CANCEL_IN_READY_IS_A_PIVOT(
      "A cancel in READY, which the hypervisor reports as completed, is told as a pivot",
      "D9",
      () -> Told.job(Told::cancelledAsPivoted),
      by("ActiveCommitCases.cancelReady[PAUSED]", "JOB_STATE_CANCELLED")),
  /** Nothing copied of nothing is no end of the first phase. */
  NOTHING_LEFT_IS_READY(
      "offset = len = 0 of a mirror that has just begun is told as READY",
      "R1, R5",
      () -> Told.job(Told::nothingLeftAsReady),
      by("ActiveCommitCases.cancelEarly[PAUSED]", "JOB_STATE_RUNNING")),
  /** All copied is not READY. */
  ALL_COPIED_IS_READY(
      "offset = len is told as READY before the hypervisor has said so",
      "R1, R5",
      () -> Told.job(Told::everythingCopiedAsReady),
      by("FaultCases.copiedIsNotReady[PAUSED]", "JOB_STATE_RUNNING")),
  /** A pivot is on the record of the job. */
  PIVOT_NOT_ON_RECORD(
      "The record of a job that pivoted does not say so",
      "D5",
      () ->
          Told.job(
              job ->
                  job.toBuilder().setResult(job.getResult().toBuilder().setPivoted(false)).build()),
      by("ActiveCommitCases.pivotTooEarly[PAUSED]", "pivoted")),
  /** An active commit is a kind of its own. */
  ACTIVE_COMMIT_IS_A_COMMIT(
      "An active commit is told as a commit",
      "D2, D18",
      () ->
          Told.job(
              job ->
                  job.getKind() == JobKind.JOB_KIND_ACTIVE_COMMIT
                      ? job.toBuilder().setKind(JobKind.JOB_KIND_COMMIT).build()
                      : job),
      by("CommitCases.activeCommit[C2 (-, -, shallow) PAUSED]", "JOB_KIND_ACTIVE_COMMIT")),
  /** Speeds are in bytes a second. */
  SPEED_IN_MEBIBYTES(
      "The effective speed is told in MiB a second",
      "A8, C14",
      () ->
          Told.job(
              job ->
                  job.toBuilder()
                      .setSpeedBytesPerSecond(job.getSpeedBytesPerSecond() >> 20)
                      .build()),
      by("CommitCases.bandwidth[PAUSED]", "3145728")),
  /** Bytes done never exceed bytes to do. */
  PROGRESS_BEYOND_TOTAL(
      "What is copied again counts as done, but not as to be done",
      "R19",
      () -> Told.job(Told::moreThanThereIs),
      by("JobRecordCases.progress[PAUSED]", "bytes done, of those to do")),
  /** Bytes done never become fewer. */
  PROGRESS_FALLS_BACK(
      "Progress of a job becomes less from one look to the next",
      "R19",
      Told::fallsBack,
      by("JobRecordCases.watch[PAUSED]", "which never become fewer")),
  /** A failure has the exact reason. */
  FAILURE_WITHOUT_REASON(
      "A job that ran into an I/O error failed with INTERNAL",
      "R18",
      () -> Told.job(Told::withoutReason),
      by("FaultCases.inputOutputError[PAUSED]", "ERROR_REASON_JOB_IO_ERROR")),
  /** The list has jobs that ended. */
  ENDED_JOBS_NOT_LISTED(
      "A job is no longer listed once it has ended",
      "R1",
      () -> Told.forgetsJobs(false),
      by("JobRecordCases.lists[PAUSED]", "JOB_KIND_PULL")),
  /** A record outlives its domain. */
  JOBS_GO_WITH_THE_DOMAIN(
      "The record of a job is gone with its domain",
      "R1",
      () -> Told.forgetsJobs(true),
      by("JobRecordCases.outlivesDomain[PAUSED]", "no job has the id")),
  /** Who names a job holds the disk. */
  DISK_HELD_FOREVER(
      "A disk names its last job also once that has ended",
      "C10, D6",
      Called::heldForever,
      by("CommitCases.heldUntilTheEnd[PAUSED]", "job that holds vda")),
  /** The stored definition moves with the disk. */
  STORED_DEFINITION_STAYS(
      "A pivot moves the running domain's disk and leaves the stored definition",
      "C17, R8",
      Told::staleDefinition,
      by("CommitCases.activeCommit[C2 (-, -, shallow) PAUSED]", "source in the stored definition"),
      by("SnapshotCases.twoDisks[RUNNING]", "source in the stored definition")),
  /** The listed disk moves with the disk. */
  LISTED_DISK_STAYS(
      "A snapshot moves the disk, and the list of disks shows the image of before",
      "G10, R8",
      Called::staleDisks,
      by("SnapshotCases.twoDisks[RUNNING]", "source of the listed disk")),
  /** Snapshots form a tree. */
  SNAPSHOT_WITHOUT_PARENT(
      "The record of a snapshot does not name the one before it",
      "R9",
      () -> Told.snapshot(snapshot -> snapshot.toBuilder().clearParent().build()),
      by("SnapshotCases.line[PAUSED]", "\"one\"")),
  /** A revert makes its snapshot current. */
  REVERT_LEAVES_CURRENT(
      "After a revert the newest snapshot is still current",
      "R9",
      Told::newestIsCurrent,
      by("RevertCases.startedAnew[PAUSED]", "the one that was reverted to")),
  /** A deletion gives children another parent. */
  DELETION_LOSES_CHILD(
      "A snapshot whose parent was deleted still names it",
      "R9",
      Told::firstParentStays,
      by("DeleteCases.middle[PAUSED]", "one")),
  /** What a definition took a disk off is nobody's but its owner's. */
  DELETION_TAKES_WHAT_DISK_HELD_LAST(
      "A deletion removes what its disk held last before a definition gave it another image",
      "R9, R3",
      Done::removesWhatStays,
      by("RedefinedDiskCases.stays[PAUSED]", "but was: no file")),
  /** What is declared is done. */
  DECLARED_NOT_DONE(
      "Domains that survive the daemon are declared, and end with it",
      "R16",
      () -> Told.declares(Set.of(Capability.CAPABILITY_DOMAIN_ADOPTION), Set.of()),
      by("LifecycleCases.adoption", "NOT_FOUND")),
  /** What is done is declared. */
  DONE_NOT_DECLARED(
      "Jobs on shut-off domains are done without being declared",
      "R16",
      () -> Told.declares(Set.of(), Set.of(Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)),
      by("CommitCases.rawBase[OFF]", "had to be refused")),
  /** A declared job can be changed in speed. */
  SPEED_NOT_SERVED(
      "A call that declared jobs need answers NOT_SUPPORTED",
      "R16",
      Called::noSpeed,
      by("JobRecordCases.speedOverflow[PAUSED]", "cannot change the speed")),
  /** The end of a job is told. */
  END_NOT_TOLD(
      "The event of a job's end is lost",
      "R1, R6",
      () -> Told.withholds(Told::ends),
      by("WatchCases.onePhase[PAUSED]", "the end of job")),
  /** The end of a job is told once. */
  END_TOLD_TWICE(
      "The event of a job's end is sent twice",
      "R1, R6",
      () -> Told.repeats(Told::ends),
      by("WatchCases.onePhase[PAUSED]", "the end is told once")),
  /** READY is told. */
  READY_NOT_TOLD(
      "The event of READY is lost",
      "E14",
      () -> Told.withholds(event -> Told.comesInto(event, JobState.JOB_STATE_READY)),
      by("WatchCases.twoPhases[PAUSED]", "JOB_STATE_READY")),
  /** The end of a domain is told. */
  STOP_NOT_TOLD(
      "The event of a domain's end is lost",
      "R6",
      () -> Told.withholds(event -> event.kind() == EventKind.EVENT_KIND_DOMAIN_STOPPED),
      by("WatchCases.life", "EVENT_KIND_DOMAIN_STOPPED")),
  /** What is told can be read. */
  TOLD_BEFORE_IT_IS_SO(
      "The event of a job's end is sent before the record says so",
      "R6",
      Told::tellsTooEarly,
      by("WatchCases.heardAndSeen[PAUSED]", "JOB_STATE_SUCCEEDED")),
  /** A list is whole. */
  LAST_DOMAIN_NOT_LISTED(
      "The list of domains ends before the last one",
      "R20",
      Told::lastDomainMissing,
      by("ListingCases.pages", "conf-")),
  /** A job id of the client counts. */
  JOB_ID_IGNORED(
      "The job id that the client chose is not used",
      "R1, R7",
      () -> Called.pull(request -> request.toBuilder().clearJobId().build()),
      by("JobRecordCases.sameId[PAUSED]", "JobRecordCases.sameId(")),
  /** A limit holds. */
  SPEED_IGNORED(
      "The speed limit given at the start is not applied",
      "C14",
      () -> Called.pull(request -> request.toBuilder().clearBandwidth().build()),
      by("JobRecordCases.waitTimesOut[PAUSED]", "to raise a throwable")),
  /** Speeds have 64 bits. */
  SPEED_CUT(
      "A speed is cut to 30 bits",
      "A8",
      Called::cutsSpeed,
      by("JobRecordCases.speedOverflow[PAUSED]", "1073741824")),
  /** A dry run starts nothing. */
  VALIDATE_ONLY_IGNORED(
      "validate_only starts the job",
      "R24",
      () -> Called.commit((request, _) -> request.toBuilder().clearValidateOnly().build()),
      by("CommitCases.validateOnly[PAUSED]", "Expecting empty")),
  /** Top is what was asked for. */
  TOP_OFF_BY_ONE(
      "A commit of several images leaves out the topmost",
      "C5, C9",
      () -> Called.commit(Called::topOneBelow),
      by("CommitCases.intermediateCommit[C5 (base, snap2) PAUSED]", "vda-snap2")),
  /** Without base a commit goes to the bottom. */
  BASE_DEFAULTS_TO_NEXT(
      "Without base a commit goes only into the image below its top",
      "B2",
      () ->
          Called.commit(
              (request, _) ->
                  request.getBase().isEmpty()
                      ? request.toBuilder().setShallow(true).build()
                      : request),
      by("CommitCases.intermediateCommit[C5 (-, snap2) PAUSED]", "vda-snap1")),
  /** The disk is the one asked for. */
  WRONG_DISK(
      "A job works on the domain's first disk, whichever was named",
      "B1",
      Called::firstDisk,
      by("JobRecordCases.lists[PAUSED]", "to contain exactly")),
  /** A disk has one job. */
  SECOND_JOB_JOINS(
      "A second job on a disk is answered with the first one",
      "F3",
      Called::joinsSecondJob,
      by("HeldBackCases.secondJob[COPY PAUSED]", "had to be refused")),
  /** An offline job holds back the start. */
  START_DURING_OFFLINE_JOB(
      "A start gives up the job that works on the shut-off domain's disk",
      "C18, R15",
      Called::startsUnderJobs,
      by("HeldBackCases.startAndUndefine[PULL OFF]", "had to be refused")),
  /** An offline job holds back undefine. */
  UNDEFINE_DURING_OFFLINE_JOB(
      "Undefine gives up the job that works on the shut-off domain's disk",
      "F1",
      Called::undefinesUnderJobs,
      by("HeldBackCases.startAndUndefine[PULL OFF]", "had to be refused")),
  /** A job holds back a snapshot. */
  SNAPSHOT_DURING_JOB(
      "A snapshot gives up the job that has a disk",
      "F3, G1",
      Called::snapshotsUnderJobs,
      by("HeldBackCases.snapshot[COPY PAUSED]", "had to be refused")),
  /** Formats are declared. */
  FORMAT_BY_NAME(
      "The format of an image is guessed from its name",
      "E12",
      Called::probesFormat,
      by("ImageCases.wrongFormat", "had to be refused")),
  /** A pivot before READY is refused. */
  EARLY_PIVOT_WAITS(
      "A pivot before READY is not refused but kept for later",
      "D10",
      () -> Called.complete(Called::waitsForReady),
      by("ActiveCommitCases.pivotTooEarly[PAUSED]", "DEADLINE_EXCEEDED")),
  /** The answer to a completion is the end. */
  END_ANSWERED_EARLY(
      "A completion is answered when it is decided, not when it is done",
      "D8",
      () -> Called.complete(Called::answersAtOnce),
      by("FaultCases.endIsAwaited[PAUSED]", "JOB_STATE_SUCCEEDED"),
      by("FaultCases.pivotFails[PAUSED]", "had to be refused")),
  /** A keep is no pivot. */
  KEEP_IS_A_PIVOT(
      "A mirror that is to be kept is pivoted",
      "D9, D11",
      () -> Called.complete(Called::pivots),
      by("ActiveCommitCases.keep[PAUSED]", "false")),
  /** A refusal has the exact reason. */
  REFUSED_WITH_WRONG_REASON(
      "A pivot before READY is refused with the hypervisor's words, not with JOB_NOT_READY",
      "D10, R18",
      () ->
          Called.refusesWith(
              ErrorReason.ERROR_REASON_JOB_NOT_READY, ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED),
      by("ActiveCommitCases.pivotTooEarly[PAUSED]", "ERROR_REASON_JOB_NOT_READY")),
  /** Cancelling again is no error. */
  SECOND_CANCEL_REFUSED(
      "A cancel that is repeated is refused",
      "C11",
      Called::cancelsOnce,
      by("CommitCases.cancel[PAUSED]", "has ended")),
  /** A commit merges everything. */
  COMMIT_LOSES_BLOCK(
      "An active commit does not merge the first block",
      "C1, C7",
      () -> Done.losesBlock(JobKind.JOB_KIND_ACTIVE_COMMIT),
      by("CommitCases.activeCommit[C2 (-, -, shallow) PAUSED]", "contents of")),
  /** A copy copies everything. */
  COPY_LOSES_BLOCK(
      "A copy leaves out the first block",
      "E3",
      () -> Done.losesBlock(JobKind.JOB_KIND_COPY),
      by("CopyCases.synchronousWrites[PAUSED]", "contents of")),
  /** Delete spares the base. */
  DELETE_TAKES_BASE(
      "delete removes base with the images that were committed",
      "C13, R3",
      Done::deletesBase,
      by("CommitCases.deletes[PAUSED]", "base")),
  /** Delete waits for success. */
  DELETE_AT_ONCE(
      "delete removes a file before the job has succeeded",
      "C13, R3",
      Done::deletesAtOnce,
      by("CommitCases.cancel[PAUSED]", "nothing is deleted after a cancel")),
  /** Nothing is deleted unasked. */
  DELETE_UNASKED(
      "Files that a commit has made invalid are removed though nobody asked for it",
      "C13, R3",
      Done::deletesUnasked,
      by(
          "CommitCases.intermediateCommit[C6 (-, snap1) PAUSED]",
          "whose deletion nobody asked for")),
  /** A pull ends with the reference that was asked for. */
  PULL_KEEPS_REFERENCE(
      "After a pull the header still names the image that was pulled",
      "E1, R8",
      Done::keepsReference,
      by("PullCases.pull[keeping nothing PAUSED]", "header of")),
  /** Relative references stay relative. */
  RELATIVE_MADE_ABSOLUTE(
      "A commit writes an absolute reference where a relative one stood",
      "E13, R8",
      Done::makesAbsolute,
      by("CommitCases.staysRelative[PAUSED]", "vda-base.qcow2")),
  /** What was made for a job goes with it. */
  CANCELLED_COPY_LEFT(
      "A copy that was cancelled leaves the file it had made",
      "D9, E18",
      Done::leavesCopy,
      by("CopyCases.cancelEarly[PAUSED]", "the destination")),
  /** A paused guest stays paused. */
  JOB_RESUMES_GUEST(
      "A commit lets the paused guest run",
      "F3, R15",
      Done::resumesGuest,
      by("CommitCases.intermediateCommit[C6 (-, snap1) PAUSED]", "processors alone")),
  /** A destination that is there is refused. */
  DESTINATION_OVERWRITTEN(
      "A copy overwrites the file that is at its destination",
      "E18",
      Done::overwritesDestination,
      by("CopyCases.destinationExists[PAUSED]", "had to be refused")),
  /** A snapshot that fails leaves nothing. */
  OVERLAY_LEFT_BEHIND(
      "A snapshot whose second disk fails leaves the overlay of the first",
      "G1, G11",
      () -> Done.leavesOverlay(_ -> true),
      by("FaultCases.secondDiskFails[PAUSED]", "vda-active.s")),
  /** Nobody has to insist on what always holds. */
  ATOMIC_ONLY_WHEN_ASKED(
      "A snapshot that does not insist on one moment leaves the overlay of the first disk",
      "G3, G11",
      () -> Done.leavesOverlay(request -> !request.getAtomic()),
      by("FaultCases.secondDiskFails[PAUSED]", "vda-active.s")),
  /** Who insists on a relative reference gets no other. */
  RELATIVE_NOT_INSISTED_ON(
      "A pull that is to keep references relative writes an absolute one where there was one",
      "R8",
      () -> Called.pull(request -> request.toBuilder().clearKeepRelative().build()),
      by("PullCases.relativeImpossible[PAUSED]", "had to be refused")),
  /** What a snapshot has reached is what it says. */
  CONSISTENCY_OVERSTATED(
      "A snapshot of a running guest that was not quiesced claims consistent file systems",
      "R22",
      () ->
          Told.snapshot(
              snapshot ->
                  snapshot.toBuilder()
                      .setConsistency(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM)
                      .build()),
      by("QuiescedSnapshotFaultCases.notQuiesced[RUNNING]", "SNAPSHOT_CONSISTENCY_CRASH")),
  /** A moment that was written over is lost. */
  LOST_MOMENT_NOT_TOLD(
      "A snapshot into whose image was committed is shown as if it held its moment",
      "R9",
      () -> Told.snapshot(Told::nothingLost),
      by("LostStateCases.pivoted[PAUSED]", "LostStateCases.requireLost(")),
  /** Every disk that takes part is kept. */
  INSIDE_FIRST_DISK_ONLY(
      "An internal snapshot of several disks keeps the first one only",
      "R9, G1",
      Kept::firstDiskOnly,
      by("InternalSnapshotCases.create[PAUSED]", "SNAPSHOT_DISK_MODE_INTERNAL")),
  /** A moment that is deleted goes from the images. */
  INSIDE_MOMENT_STAYS(
      "A deletion of an internal snapshot forgets its record and leaves the moment in the image",
      "R9, R3",
      Kept::forgetsOnly,
      by("InternalSnapshotCases.delete[PAUSED]", "keeps a snapshot 'two' inside itself")),
  /** A tree is of one kind. */
  KINDS_MIXED(
      "A snapshot of the other kind is made, and the records of those that there are go",
      "R9",
      Kept::mixesKinds,
      by("InternalRefusalCases.mixedTree[PAUSED]", "had to be refused")),
  /** Whoever gets another name gives up the old one. */
  RENAMED_KEEPS_ITS_OLD_NAME(
      "A snapshot that is to have another name has it beside the old one",
      "R9",
      Entered::besideTheOldName,
      by("RenameCases.rename[RUNNING]", "(\"one\", \"root\", false)")),
  /** What descends from a snapshot descends from it under any name. */
  RENAMED_LOSES_ITS_CHILDREN(
      "What descends from a snapshot that got another name names its parent as it was called",
      "R9",
      Entered::childrenUnderTheOldName,
      by("RenameCases.rename[RUNNING]", "(\"two\", \"one\", true)")),
  /** Who changes a record has read it as it is. */
  RENAMED_WHATEVER_WAS_READ(
      "Whoever has read a snapshot before somebody changed it renames it all the same",
      "R9",
      Entered::whateverWasRead,
      by("RenameCases.refusals[RUNNING]", "had to be refused")),
  /** Memory goes back with the disks. */
  INSIDE_MEMORY_NOT_GIVEN_BACK(
      "A revert to an internal snapshot with memory starts the guest anew",
      "R9",
      Kept::startsAnew,
      by("InternalSnapshotCases.sameMemory[PAUSED]", "memory of the moment")),
  /** Copies begin with the snapshot or it is not made. */
  COPY_BEGINS_AFTERWARDS(
      "The copies of a snapshot are begun once it is made, so that one that is refused leaves it",
      "G12, G1",
      Kept::copiesAfterwards,
      by("RefusedSnapshotCopyCases.destinationExists[PAUSED]", "leftNothing")),
  /** A snapshot stays whatever becomes of its copies. */
  CANCELLED_COPY_TAKES_SNAPSHOT(
      "A copy that is cancelled takes with it the snapshot with which it began",
      "G13",
      Kept::copyTakesSnapshot,
      by("SnapshotCopyCases.cancel[PAUSED]", "the snapshot of the copy")),
  /** What would hold a guest that is to run on is refused. */
  LIVE_MEMORY_IGNORED(
      "live_memory is not looked at: the guest is held while its memory is written",
      "R9",
      () -> Kept.create(request -> request.toBuilder().clearLiveMemory().build()),
      by("LiveMemoryCases.doesNotRun[PAUSED]", "had to be refused")),
  /** How long the guest was held is told. */
  LIVE_PAUSE_NOT_TOLD(
      "A snapshot with memory does not tell how long the guest was held",
      "R9",
      Kept::withoutPause,
      by("LiveMemoryCases.createAndRevert[RUNNING]", "the pause is told")),
  /** A limit is what it says. */
  LIMIT_LETS_ONE_MORE(
      "One job more than the limit begins at once",
      "R29",
      Kept::oneMore,
      by("QueueCases.waitsForItsTurn[PAUSED]", "JOB_STATE_PENDING")),
  /** Who has had his turn waits no more. */
  PLACE_KEPT_AFTER_TURN(
      "A job whose turn has come is told as waiting",
      "R29",
      Kept::keepsPlace,
      by("QueueCases.waitsForItsTurn[PAUSED]", "a place of a job whose turn has come")),
  /** A domain that is off runs with nothing. */
  ACCELERATION_OUTLIVES_THE_GUEST(
      "What a domain last ran with is told of it while it is off",
      "R25",
      Told::accelerationStays,
      by("LifecycleCases.status", "LifecycleCases.off(")),
  /** What is right and what is wrong are not the same. */
  DIFFERENCE_TOLD_BACKWARDS(
      "What was expected of a chain and what was found there change places",
      "R8",
      Told::differenceBackwards,
      by("ChainDifferenceCases.headerRewritten", "what the hypervisor reads")),
  /** Several jobs end together or not at all. */
  GROUP_ENDS_ONE_BY_ONE(
      "Jobs that are to end at one moment are ended one after the other, up to one that cannot",
      "D15",
      Called::oneByOne,
      by("GroupEndCases.oneIsEarly[RUNNING]", "JOB_STATE_READY")),
  /** Headers say the format below. */
  BACKING_FORMAT_LEFT_OUT(
      "The header of a new overlay does not say the format of its backing image",
      "E12, G8",
      Done::leavesFormatOut,
      by("ChainRepairCases.afterJobs[snapshot]", "BACKING_FORMAT")),
  /** A job is found in the trace of the call that began it. */
  TRACE_NOT_ON_RECORD(
      "The record of a job does not name the call that began it",
      "R1",
      () -> Told.job(job -> job.toBuilder().clearTraceparent().build()),
      by("TraceCases.onRecord", "the call of the job"),
      by("TraceCases.withSnapshot", "the call of the job")),
  /** Some guests need what they discard. */
  DISCARD_FREES_ANYWAY(
      "A disk that is to ignore discards frees what its guest discards",
      "R24",
      Called::alwaysFrees,
      by("DeviceCases.discardAtOnce[DISK_DISCARD_IGNORE]", "contents of")),
  /** A kernel without its initial RAM disk finds no root. */
  RAM_DISK_LEFT_OUT(
      "A domain that starts from a kernel has no initial RAM disk",
      "R24",
      () ->
          Called.defines(
              spec -> {
                if (spec.getBoot().hasDirectKernel()) {
                  spec.getBootBuilder().getDirectKernelBuilder().clearInitrdPath();
                }
              }),
      by("DeviceCases.kept", "what it starts from"),
      by("DeviceCases.started", "what it started from")),
  /** What a guest prints is read where it was to be. */
  CONSOLE_LOG_ELSEWHERE(
      "A console's output goes to the daemon's own place, whatever file was named",
      "R24",
      () ->
          Called.defines(
              spec ->
                  spec.getSerialConsolesBuilderList().forEach(SerialConsole.Builder::clearLogPath)),
      by("DeviceCases.kept", "its consoles"),
      by("DeviceCases.started", "its consoles"));

  private final String mistake;
  private final String standsFor;

  // The suppliers capture nothing, and the list is a copy.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Supplier<Mutation> mutation;

  @SuppressWarnings("ImmutableEnumChecker")
  private final List<Catch> caughtBy;

  Mutant(String mistake, String standsFor, Supplier<Mutation> mutation, Catch... caughtBy) {
    this.mistake = mistake;
    this.standsFor = standsFor;
    this.mutation = mutation;
    this.caughtBy = List.of(caughtBy);
  }

  /**
   * A case that finds a mistake.
   *
   * @param caseId its id
   * @param why part of what it says when it fails
   */
  public record Catch(String caseId, String why) {}

  private static Catch by(String caseId, String why) {
    return new Catch(caseId, why);
  }

  /** What the author did wrong. */
  public String mistake() {
    return mistake;
  }

  /** The requirements it breaks, by their ids. */
  public List<String> standsFor() {
    return List.of(standsFor.split(", "));
  }

  /** The mistake for one daemon. */
  public Mutation seed() {
    return mutation.get();
  }

  /** The cases that must fail. */
  public List<Catch> caughtBy() {
    return caughtBy;
  }
}
