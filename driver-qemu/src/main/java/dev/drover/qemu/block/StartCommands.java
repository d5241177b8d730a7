package dev.drover.qemu.block;

import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.JobOptions;
import dev.drover.qemu.qmp.MirrorCopyMode;
import dev.drover.qemu.qmp.MirrorSync;
import dev.drover.qemu.qmp.OnError;
import dev.drover.v1.JobErrorPolicy;
import java.util.Optional;
import java.util.OptionalLong;

/** The QMP command that begins a job. */
final class StartCommands {

  private StartCommands() {}

  /**
   * The command of a journal entry.
   *
   * @param policy what an I/O error does to the job
   */
  static BlockJobCommand of(JournalEntry entry, JobErrorPolicy policy) {
    Optional<OnError> onError = Optional.of(onError(policy));
    JobOptions options =
        JobOptions.manual(entry.monitorId())
            .withSpeed(entry.speedBytesPerSecond())
            .withFilterNodeName(entry.filterNode());
    return switch (entry.work()) {
      case JobWork.Stream stream ->
          new BlockJobCommand.BlockStream(
              options,
              stream.device(),
              text(stream.base()),
              Optional.empty(),
              text(stream.rewrite().newReference()),
              Optional.empty(),
              onError);
      case JobWork.Commit commit ->
          new BlockJobCommand.BlockCommit(
              options,
              commit.root(),
              commit.base(),
              commit.top(),
              text(commit.rewrite().newReference()),
              Optional.empty(),
              onError);
      case JobWork.ActiveCommit commit ->
          new BlockJobCommand.BlockCommit(
              options,
              commit.root(),
              commit.base(),
              commit.root(),
              Optional.empty(),
              Optional.empty(),
              onError);
      case JobWork.Mirror mirror ->
          new BlockJobCommand.BlockdevMirror(
              options,
              mirror.root(),
              mirror.target(),
              mirror.topOnly() ? MirrorSync.TOP : MirrorSync.FULL,
              Optional.empty(),
              mirror.synchronousWrites()
                  ? Optional.of(MirrorCopyMode.WRITE_BLOCKING)
                  : Optional.empty(),
              number(mirror.granularityBytes()),
              number(mirror.bufferBytes()),
              onError,
              onError);
    };
  }

  /** QEMU's word for a policy; the same for reads and writes. */
  private static OnError onError(JobErrorPolicy policy) {
    return switch (policy) {
      case JOB_ERROR_POLICY_UNSPECIFIED, UNRECOGNIZED -> OnError.ENOSPC;
      case JOB_ERROR_POLICY_REPORT -> OnError.REPORT;
      case JOB_ERROR_POLICY_STOP -> OnError.STOP;
    };
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  private static OptionalLong number(long value) {
    return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
