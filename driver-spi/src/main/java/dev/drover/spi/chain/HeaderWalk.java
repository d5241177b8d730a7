package dev.drover.spi.chain;

import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Follows the headers of a chain as far as they lead, without ever failing. */
public final class HeaderWalk {

  private static final int MAX_IMAGES = 256;

  private HeaderWalk() {}

  /**
   * The headers from an image down. The last one tells the trouble where the walk ends before the
   * base; a header that declares no known format for the image below ends it too, since formats are
   * never guessed (E12).
   *
   * @param read reads one header; must not fail
   */
  public static List<HeaderView> from(
      Image active, ChainFiles files, Function<Image, HeaderView> read) {
    List<HeaderView> found = new ArrayList<>();
    Image next = active;
    while (true) {
      HeaderView header = read.apply(next);
      found.add(header);
      if (header.trouble().isPresent()
          || header.backing().flatMap(HeaderView.Backing::format).isEmpty()) {
        return found;
      }
      HeaderView.Backing backing = header.backing().orElseThrow();
      boolean loop =
          found.stream().anyMatch(above -> files.same(above.image().getPath(), backing.path()));
      if (loop || found.size() == MAX_IMAGES) {
        found.set(found.size() - 1, endless(header, backing, loop));
        return found;
      }
      next =
          Image.newBuilder()
              .setPath(backing.path())
              .setFormat(backing.format().orElse(ImageFormat.IMAGE_FORMAT_UNSPECIFIED))
              .build();
    }
  }

  private static HeaderView endless(HeaderView header, HeaderView.Backing backing, boolean loop) {
    return new HeaderView(
        header.image(),
        header.backing(),
        Optional.of(
            new HeaderTrouble(
                HeaderTrouble.Kind.REFERENCE,
                loop
                    ? "'%s', which leads back to the chain itself".formatted(backing.path())
                    : "the chain has more than " + MAX_IMAGES + " images")));
  }
}
