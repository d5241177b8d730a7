package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One entry of {@code query-chardev}.
 *
 * @param label id of the device
 * @param frontendOpen whether the guest's side is open; of a port for an agent, that one listens
 */
public record CharacterDeviceInfo(String label, boolean frontendOpen) {

  static CharacterDeviceInfo decode(JsonNode node) {
    return new CharacterDeviceInfo(Fields.text(node, "label"), Fields.flag(node, "frontend-open"));
  }
}
