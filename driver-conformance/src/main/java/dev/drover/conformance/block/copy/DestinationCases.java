package dev.drover.conformance.block.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Fill;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.List;
import java.util.Optional;

/** Destinations that somebody brings along, and what they must not be (E6, E12, E18). */
@Needs(
    value = {Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_COPY},
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
@InStates
public final class DestinationCases {

  private final Bench bench;

  /** Works on a bench. */
  public DestinationCases(Bench bench) {
    this.bench = bench;
  }

  /** Formats of a destination. */
  public static List<ImageFormat> formats() {
    return List.of(ImageFormat.IMAGE_FORMAT_RAW, ImageFormat.IMAGE_FORMAT_QCOW2);
  }

  @Case("a full copy into an image that holds something leaves nothing of it")
  @Requirement({"E6", "E12"})
  @EachOf("formats")
  public void notEmpty(ImageFormat format, PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy = image("copy.img", format);
    make(copy, DiskSize.SMALL.bytes(), List.of(new Fill(0, DiskSize.SMALL.bytes(), 0xee)));

    var _ = bench.jobs().pivot(bench.jobs().copy(request(domain, copy).setReuseExternal(true)));

    bench.check(domain).everywhere("vda", List.of(copy), chain.contents());
  }

  @Case("an image that is brought along must have the size of the disk")
  @Requirement({"E6", "E18"})
  @EachOf("formats")
  public void otherSize(ImageFormat format, PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start(state);
    for (long bytes : new long[] {DiskSize.SMALL.bytes() / 2, DiskSize.SMALL.bytes() * 2}) {
      Image copy = image("of-" + bytes, format);
      make(copy, bytes, List.of());

      Refusal.of(() -> bench.jobs().copy(request(domain, copy).setReuseExternal(true)))
          .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
          .tells("field", "destination")
          .tells("path", copy.getPath());
      assertThat(bench.world().look(copy).exists()).as("%s exists", copy.getPath()).isTrue();
    }
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("an image of another domain, which need not run, is no destination")
  @Requirement({"E18", "R3"})
  public void ofAnotherDomain(PowerState state) {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start(state);
    DiskChain theirs = bench.chain("vdb", "base", "active");
    TestDomain other = bench.define(theirs);

    for (String layer : List.of("active", "base")) {
      for (boolean reuse : new boolean[] {true, false}) {
        Refusal.of(
                () ->
                    bench.jobs().copy(request(domain, theirs.layer(layer)).setReuseExternal(reuse)))
            .is(ErrorReason.ERROR_REASON_IMAGE_IN_USE)
            .tells("path", theirs.path(layer));
      }
    }

    assertThat(bench.jobs().of(domain)).isEmpty();
    bench.check(other).stored("vdb", theirs.images("active", "base"), theirs.contents());
  }

  private void make(Image image, long bytes, List<Fill> contents) {
    bench.world().create(new ImageSetup(image, bytes, Optional.empty(), contents));
  }

  private Image image(String file, ImageFormat format) {
    return Image.newBuilder().setPath(bench.path(file)).setFormat(format).build();
  }

  private static BlockCopyRequest.Builder request(TestDomain domain, Image destination) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(destination);
  }
}
