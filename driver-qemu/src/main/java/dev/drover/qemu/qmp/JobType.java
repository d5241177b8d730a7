package dev.drover.qemu.qmp;

/** QEMU's job kinds ({@code JobType}). An active commit reports itself as {@link #COMMIT}. */
public enum JobType {
  /** {@code block-commit}. */
  COMMIT,
  /** {@code block-stream}. */
  STREAM,
  /** {@code blockdev-mirror}. */
  MIRROR,
  /** {@code blockdev-backup}. */
  BACKUP,
  /** {@code blockdev-create}. */
  CREATE,
  /** {@code x-blockdev-amend}. */
  AMEND,
  /** {@code snapshot-load}. */
  SNAPSHOT_LOAD,
  /** {@code snapshot-save}. */
  SNAPSHOT_SAVE,
  /** {@code snapshot-delete}. */
  SNAPSHOT_DELETE,
  /** A kind that a later QEMU added. */
  UNKNOWN;

  static JobType of(String wireName) {
    return Fields.enumValue(JobType.class, wireName, UNKNOWN);
  }
}
