package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * A node of the block graph ({@code BlockDeviceInfo} in QEMU's schema).
 *
 * @param nodeName the node's name; generated ones begin with {@code #block}
 * @param driver block driver, for example {@code qcow2}, or {@code mirror_top} for a job's filter
 * @param file run-time name
 * @param readOnly whether it is open read-only at this moment
 * @param backingFileDepth layers below it
 * @param image the opened image
 * @param dirtyBitmaps its bitmaps
 */
public record NamedBlockNode(
    Optional<String> nodeName,
    String driver,
    String file,
    boolean readOnly,
    long backingFileDepth,
    ImageInfo image,
    List<DirtyBitmapInfo> dirtyBitmaps) {

  /** Copies the list. */
  public NamedBlockNode {
    dirtyBitmaps = List.copyOf(dirtyBitmaps);
  }

  static NamedBlockNode decode(JsonNode node) {
    return new NamedBlockNode(
        Fields.optionalText(node, "node-name"),
        Fields.text(node, "drv"),
        Fields.text(node, "file"),
        Fields.flag(node, "ro"),
        Fields.number(node, "backing_file_depth"),
        ImageInfo.decode(Fields.required(node, "image")),
        Fields.optionalList(node, "dirty-bitmaps", DirtyBitmapInfo::decode));
  }
}
