package dev.drover.spi.block;

import dev.drover.v1.ChainImage;
import dev.drover.v1.ImageFormat;
import java.util.List;

/** Chains that tests of plans start from. */
final class Chains {

  private Chains() {}

  /** base <- snap1 <- snap2 <- active in /i, with absolute references. */
  static Chain absolute() {
    return new Chain(
        "guest",
        "vda",
        List.of(
            image("/i/active", "/i/snap2"),
            image("/i/snap2", "/i/snap1"),
            image("/i/snap1", "/i/base"),
            image("/i/base", "")));
  }

  /** The same with references relative to the directories, of which base has its own. */
  static Chain relative() {
    return new Chain(
        "guest",
        "vda",
        List.of(
            image("/i/active", "snap2"),
            image("/i/snap2", "snap1"),
            image("/i/snap1", "../b/base"),
            image("/b/base", "")));
  }

  static ChainImage image(String path, String reference) {
    return ChainImage.newBuilder()
        .setPath(path)
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .setBackingReference(reference)
        .build();
  }

  static List<String> paths(List<ChainImage> images) {
    return images.stream().map(ChainImage::getPath).toList();
  }
}
