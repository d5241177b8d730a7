package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * One entry of {@code query-block}: a guest device and the node it really reads.
 *
 * @param device block backend name; empty for devices given by node name
 * @param qdev the device's id or its path in the object tree
 * @param removable whether the medium can be taken out
 * @param locked whether the guest locked the medium
 * @param trayOpen state of the tray, where there is one
 * @param ioStatus whether the device stopped on an I/O error; absent for devices that never stop
 * @param inserted the root node below implicit filters; absent without medium
 */
public record BlockDeviceInfo(
    String device,
    Optional<String> qdev,
    boolean removable,
    boolean locked,
    Optional<Boolean> trayOpen,
    Optional<IoStatus> ioStatus,
    Optional<NamedBlockNode> inserted) {

  /**
   * Name of the node that the device reads. While a job runs that was given a filter name it is
   * that filter's name; callers know the names they gave.
   */
  public Optional<String> rootNodeName() {
    return inserted.flatMap(NamedBlockNode::nodeName);
  }

  static BlockDeviceInfo decode(JsonNode node) {
    return new BlockDeviceInfo(
        Fields.text(node, "device"),
        Fields.optionalText(node, "qdev"),
        Fields.flag(node, "removable"),
        Fields.flag(node, "locked"),
        Fields.optional(node, "tray_open").map(JsonNode::booleanValue),
        Fields.optionalText(node, "io-status").map(IoStatus::of),
        Fields.optional(node, "inserted").map(NamedBlockNode::decode));
  }
}
