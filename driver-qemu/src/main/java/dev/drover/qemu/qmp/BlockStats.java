package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Counters of one device or node ({@code query-blockstats}), counted since it was attached.
 *
 * @param device block backend name; empty for devices given by node name
 * @param qdev the device's id or path, when it belongs to a guest device
 * @param nodeName the node, when it has a name
 * @param readBytes bytes read
 * @param writtenBytes bytes written
 * @param readOperations reads done
 * @param writeOperations writes done
 * @param flushOperations flushes done
 * @param readNanos time spent in reads, ns
 * @param writeNanos time spent in writes, ns
 * @param flushNanos time spent in flushes, ns
 * @param failedReadOperations reads that failed
 * @param failedWriteOperations writes that failed
 * @param highestWrittenOffsetBytes end of the highest write; tells how far an image grew
 */
public record BlockStats(
    Optional<String> device,
    Optional<String> qdev,
    Optional<String> nodeName,
    long readBytes,
    long writtenBytes,
    long readOperations,
    long writeOperations,
    long flushOperations,
    long readNanos,
    long writeNanos,
    long flushNanos,
    long failedReadOperations,
    long failedWriteOperations,
    long highestWrittenOffsetBytes) {

  static BlockStats decode(JsonNode node) {
    JsonNode stats = Fields.required(node, "stats");
    return new BlockStats(
        Fields.optionalText(node, "device"),
        Fields.optionalText(node, "qdev"),
        Fields.optionalText(node, "node-name"),
        Fields.number(stats, "rd_bytes"),
        Fields.number(stats, "wr_bytes"),
        Fields.number(stats, "rd_operations"),
        Fields.number(stats, "wr_operations"),
        Fields.number(stats, "flush_operations"),
        Fields.number(stats, "rd_total_time_ns"),
        Fields.number(stats, "wr_total_time_ns"),
        Fields.number(stats, "flush_total_time_ns"),
        Fields.number(stats, "failed_rd_operations"),
        Fields.number(stats, "failed_wr_operations"),
        Fields.number(stats, "wr_highest_offset"));
  }
}
