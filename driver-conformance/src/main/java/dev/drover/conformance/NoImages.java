package dev.drover.conformance;

import dev.drover.v1.Image;
import java.util.List;
import java.util.Optional;

/**
 * The world of a driver that has no disks. What the suite asks of such a driver makes no image, so
 * that everything but the names of directories fails here, with what the driver's author has to do.
 */
public final class NoImages implements GuestWorld {

  /** Makes the world, which is empty. */
  public NoImages() {}

  @Override
  public String directory(String label) {
    return "/no-images/" + label;
  }

  @Override
  public void removeDirectory(String path) {
    // There is none.
  }

  @Override
  public void create(ImageSetup image) {
    throw needed("make the image " + image.image().getPath());
  }

  @Override
  public void write(String domain, String target, List<Fill> writes) {
    throw needed("write to disk " + target + " of " + domain);
  }

  @Override
  public void discard(String domain, String target, long offset, long length) {
    throw needed("discard from disk " + target + " of " + domain);
  }

  @Override
  public void flush(String domain, String target) {
    throw needed("flush disk " + target + " of " + domain);
  }

  @Override
  public ImageView look(Image image) {
    throw needed("read the image " + image.getPath());
  }

  @Override
  public DiskContents contents(Image image) {
    throw needed("read what the image " + image.getPath() + " shows");
  }

  @Override
  public void createKernel(String path) {
    throw needed("make the kernel " + path);
  }

  @Override
  public Optional<String> printed(String log) {
    throw needed("read the console " + log);
  }

  private static AssertionError needed(String what) {
    return new AssertionError(
        "cannot %s: a driver that declares CAPABILITY_BLOCK_CHAIN has a GuestWorld, which its ConformanceTarget answers from world()"
            .formatted(what));
  }
}
