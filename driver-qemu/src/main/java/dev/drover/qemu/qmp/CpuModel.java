package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * A CPU model of a QEMU binary ({@code query-cpu-definitions}).
 *
 * @param name the model
 * @param migrationSafe whether it means the same on another host, when QEMU knows
 * @param deprecated whether QEMU announced its removal
 * @param unavailableFeatures features of the model that cannot be had in the probed accelerator
 */
public record CpuModel(
    String name,
    Optional<Boolean> migrationSafe,
    boolean deprecated,
    List<String> unavailableFeatures) {
  /** Copies the list. */
  public CpuModel {
    unavailableFeatures = List.copyOf(unavailableFeatures);
  }

  static CpuModel decode(JsonNode node) {
    return new CpuModel(
        Fields.text(node, "name"),
        Fields.optional(node, "migration-safe").map(JsonNode::booleanValue),
        Fields.flagOr(node, "deprecated", false),
        Fields.optionalList(node, "unavailable-features", JsonNode::asText));
  }
}
