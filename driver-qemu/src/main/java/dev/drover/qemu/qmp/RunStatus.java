package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Answer of {@code query-status}.
 *
 * @param running whether vCPUs run
 * @param state the reason when they do not
 */
public record RunStatus(boolean running, RunState state) {
  static RunStatus decode(JsonNode node) {
    return new RunStatus(Fields.flag(node, "running"), RunState.of(Fields.text(node, "status")));
  }
}
