package dev.drover.qemu.memory;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.EventSignal;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.JobInfo;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the memory of a guest inside an image, and gives it back, by jobs of QEMU. While such a job
 * works QEMU answers nothing else, so its end is waited for by the event and not asked for. A job
 * that has begun goes on to its end whatever becomes of this daemon.
 */
public final class MemoryJob {

  /** What QEMU calls the jobs; a domain has at most one of them. */
  private static final String ID = "drover-internal-snapshot";

  private static final Duration LOOK = Duration.ofMillis(200);

  /** After it nothing is to be expected any more of a job that another daemon has begun. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private MemoryJob() {}

  /**
   * Keeps the memory of a held guest, and what all its disks hold, under a name. Where this fails
   * after the job has begun, {@link #settle} must be called before anything is decided.
   *
   * @param vmstate node of the image that is to keep the memory
   * @param nodes root nodes of all disks that take part
   * @param check called now and then; throws to give up waiting
   * @throws DriverException NO_SPACE, HYPERVISOR_REFUSED, what the monitor raises, and whatever
   *     check throws
   */
  public static void save(
      LiveDomain live, String tag, String vmstate, List<String> nodes, Runnable check) {
    run(live, new BlockCommand.SnapshotSave(ID, tag, vmstate, nodes), check);
  }

  /**
   * Gives a QEMU whose processors do not run the memory that an image keeps; its disks go back to
   * the moment, too.
   *
   * @throws DriverException as {@link #save}
   */
  public static void load(LiveDomain live, String tag, String vmstate, List<String> nodes) {
    long end = System.nanoTime() + LONGEST.toNanos();
    run(live, new BlockCommand.SnapshotLoad(ID, tag, vmstate, nodes), () -> within(live, end));
  }

  /**
   * Waits for the end of a job that may be under way, and makes QEMU forget it.
   *
   * @throws DriverException what the monitor raises
   */
  public static void settle(LiveDomain live) {
    long end = System.nanoTime() + LONGEST.toNanos();
    try (EventSubscription events = subscribe(live)) {
      while (true) {
        Optional<JobInfo> job = find(live);
        if (job.isEmpty()) {
          return;
        }
        if (job.get().status() == JobStatus.CONCLUDED) {
          live.execute(new BlockJobCommand.JobDismiss(ID));
          return;
        }
        within(live, end);
        var _ = events.next(LOOK);
      }
    }
  }

  private static void run(LiveDomain live, BlockCommand command, Runnable check) {
    settle(live);
    try (EventSubscription events = subscribe(live)) {
      live.execute(command);
      boolean ended = false;
      while (!ended) {
        check.run();
        Optional<EventSignal> signal = events.next(LOOK);
        ended = signal.filter(MemoryJob::tellsEnd).isPresent();
        if (!ended && signal.filter(EventSignal.Terminal.class::isInstance).isPresent()) {
          // Whoever is connected now answers, or says that nobody is.
          ended = find(live).filter(job -> job.status() == JobStatus.CONCLUDED).isPresent();
        }
      }
      // A QEMU that was taken for silent meanwhile is found to answer in a moment.
      while (live.silence().isPresent()) {
        check.run();
        var _ = events.next(LOOK);
      }
    }
    Optional<String> error = find(live).flatMap(JobInfo::error);
    live.execute(new BlockJobCommand.JobDismiss(ID));
    if (error.isPresent()) {
      throw DriverException.of(
          ImageFiles.tellsNoSpace(error.get())
              ? ErrorReason.ERROR_REASON_NO_SPACE
              : ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
          "the hypervisor of domain '%s' did not do %s with the images of its disks: %s%s"
              .formatted(live.name(), command.name(), error.get(), ImageFiles.remedy(error.get())),
          "domain",
          live.name(),
          "command",
          command.name());
    }
  }

  private static EventSubscription subscribe(LiveDomain live) {
    return live.monitor().subscribe(MemoryJob::isOurs, 64);
  }

  private static boolean isOurs(QmpEvent event) {
    return event.name().equals("JOB_STATUS_CHANGE") && event.data().path("id").asText().equals(ID);
  }

  private static boolean tellsEnd(EventSignal signal) {
    return signal instanceof EventSignal.Occurred occurred
        && occurred.event().data().path("status").asText().equals("concluded");
  }

  private static Optional<JobInfo> find(LiveDomain live) {
    return live.execute(new QueryCommand.QueryJobs()).stream()
        .filter(job -> job.id().equals(ID))
        .findFirst();
  }

  private static void within(LiveDomain live, long end) {
    if (System.nanoTime() > end) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE,
          "the hypervisor of domain '%s' does not end its work on a snapshot"
              .formatted(live.name()),
          "domain",
          live.name(),
          "command",
          "snapshot-save");
    }
  }
}
