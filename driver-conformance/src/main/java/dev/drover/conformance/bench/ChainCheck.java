package dev.drover.conformance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.DiskContents;
import dev.drover.v1.BackingChain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.Image;
import java.nio.file.Path;
import java.util.List;

/**
 * The comparison after every block operation: the chain of the running domain, the headers of the
 * images, the stored definition after the domain's end, and what the guest sees, all agree (R8).
 */
public final class ChainCheck {

  private final Bench bench;
  private final TestDomain domain;

  ChainCheck(Bench bench, TestDomain domain) {
    this.bench = bench;
    this.domain = domain;
  }

  /**
   * Compares as the domain is, ends it if it runs, compares what is stored, and starts it once more
   * from that.
   *
   * @param fromTop images the disk must consist of, the active one first
   */
  public void everywhere(String target, List<Image> fromTop, DiskContents contents) {
    if (domain.active()) {
      live(target, fromTop, contents);
      domain.destroy();
    }
    stored(target, fromTop, contents);
    domain.start();
    chain(target, fromTop);
    domain.destroy();
  }

  /** Compares as the domain is: {@link #live} where it runs, {@link #stored} where it does not. */
  public void now(String target, List<Image> fromTop, DiskContents contents) {
    if (domain.active()) {
      live(target, fromTop, contents);
    } else {
      stored(target, fromTop, contents);
    }
  }

  /** Compares the chain of the running domain, the headers, and what the guest sees. */
  public void live(String target, List<Image> fromTop, DiskContents contents) {
    chain(target, fromTop);
    bench.world().flush(domain.name(), target);
    headers(fromTop);
    shows(fromTop.getFirst(), contents);
  }

  /** Compares the definition of the domain that was shut off, the headers and the contents. */
  public void stored(String target, List<Image> fromTop, DiskContents contents) {
    assertThat(domain.stored(target))
        .as("source in the stored definition")
        .isEqualTo(fromTop.getFirst());
    chain(target, fromTop);
    headers(fromTop);
    shows(fromTop.getFirst(), contents);
  }

  /** Compares the listed chain and the listed disk. */
  public void chain(String target, List<Image> fromTop) {
    BackingChain chain = domain.chain(target);
    boolean active = domain.active();
    assertThat(chain.getImagesList().stream().map(ChainCheck::image))
        .as("backing chain of %s", target)
        .containsExactlyElementsOf(fromTop);
    for (int i = 0; i < chain.getImagesCount(); i++) {
      assertThat(chain.getImages(i).getIndex()).as("index in the chain").isEqualTo(i);
      assertThat(chain.getImages(i).getNodeName().isEmpty())
          .as("no name in a hypervisor while none runs, and one while it does")
          .isEqualTo(!active);
    }
    DomainDisk disk =
        domain.disks().stream()
            .filter(listed -> listed.getTarget().equals(target))
            .findFirst()
            .orElseThrow();
    assertThat(disk.getJobId()).as("job that holds %s", target).isEmpty();
    long size = chain.getImages(0).getVirtualSizeBytes();
    assertThat(disk.getCapacityBytes())
        .as("size that the guest sees, which need not be known while it does not run")
        .isIn(active ? List.of(size) : List.of(size, 0L));
    assertThat(disk.getSource()).as("source of the listed disk").isEqualTo(fromTop.getFirst());
  }

  /** Asserts what an image shows through its chain. */
  public void shows(Image image, DiskContents contents) {
    assertThat(bench.world().contents(image))
        .as("contents of %s", image.getPath())
        .isEqualTo(contents);
  }

  private void headers(List<Image> fromTop) {
    for (int i = 0; i < fromTop.size(); i++) {
      Image image = fromTop.get(i);
      String reference = bench.world().look(image).backingReference();
      if (i == fromTop.size() - 1) {
        assertThat(reference).as("header of %s names no image", image.getPath()).isEmpty();
      } else {
        Path named = Path.of(image.getPath()).resolveSibling(reference).normalize();
        assertThat(named)
            .as("header of %s names the next image", image.getPath())
            .hasToString(fromTop.get(i + 1).getPath());
      }
    }
  }

  private static Image image(ChainImage image) {
    return Image.newBuilder().setPath(image.getPath()).setFormat(image.getFormat()).build();
  }
}
