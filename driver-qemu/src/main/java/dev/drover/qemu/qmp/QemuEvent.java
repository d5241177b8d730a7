package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** The events the daemon acts on, typed. Everything else is {@link Other}. */
public sealed interface QemuEvent {

  /**
   * {@code JOB_STATUS_CHANGE}.
   *
   * @param jobId the job
   * @param status its new state; {@link JobStatus#NULL} when it was dismissed
   */
  record JobStatusChanged(String jobId, JobStatus status) implements QemuEvent {}

  /**
   * {@code BLOCK_JOB_READY}; comes after the status change.
   *
   * @param jobId the job
   */
  record BlockJobReady(String jobId) implements QemuEvent {}

  /**
   * {@code BLOCK_JOB_PENDING}: waits for {@code job-finalize}.
   *
   * @param jobId the job
   */
  record BlockJobPending(String jobId) implements QemuEvent {}

  /**
   * {@code BLOCK_JOB_COMPLETED}: says neither success, look at the error, nor pivot, look at the
   * device's root. Comes before the job is concluded.
   *
   * @param jobId the job
   * @param type what it did
   * @param lengthBytes expected bytes
   * @param offsetBytes bytes done
   * @param error QEMU's text when it failed
   */
  record BlockJobCompleted(
      String jobId, JobType type, long lengthBytes, long offsetBytes, Optional<String> error)
      implements QemuEvent {}

  /**
   * {@code BLOCK_JOB_CANCELLED}.
   *
   * @param jobId the job
   * @param type what it did
   */
  record BlockJobCancelled(String jobId, JobType type) implements QemuEvent {}

  /**
   * {@code BLOCK_JOB_ERROR}: an I/O error met by a job.
   *
   * @param jobId the job
   * @param write whether a write failed
   * @param stopped whether the job was suspended for it
   */
  record BlockJobError(String jobId, boolean write, boolean stopped) implements QemuEvent {}

  /**
   * {@code BLOCK_IO_ERROR}: an I/O error met by a guest.
   *
   * @param device block backend name, may be empty
   * @param nodeName the node that failed
   * @param write whether a write failed
   * @param stopped whether the machine was stopped for it
   * @param noSpace whether the storage is full
   * @param reason the system's text
   */
  record BlockIoError(
      String device,
      Optional<String> nodeName,
      boolean write,
      boolean stopped,
      boolean noSpace,
      String reason)
      implements QemuEvent {}

  /** {@code STOP}: vCPUs are held, by an order or by QEMU itself. */
  record Stopped() implements QemuEvent {}

  /** {@code RESUME}: vCPUs run. */
  record Resumed() implements QemuEvent {}

  /** {@code SUSPEND}: the guest went to sleep. */
  record Suspended() implements QemuEvent {}

  /** {@code WAKEUP}: the guest woke up. */
  record WokenUp() implements QemuEvent {}

  /** {@code POWERDOWN}: the power button was pressed. */
  record PowerButtonPressed() implements QemuEvent {}

  /**
   * {@code SHUTDOWN}: the machine is going off.
   *
   * @param byGuest whether the guest asked for it
   * @param reason QEMU's {@code ShutdownCause}, for example {@code guest-shutdown} or {@code
   *     host-qmp-quit}
   */
  record Shutdown(boolean byGuest, String reason) implements QemuEvent {}

  /**
   * {@code RESET}.
   *
   * @param byGuest whether the guest asked for it
   * @param reason QEMU's {@code ShutdownCause}
   */
  record Reset(boolean byGuest, String reason) implements QemuEvent {}

  /**
   * {@code GUEST_PANICKED}.
   *
   * @param action what QEMU did about it: {@code pause}, {@code poweroff} or {@code run}
   */
  record GuestPanicked(String action) implements QemuEvent {}

  /**
   * {@code WATCHDOG}.
   *
   * @param action what QEMU did about it
   */
  record WatchdogFired(String action) implements QemuEvent {}

  /**
   * {@code DEVICE_DELETED}.
   *
   * @param id the device's id, if it had one
   * @param path its path in the object tree
   */
  record DeviceDeleted(Optional<String> id, String path) implements QemuEvent {}

  /**
   * {@code BALLOON_CHANGE}.
   *
   * @param actualBytes the guest's memory now
   */
  record BalloonChanged(long actualBytes) implements QemuEvent {}

  /**
   * An event without a typed view.
   *
   * @param event the event as it was sent
   */
  record Other(QmpEvent event) implements QemuEvent {}

  /**
   * The typed view.
   *
   * @throws QmpProtocolException when a field that the schema promises is missing
   */
  static QemuEvent of(QmpEvent event) {
    JsonNode data = event.data();
    return switch (event.name()) {
      case "JOB_STATUS_CHANGE" ->
          new JobStatusChanged(Fields.text(data, "id"), JobStatus.of(Fields.text(data, "status")));
      case "BLOCK_JOB_READY" -> new BlockJobReady(Fields.text(data, "device"));
      case "BLOCK_JOB_PENDING" -> new BlockJobPending(Fields.text(data, "id"));
      case "BLOCK_JOB_COMPLETED" ->
          new BlockJobCompleted(
              Fields.text(data, "device"),
              JobType.of(Fields.text(data, "type")),
              Fields.number(data, "len"),
              Fields.number(data, "offset"),
              Fields.optionalWords(data, "error"));
      case "BLOCK_JOB_CANCELLED" ->
          new BlockJobCancelled(Fields.text(data, "device"), JobType.of(Fields.text(data, "type")));
      case "BLOCK_JOB_ERROR" ->
          new BlockJobError(
              Fields.text(data, "device"),
              Fields.text(data, "operation").equals("write"),
              Fields.text(data, "action").equals("stop"));
      case "BLOCK_IO_ERROR" ->
          new BlockIoError(
              Fields.text(data, "device"),
              Fields.optionalText(data, "node-name"),
              Fields.text(data, "operation").equals("write"),
              Fields.text(data, "action").equals("stop"),
              Fields.flagOr(data, "nospace", false),
              Fields.text(data, "reason"));
      case "STOP" -> new Stopped();
      case "RESUME" -> new Resumed();
      case "SUSPEND" -> new Suspended();
      case "WAKEUP" -> new WokenUp();
      case "POWERDOWN" -> new PowerButtonPressed();
      case "SHUTDOWN" -> new Shutdown(Fields.flag(data, "guest"), Fields.text(data, "reason"));
      case "RESET" -> new Reset(Fields.flag(data, "guest"), Fields.text(data, "reason"));
      case "GUEST_PANICKED" -> new GuestPanicked(Fields.text(data, "action"));
      case "WATCHDOG" -> new WatchdogFired(Fields.text(data, "action"));
      case "DEVICE_DELETED" ->
          new DeviceDeleted(Fields.optionalText(data, "device"), Fields.text(data, "path"));
      case "BALLOON_CHANGE" -> new BalloonChanged(Fields.number(data, "actual"));
      default -> new Other(event);
    };
  }
}
