package dev.drover.client.cli;

import com.google.protobuf.Timestamp;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * The words for what the API says in enums, times and durations; virsh's words where virsh has one.
 */
final class Texts {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss Z", Locale.ROOT);

  private Texts() {}

  /**
   * A domain's state as {@code list} shows it, with a remark where its hypervisor does not answer.
   */
  static String state(DomainStatus status) {
    return status.getUnresponsive()
        ? state(status.getState()) + ", unresponsive"
        : state(status.getState());
  }

  /** A domain's state in virsh's words. */
  static String state(DomainState state) {
    return switch (state) {
      case DOMAIN_STATE_RUNNING -> "running";
      case DOMAIN_STATE_PAUSED -> "paused";
      case DOMAIN_STATE_IN_SHUTDOWN -> "in shutdown";
      case DOMAIN_STATE_SHUT_OFF -> "shut off";
      case DOMAIN_STATE_CRASHED -> "crashed";
      case DOMAIN_STATE_UNKNOWN -> "unknown";
      case DOMAIN_STATE_UNSPECIFIED, UNRECOGNIZED -> "no state";
    };
  }

  /** How a domain came into its state. */
  static String reason(DomainStateReason reason) {
    return switch (reason) {
      case DOMAIN_STATE_REASON_BOOTED -> "booted";
      case DOMAIN_STATE_REASON_USER -> "user";
      case DOMAIN_STATE_REASON_STARTING_UP -> "starting up";
      case DOMAIN_STATE_REASON_SHUTDOWN -> "shutdown";
      case DOMAIN_STATE_REASON_DESTROYED -> "destroyed";
      case DOMAIN_STATE_REASON_CRASHED -> "crashed";
      case DOMAIN_STATE_REASON_IO_ERROR -> "I/O error";
      case DOMAIN_STATE_REASON_FAILED -> "failed";
      case DOMAIN_STATE_REASON_ADOPTED -> "found by the daemon";
      case DOMAIN_STATE_REASON_PANICKED -> "panicked";
      case DOMAIN_STATE_REASON_BLOCK_OPERATION -> "block operation";
      case DOMAIN_STATE_REASON_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }

  /** True where a domain has a hypervisor process or might have one. */
  static boolean active(DomainState state) {
    return switch (state) {
      case DOMAIN_STATE_RUNNING,
          DOMAIN_STATE_PAUSED,
          DOMAIN_STATE_IN_SHUTDOWN,
          DOMAIN_STATE_UNKNOWN ->
          true;
      case DOMAIN_STATE_SHUT_OFF, DOMAIN_STATE_CRASHED, DOMAIN_STATE_UNSPECIFIED, UNRECOGNIZED ->
          false;
    };
  }

  /** What runs the guest's code, and why it was chosen; empty where nothing does. */
  static Optional<String> acceleration(DomainStatus status) {
    Optional<String> name =
        switch (status.getAcceleration()) {
          case ACCELERATION_KVM -> Optional.of("kvm");
          case ACCELERATION_TCG -> Optional.of("tcg");
          case ACCELERATION_AUTO, ACCELERATION_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    String why = status.getAccelerationDetail();
    return name.map(text -> why.isEmpty() ? text : "%s (%s)".formatted(text, why));
  }

  /** A domain's number, or a dash. */
  static String id(Domain domain) {
    int id = domain.getStatus().getId();
    return id == 0 ? "-" : Integer.toUnsignedString(id);
  }

  /** What a job does, in the words of {@code virsh blockjob}. */
  static String kind(JobKind kind) {
    return switch (kind) {
      case JOB_KIND_PULL -> "Block Pull";
      case JOB_KIND_COPY -> "Block Copy";
      case JOB_KIND_COMMIT -> "Block Commit";
      case JOB_KIND_ACTIVE_COMMIT -> "Active Block Commit";
      case JOB_KIND_SNAPSHOT_DELETE -> "Snapshot Delete";
      case JOB_KIND_SNAPSHOT_REVERT -> "Snapshot Revert";
      case JOB_KIND_UNSPECIFIED, UNRECOGNIZED -> "Unknown job";
    };
  }

  /** Where a job stands. */
  static String state(JobState state) {
    return switch (state) {
      case JOB_STATE_PENDING -> "pending";
      case JOB_STATE_RUNNING -> "running";
      case JOB_STATE_READY -> "ready";
      case JOB_STATE_PIVOTING -> "pivoting";
      case JOB_STATE_CANCELLING -> "cancelling";
      case JOB_STATE_FINALIZING -> "finalizing";
      case JOB_STATE_SUCCEEDED -> "succeeded";
      case JOB_STATE_FAILED -> "failed";
      case JOB_STATE_CANCELLED -> "cancelled";
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }

  /** Where a job stands, in a word or two. */
  static String standing(Job job) {
    return state(job.getState())
        + (job.getBlocked() ? ", blocked" : "")
        + (job.hasQueuePlace() ? ", queued" : "");
  }

  /** Where a job stands, with a remark where an I/O error holds it or it waits for its turn. */
  static String phase(Job job) {
    String state = state(job.getState());
    if (job.getBlocked()) {
      return state + ", blocked: " + job.getBlockedDetail();
    }
    return job.hasQueuePlace() ? state + ", " + place(job.getQueuePlace()) : state;
  }

  /** What has become of a request for a job that nobody waits for. */
  static String begun(String what, Job job) {
    return job.hasQueuePlace()
        ? "%s queued, %s".formatted(what, place(job.getQueuePlace()))
        : what + " started";
  }

  /** What a job in the queue waits for. */
  static String place(QueuePlace place) {
    String store = place.getStore().isEmpty() ? "" : " on " + place.getStore();
    return "number %d in the queue (limits.%s = %d%s)"
        .formatted(place.getPosition(), place.getLimit(), place.getMaximum(), store);
  }

  /**
   * How far a job has come in percent. Equal offset and total are not the end of the work, so that
   * 100 is kept for jobs that are READY or over (R5).
   */
  static double percent(Job job) {
    long total = job.getProgress().getTotalBytes();
    double share = total == 0 ? 0 : (double) job.getProgress().getOffsetBytes() / total;
    return switch (job.getState()) {
      case JOB_STATE_READY, JOB_STATE_PIVOTING, JOB_STATE_FINALIZING, JOB_STATE_SUCCEEDED -> 100;
      case JOB_STATE_PENDING,
          JOB_STATE_RUNNING,
          JOB_STATE_CANCELLING,
          JOB_STATE_FAILED,
          JOB_STATE_CANCELLED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          Math.min(99.99, share * 100);
    };
  }

  /** A percentage with two decimals, as virsh prints it. */
  static String percentage(double percent) {
    return String.format(Locale.ROOT, "%5.2f %%", percent);
  }

  /** Name of an image format, as files and {@code qemu-img} call it. */
  static String format(ImageFormat format) {
    return switch (format) {
      case IMAGE_FORMAT_RAW -> "raw";
      case IMAGE_FORMAT_QCOW2 -> "qcow2";
      case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED -> "-";
    };
  }

  /** A moment in the zone of the reader; a dash where it is not set. */
  static String time(Timestamp time, ZoneId zone) {
    if (time.equals(Timestamp.getDefaultInstance())) {
      return "-";
    }
    return TIME.format(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).atZone(zone));
  }

  /** A duration as minutes and seconds, with hours where there are some. */
  static String duration(Duration duration) {
    long seconds = Math.max(0, duration.plusMillis(999).toSeconds());
    return seconds >= 3600
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
        : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }

  /** An age: seconds with a decimal below a minute, then minutes and seconds, then hours too. */
  static String age(com.google.protobuf.Duration age) {
    Duration duration = Duration.ofSeconds(age.getSeconds(), age.getNanos());
    return duration.toMinutes() == 0
        ? String.format(Locale.ROOT, "%.1f s", Math.max(0, duration.toMillis()) / 1000.0)
        : duration(duration);
  }

  /** What a person is told of a job that was ended, or is to end. */
  static String ended(Job job) {
    return "Job '%s' %s%s"
        .formatted(
            job.getId(),
            state(job.getState()),
            held(job.getResult().hasGuestPause(), job.getResult().getGuestPause()));
  }

  /** What a person is told of a guest that was held; empty where it was not. */
  static String held(boolean held, com.google.protobuf.Duration pause) {
    if (!held) {
      return "";
    }
    double milliseconds = pause.getSeconds() * 1e3 + pause.getNanos() / 1e6;
    return String.format(Locale.ROOT, "; the guest was held for %.1f ms", milliseconds);
  }

  /**
   * A snapshot's state; one of running disks holds no memory, which virsh calls a disk snapshot.
   */
  static String snapshotState(Snapshot snapshot) {
    if (snapshot.hasMemory()) {
      return snapshot.getDomainState() == DomainState.DOMAIN_STATE_PAUSED ? "paused" : "running";
    }
    return snapshot.getDomainState() == DomainState.DOMAIN_STATE_SHUT_OFF
        ? "shutoff"
        : "disk-snapshot";
  }

  /** Whether a snapshot is kept inside the images of its disks. */
  static boolean internal(Snapshot snapshot) {
    return snapshot.getDisksList().stream().anyMatch(SnapshotDisk::hasInside);
  }

  /** A snapshot's state as lists show it, with a remark where it cannot be reverted to. */
  static String standing(Snapshot snapshot) {
    if (snapshot.getDeleting()) {
      return snapshotState(snapshot) + ", deleting";
    }
    return snapshot.getDisksList().stream().anyMatch(SnapshotDisk::getStateLost)
        ? snapshotState(snapshot) + ", state lost"
        : snapshotState(snapshot);
  }

  static String yesNo(boolean value) {
    return value ? "yes" : "no";
  }
}
