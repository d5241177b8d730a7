package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Answer of {@code add-fd}.
 *
 * @param setId number of the set, opened as {@code /dev/fdset/<setId>}
 * @param descriptor the descriptor's number inside QEMU
 */
public record DescriptorSet(long setId, long descriptor) {
  /** The file name under which block nodes open the set. */
  public String path() {
    return "/dev/fdset/" + setId;
  }

  static DescriptorSet decode(JsonNode node) {
    return new DescriptorSet(Fields.number(node, "fdset-id"), Fields.number(node, "fd"));
  }
}
