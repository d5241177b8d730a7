package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * One entry of {@code query-block-jobs}.
 *
 * @param id the job id; QEMU calls the field {@code device}
 * @param type what it does
 * @param lengthBytes expected bytes; grows while the guest writes
 * @param offsetBytes bytes done; equal to the length does not mean ready or over
 * @param busy whether it is working at this moment
 * @param paused whether it is suspended for any reason, drains included
 * @param speedBytesPerSecond limit, 0 for none
 * @param ioStatus whether an I/O error stopped it
 * @param ready whether {@code job-complete} may be sent
 * @param status where it stands
 * @param autoFinalize whether it finalizes without an order
 * @param autoDismiss whether it disappears without an order
 * @param error QEMU's text when the job failed
 */
public record BlockJobInfo(
    String id,
    JobType type,
    long lengthBytes,
    long offsetBytes,
    boolean busy,
    boolean paused,
    long speedBytesPerSecond,
    IoStatus ioStatus,
    boolean ready,
    JobStatus status,
    boolean autoFinalize,
    boolean autoDismiss,
    Optional<String> error) {

  /** The job where it stands by now, with everything else as it was last seen. */
  public BlockJobInfo at(JobStatus now) {
    return new BlockJobInfo(
        id,
        type,
        lengthBytes,
        offsetBytes,
        busy,
        paused,
        speedBytesPerSecond,
        ioStatus,
        ready,
        now,
        autoFinalize,
        autoDismiss,
        error);
  }

  static BlockJobInfo decode(JsonNode node) {
    return new BlockJobInfo(
        Fields.text(node, "device"),
        JobType.of(Fields.text(node, "type")),
        Fields.number(node, "len"),
        Fields.number(node, "offset"),
        Fields.flag(node, "busy"),
        Fields.flag(node, "paused"),
        Fields.number(node, "speed"),
        IoStatus.of(Fields.text(node, "io-status")),
        Fields.flag(node, "ready"),
        JobStatus.of(Fields.text(node, "status")),
        Fields.flag(node, "auto-finalize"),
        Fields.flag(node, "auto-dismiss"),
        Fields.optionalWords(node, "error"));
  }
}
