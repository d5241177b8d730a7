package dev.drover.spi.chain;

import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says each difference in words: what was expected, what was found, and what it means. */
final class Differences {

  private Differences() {}

  static ChainDifference foreignJob(String path, String job) {
    return of(
        ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_FOREIGN_JOB,
        path,
        "only jobs of the daemon",
        "job '%s' of the hypervisor".formatted(job),
        "somebody started a job on the disk past the daemon; what it does to the chain is not"
            + " known before it has ended; end or dismiss it the way it was started, then verify"
            + " again",
        ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  static ChainDifference nodes(
      String path, List<ChainImage> record, List<ChainImage> open, ChainRepair repair) {
    return of(
        ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_NODES,
        path,
        shown(record),
        shown(open),
        "the chain was changed past the daemon: the guest reads the images that were found, and"
            + " jobs would be planned for those that were expected",
        repair);
  }

  static ChainDifference definition(Image stored, ChainImage open, ChainRepair repair) {
    return of(
        ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_DEFINITION,
        open.getPath(),
        "%s (%s)".formatted(open.getPath(), format(open.getFormat())),
        "%s (%s)".formatted(stored.getPath(), format(stored.getFormat())),
        "at its next start the domain would boot from the image that the definition names, without"
            + " what the guest has written to the one it runs from",
        repair);
  }

  static ChainDifference missing(HeaderView header, boolean open) {
    return of(
        ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_MISSING,
        header.image().getPath(),
        open ? "the file that the hypervisor has open" : "a readable image",
        header.trouble().map(HeaderTrouble::text).orElse("no file"),
        open
            ? "the guest still reads it, but its data is lost when the domain stops; copy the disk"
                + " elsewhere with 'drover blockcopy' before that"
            : "the domain cannot be started before the file is back, or the header above names"
                + " where it is now",
        ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  static ChainDifference replaced(ChainImage image) {
    return of(
        ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_REPLACED,
        image.getPath(),
        "the file that the hypervisor has open",
        "another file",
        "the guest reads the file that was there before; at its next start the domain would read"
            + " the one that is there now. Which of them is right has to be decided by a person:"
            + " put the old file back, or copy the disk elsewhere with 'drover blockcopy'",
        ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  static ChainDifference header(
      HeaderView header, Optional<ChainImage> below, String meaning, ChainRepair repair) {
    return of(
        ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER,
        header.image().getPath(),
        below.map(ChainImage::getPath).orElse("no backing image"),
        header
            .trouble()
            .map(HeaderTrouble::text)
            .or(() -> header.backing().map(HeaderView.Backing::path))
            .orElse("no backing image"),
        meaning,
        repair);
  }

  static ChainDifference backingFormat(
      String path, String expected, String found, String meaning, ChainRepair repair) {
    return of(
        ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_BACKING_FORMAT,
        path,
        expected,
        found.isEmpty() ? "no format" : found,
        meaning,
        repair);
  }

  static String format(ImageFormat format) {
    return switch (format) {
      case IMAGE_FORMAT_RAW -> "raw";
      case IMAGE_FORMAT_QCOW2 -> "qcow2";
      case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED -> "no format";
    };
  }

  private static String shown(List<ChainImage> images) {
    if (images.isEmpty()) {
      return "no image";
    }
    return images.stream()
        .map(image -> "%s (node '%s')".formatted(image.getPath(), image.getNodeName()))
        .collect(Collectors.joining(", "));
  }

  private static ChainDifference of(
      ChainDifferenceKind kind,
      String path,
      String expected,
      String found,
      String explanation,
      ChainRepair repair) {
    return ChainDifference.newBuilder()
        .setKind(kind)
        .setPath(path)
        .setExpected(expected)
        .setFound(found)
        .setExplanation(explanation)
        .setRepair(repair)
        .build();
  }
}
