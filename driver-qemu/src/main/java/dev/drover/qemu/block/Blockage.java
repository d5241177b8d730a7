package dev.drover.qemu.block;

import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.IoStatus;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells that an I/O error holds a job, and lets it try again: where only room is missing from time
 * to time by itself, anything else when somebody asks (C20). What QEMU shows of the job decides, so
 * that the next daemon finds the same; the error's event only adds what the job was doing.
 */
final class Blockage {

  private static final Logger logger = LoggerFactory.getLogger(Blockage.class);

  /** Time between two attempts of a job that lacks room. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final JobRecord record;
  private final InstantSource clock;
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private volatile Optional<QemuEvent.BlockJobError> lastError = Optional.empty();
  private Optional<Shown> shown;

  /**
   * The blockage that is on record.
   *
   * @param offset bytes that were done when the job last stood still
   * @param tried when it last tried again
   */
  private record Shown(ErrorReason reason, long offset, Instant tried) {}

  Blockage(JobRecord record, InstantSource clock) {
    this.record = record;
    this.clock = clock;
    this.shown =
        record
            .known()
            .filter(Job::getBlocked)
            .map(
                job ->
                    new Shown(
                        job.getBlockedReason(), job.getProgress().getOffsetBytes(), Instant.EPOCH));
  }

  /** Hears of an error, before the job is seen to stand still. */
  void heard(QemuEvent.BlockJobError error) {
    lastError = Optional.of(error);
  }

  /**
   * Asks that a blocked job tries again at the next look.
   *
   * @return true once it was let try, or was not blocked any more
   */
  BooleanSupplier ask() {
    int mine = asked.incrementAndGet();
    return () -> answered.get() >= mine;
  }

  /** How often it was asked that the job tries again. */
  int asked() {
    return asked.get();
  }

  /** Tells those who had asked by then that the job was let try. */
  void answer(int asking) {
    answered.set(asking);
  }

  /** Whether a blockage is told that may be over by now, or an attempt was asked for. */
  boolean needsLook() {
    return shown.isPresent() || asked.get() > answered.get();
  }

  /** Whether an I/O error holds the job that QEMU shows, in either phase. */
  static boolean holds(BlockJobInfo info) {
    boolean still = info.status() == JobStatus.PAUSED || info.status() == JobStatus.STANDBY;
    return still && info.ioStatus() != IoStatus.OK;
  }

  /** Notes what QEMU shows of the job now, and lets it try again where that is due. */
  void note(BlockHost host, BlockJobInfo info) {
    int asking = asked();
    boolean wanted = asking > answered.get();
    if (!holds(info)) {
      goingOn(info, wanted);
    } else if (wanted) {
      resume(host);
      clear();
    } else {
      standing(host, info);
    }
    answer(asking);
  }

  private void standing(BlockHost host, BlockJobInfo info) {
    ErrorReason reason =
        info.ioStatus() == IoStatus.NOSPACE
            ? ErrorReason.ERROR_REASON_NO_SPACE
            : ErrorReason.ERROR_REASON_JOB_IO_ERROR;
    Instant now = clock.instant();
    Optional<Shown> before = shown.filter(known -> known.reason() == reason);
    if (before.isEmpty()) {
      String detail = detail(record.job(), reason, lastError);
      logger.warn("Job {} of domain {} is blocked: {}", record.id(), host.domainName(), detail);
      record.blocked(reason, detail);
      shown = Optional.of(new Shown(reason, info.offsetBytes(), now));
    } else if (reason == ErrorReason.ERROR_REASON_NO_SPACE && due(before.get(), now)) {
      resume(host);
      shown = Optional.of(new Shown(reason, info.offsetBytes(), now));
    }
  }

  /**
   * An attempt that is going to fail looks for a moment as if the job went on; so it only counts as
   * going on when it has come further or has run for as long as a job that fails never does.
   */
  private void goingOn(BlockJobInfo info, boolean wanted) {
    if (shown.isEmpty()) {
      return;
    }
    Shown known = shown.get();
    if (wanted || info.offsetBytes() > known.offset() || due(known, clock.instant())) {
      clear();
    }
  }

  private static boolean due(Shown known, Instant now) {
    return !now.isBefore(known.tried().plus(RETRY));
  }

  private void clear() {
    shown = Optional.empty();
    lastError = Optional.empty();
    record.blocked(ErrorReason.ERROR_REASON_UNSPECIFIED, "");
  }

  private void resume(BlockHost host) {
    try {
      host.execute(new BlockJobCommand.JobResume(record.monitorId()));
    } catch (QmpCommandException e) {
      // QEMU refuses it for a job that is not held any more, which is what was wanted.
      logger.debug("Job {} was not resumed: {}", record.id(), e.description());
    }
  }

  private static String detail(
      Job job, ErrorReason reason, Optional<QemuEvent.BlockJobError> error) {
    if (reason == ErrorReason.ERROR_REASON_NO_SPACE) {
      String written = JobImages.written(job);
      return (ImageFiles.isBlockDevice(Path.of(written))
              ? "device '%s' is too small for what is written to it; enlarge it and the job goes"
                  + " on, or cancel the job and take a larger one"
              : "no space is left to write '%s'; make room on its file system and the job goes on")
          .formatted(written);
    }
    return "an I/O error occurred %s; mend the storage and resume the job, or cancel it"
        .formatted(place(job, error));
  }

  /** QEMU calls every error of a stream one of reading, and after a restart nobody heard it. */
  private static String place(Job job, Optional<QemuEvent.BlockJobError> error) {
    String reading = "reading '%s' or an image below it".formatted(JobImages.read(job));
    String writing = "writing '%s'".formatted(JobImages.written(job));
    if (error.isEmpty() || job.getKind() == JobKind.JOB_KIND_PULL) {
      return reading + ", or " + writing;
    }
    return error.get().write() ? writing : reading;
  }
}
