package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened inside QEMU, as it was sent. {@link QemuEvent#of} gives the typed view.
 *
 * @param name QEMU's name, for example {@code JOB_STATUS_CHANGE}
 * @param data its fields; an empty object when it has none
 * @param at QEMU's clock; absent when QEMU could not read it
 */
public record QmpEvent(String name, JsonNode data, Optional<Instant> at) implements QmpMessage {}
