package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * A dirty bitmap of a node ({@code BlockDirtyInfo}).
 *
 * @param name absent for bitmaps that QEMU made for a job of its own
 * @param dirtyBytes bytes marked
 * @param granularityBytes bytes per bit
 * @param recording whether guest writes are marked
 * @param busy whether a job holds it
 * @param persistent whether it is written into the image on close
 * @param inconsistent whether it was not stored properly and can only be removed
 */
public record DirtyBitmapInfo(
    Optional<String> name,
    long dirtyBytes,
    long granularityBytes,
    boolean recording,
    boolean busy,
    boolean persistent,
    boolean inconsistent) {

  static DirtyBitmapInfo decode(JsonNode node) {
    return new DirtyBitmapInfo(
        Fields.optionalText(node, "name"),
        Fields.number(node, "count"),
        Fields.number(node, "granularity"),
        Fields.flag(node, "recording"),
        Fields.flag(node, "busy"),
        Fields.flag(node, "persistent"),
        Fields.flagOr(node, "inconsistent", false));
  }
}
