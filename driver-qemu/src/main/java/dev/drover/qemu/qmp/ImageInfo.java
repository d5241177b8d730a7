package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What QEMU reports about an opened image ({@code ImageInfo}).
 *
 * @param filename run-time name; {@code json:{…}} for chains given node by node
 * @param format block driver of the node
 * @param virtualSizeBytes size the guest sees
 * @param actualSizeBytes bytes allocated on the storage, when the storage can tell
 * @param clusterSizeBytes qcow2 cluster size
 * @param backingFilename the string written in the image's header
 * @param fullBackingFilename the same, made absolute
 * @param backingFilenameFormat format written in the image's header
 * @param dirty whether the header says that the image was not closed properly
 * @param corrupt whether qcow2 marked itself corrupt
 * @param backingImage the next layer of the chain; absent in a flat answer
 */
public record ImageInfo(
    String filename,
    String format,
    long virtualSizeBytes,
    OptionalLong actualSizeBytes,
    OptionalLong clusterSizeBytes,
    Optional<String> backingFilename,
    Optional<String> fullBackingFilename,
    Optional<String> backingFilenameFormat,
    boolean dirty,
    boolean corrupt,
    Optional<ImageInfo> backingImage) {

  static ImageInfo decode(JsonNode node) {
    boolean corrupt =
        Fields.optional(node, "format-specific")
            .flatMap(specific -> Fields.optional(specific, "data"))
            .map(data -> Fields.flagOr(data, "corrupt", false))
            .orElse(false);
    return new ImageInfo(
        Fields.text(node, "filename"),
        Fields.text(node, "format"),
        Fields.number(node, "virtual-size"),
        Fields.optionalNumber(node, "actual-size"),
        Fields.optionalNumber(node, "cluster-size"),
        Fields.optionalText(node, "backing-filename"),
        Fields.optionalText(node, "full-backing-filename"),
        Fields.optionalText(node, "backing-filename-format"),
        Fields.flagOr(node, "dirty-flag", false),
        corrupt,
        Fields.optional(node, "backing-image").map(ImageInfo::decode));
  }
}
