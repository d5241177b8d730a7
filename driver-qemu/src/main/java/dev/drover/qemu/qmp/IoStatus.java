package dev.drover.qemu.qmp;

/** Whether a device or job stopped on an I/O error ({@code BlockDeviceIoStatus}). */
public enum IoStatus {
  /** No error. */
  OK,
  /** Stopped on an I/O error. */
  FAILED,
  /** Stopped because the storage is full. */
  NOSPACE;

  static IoStatus of(String wireName) {
    return Fields.enumValue(IoStatus.class, wireName, FAILED);
  }
}
