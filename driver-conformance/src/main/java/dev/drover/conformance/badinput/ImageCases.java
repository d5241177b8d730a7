package dev.drover.conformance.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
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
import dev.drover.v1.Acceleration;
import dev.drover.v1.AccelerationCapability;
import dev.drover.v1.Capability;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.List;
import java.util.Optional;

/** Images that a domain cannot be started with. */
public final class ImageCases {

  private final Bench bench;

  /** Works on a bench. */
  public ImageCases(Bench bench) {
    this.bench = bench;
  }

  @Case("a missing image keeps a domain from starting")
  @Requirement({"R24", "R11"})
  @Needs(Capability.CAPABILITY_BLOCK_CHAIN)
  public void missing() {
    Image image = image("missing.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2);

    notStarted(image, ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND).tells("path", image.getPath());
    assertThat(bench.world().look(image).exists()).isFalse();
  }

  @Case("an image of another format than declared keeps a domain from starting")
  @Requirement({"E12"})
  @Needs(Capability.CAPABILITY_BLOCK_CHAIN)
  public void wrongFormat() {
    Image raw = image("disk.img", ImageFormat.IMAGE_FORMAT_RAW);
    bench
        .world()
        .create(
            new ImageSetup(
                raw,
                DiskSize.SMALL.bytes(),
                Optional.empty(),
                List.of(new Fill(0, Fill.BLOCK, 0x42))));

    notStarted(
            raw.toBuilder().setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build(),
            ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH)
        .tells("path", raw.getPath());
  }

  @Case("a missing backing image keeps a domain from starting")
  @Requirement({"R24"})
  @Needs(Capability.CAPABILITY_BLOCK_CHAIN)
  public void backingMissing() {
    Image base = image("gone.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2);
    Image active = image("active.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2);
    bench
        .world()
        .create(
            new ImageSetup(
                active,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(base.getPath(), base)),
                List.of()));

    notStarted(active, ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID).names("path");
  }

  @Case("an image that another domain writes to keeps a domain from starting")
  @Requirement({"C18"})
  @Needs(Capability.CAPABILITY_BLOCK_CHAIN)
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void inUse(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain owner = bench.define(bench.spec(bench.name("owner"), chain.disk())).start(state);
    DomainState before = owner.get().getStatus().getState();

    notStarted(chain.active(), ErrorReason.ERROR_REASON_IMAGE_IN_USE)
        .tells("path", chain.path("active"));
    assertThat(owner.get().getStatus().getState()).isEqualTo(before);
    bench.check(owner).live("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("two domains may share a base that neither writes to")
  @Requirement({"R24"})
  @Needs(Capability.CAPABILITY_BLOCK_CHAIN)
  public void sharedBase() {
    DiskChain chain = bench.chain("vda", "base", "one");
    Image two = image("two.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2);
    bench
        .world()
        .create(
            new ImageSetup(
                two,
                DiskSize.SMALL.bytes(),
                Optional.of(new ImageSetup.Backing(chain.path("base"), chain.layer("base"))),
                List.of()));
    TestDomain first = bench.define(bench.spec(bench.name("one"), chain.disk())).start();
    TestDomain second =
        bench
            .define(
                bench.spec(
                    bench.name("two"), Disk.newBuilder().setTarget("vda").setSource(two).build()))
            .start();

    bench.check(first).chain("vda", chain.images("one", "base"));
    bench.check(second).chain("vda", List.of(two, chain.layer("base")));
  }

  @Case("an acceleration that the host lacks is refused with why")
  @Requirement({"R25"})
  public void acceleration() {
    boolean usable =
        bench
            .calls()
            .host()
            .getCapabilities(GetCapabilitiesRequest.getDefaultInstance())
            .getDrivers(0)
            .getAccelerationsList()
            .stream()
            .filter(acceleration -> acceleration.getName().equals("kvm"))
            .anyMatch(AccelerationCapability::getUsable);
    DomainSpec spec =
        bench.spec(bench.name("vm")).toBuilder()
            .setAcceleration(Acceleration.ACCELERATION_KVM)
            .build();
    TestDomain domain = bench.define(spec);

    if (usable) {
      assertThat(domain.start().get().getStatus().getAcceleration())
          .isEqualTo(Acceleration.ACCELERATION_KVM);
    } else {
      Refusal.of(domain::start)
          .is(ErrorReason.ERROR_REASON_ACCELERATION_UNAVAILABLE)
          .names("detail");
      assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    }
  }

  private Refusal notStarted(Image image, ErrorReason reason) {
    DomainSpec spec =
        bench.spec(
            bench.name("victim"), Disk.newBuilder().setTarget("vda").setSource(image).build());
    TestDomain domain = bench.define(spec);
    Refusal refusal = Refusal.of(domain::start).is(reason);
    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(domain.get().getStatus().getId()).isZero();
    return refusal;
  }

  private Image image(String file, ImageFormat format) {
    return Image.newBuilder().setPath(bench.path(file)).setFormat(format).build();
  }
}
