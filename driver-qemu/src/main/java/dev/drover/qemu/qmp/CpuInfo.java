package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A virtual CPU ({@code query-cpus-fast}).
 *
 * @param index its number
 * @param qomPath its path in the object tree
 * @param threadId the host thread that runs it
 */
public record CpuInfo(int index, String qomPath, long threadId) {
  static CpuInfo decode(JsonNode node) {
    return new CpuInfo(
        Fields.integer(node, "cpu-index"),
        Fields.text(node, "qom-path"),
        Fields.number(node, "thread-id"));
  }
}
