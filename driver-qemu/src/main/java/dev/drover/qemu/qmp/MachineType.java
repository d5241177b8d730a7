package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * A machine type of a QEMU binary ({@code query-machines}).
 *
 * @param name versioned name, for example {@code pc-q35-7.2}
 * @param alias name that moves with the version, for example {@code q35}
 * @param isDefault whether QEMU takes it when none is asked for
 * @param maximumCpus most vCPUs it takes
 * @param hotpluggableCpus whether vCPUs can be added at run time
 * @param deprecated whether QEMU announced its removal
 */
public record MachineType(
    String name,
    Optional<String> alias,
    boolean isDefault,
    int maximumCpus,
    boolean hotpluggableCpus,
    boolean deprecated) {
  static MachineType decode(JsonNode node) {
    return new MachineType(
        Fields.text(node, "name"),
        Fields.optionalText(node, "alias"),
        Fields.flagOr(node, "is-default", false),
        Fields.integer(node, "cpu-max"),
        Fields.flag(node, "hotpluggable-cpus"),
        Fields.flagOr(node, "deprecated", false));
  }
}
