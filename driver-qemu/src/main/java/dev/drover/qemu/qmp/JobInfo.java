package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * One entry of {@code query-jobs}.
 *
 * @param id the job id given at start
 * @param type what it does
 * @param status where it stands
 * @param currentProgress units done, bytes for block jobs
 * @param totalProgress units expected, grows while the guest writes; bytes for block jobs
 * @param error QEMU's text when the job failed or was cancelled
 */
public record JobInfo(
    String id,
    JobType type,
    JobStatus status,
    long currentProgress,
    long totalProgress,
    Optional<String> error) {

  static JobInfo decode(JsonNode node) {
    return new JobInfo(
        Fields.text(node, "id"),
        JobType.of(Fields.text(node, "type")),
        JobStatus.of(Fields.text(node, "status")),
        Fields.number(node, "current-progress"),
        Fields.number(node, "total-progress"),
        Fields.optionalWords(node, "error"));
  }
}
