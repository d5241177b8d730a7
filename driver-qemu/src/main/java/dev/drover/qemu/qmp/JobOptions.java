package dev.drover.qemu.qmp;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What all block job commands have in common.
 *
 * @param jobId id of the new job; still taken by a concluded job until it is dismissed
 * @param speedBytesPerSecond limit; absent or 0 for none
 * @param filterNodeName name of the node that the job puts into the graph; QEMU generates one when
 *     absent. {@code block-stream} and {@code block-commit} and {@code blockdev-mirror} take it
 * @param autoFinalize whether the graph changes without {@code job-finalize}
 * @param autoDismiss whether the outcome disappears without {@code job-dismiss}
 */
public record JobOptions(
    String jobId,
    OptionalLong speedBytesPerSecond,
    Optional<String> filterNodeName,
    boolean autoFinalize,
    boolean autoDismiss) {

  /**
   * Options of a job that waits at {@code pending} and keeps its outcome until it was read; the
   * only kind that survives a restart of the daemon without guessing.
   *
   * @param jobId id of the new job
   */
  public static JobOptions manual(String jobId) {
    return new JobOptions(jobId, OptionalLong.empty(), Optional.empty(), false, false);
  }

  /** The same with a speed limit, bytes/s, 0 for none. */
  public JobOptions withSpeed(long bytesPerSecond) {
    return new JobOptions(
        jobId, OptionalLong.of(bytesPerSecond), filterNodeName, autoFinalize, autoDismiss);
  }

  /** The same with a name for the job's filter node. */
  public JobOptions withFilterNodeName(String nodeName) {
    return new JobOptions(
        jobId, speedBytesPerSecond, Optional.of(nodeName), autoFinalize, autoDismiss);
  }

  Arguments addTo(Arguments arguments) {
    return arguments
        .put("job-id", jobId)
        .put("speed", speedBytesPerSecond)
        .putText("filter-node-name", filterNodeName)
        .put("auto-finalize", autoFinalize)
        .put("auto-dismiss", autoDismiss);
  }
}
