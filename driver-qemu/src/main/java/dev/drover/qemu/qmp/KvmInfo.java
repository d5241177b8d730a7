package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Answer of {@code query-kvm}. Neither value says that guests make progress under KVM.
 *
 * @param enabled whether this machine runs on KVM
 * @param present whether this QEMU was built with KVM
 */
public record KvmInfo(boolean enabled, boolean present) {
  static KvmInfo decode(JsonNode node) {
    return new KvmInfo(Fields.flag(node, "enabled"), Fields.flag(node, "present"));
  }
}
