package dev.drover.test;

import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.Domains;
import dev.drover.spi.TestControl;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.StartDomainRequest;
import java.time.Duration;
import java.time.Instant;

/**
 * What {@code test:///default} begins with: one running domain named {@code test}, as libvirt's own
 * test driver has, on a chain of two images with something in each.
 */
final class DefaultWorld {

  private static final String NAME = "test";
  private static final String UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f";
  private static final String BASE = "/images/test/base.qcow2";
  private static final String ACTIVE = "/images/test/active.qcow2";
  private static final String QCOW2 = "qcow2";
  private static final long MEBIBYTE = 1L << 20;
  private static final long DISK_BYTES = 64 * MEBIBYTE;
  private static final long BASE_MEBIBYTES = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private DefaultWorld() {}

  /** Makes images and domain, and starts it. */
  static void make(TestControl control, Domains domains, Instant now) {
    CallContext call =
        new CallContext(Caller.DAEMON, "default-world", now.plus(PATIENCE), () -> false);
    control.createImage(call, base());
    control.createImage(call, active());
    domains.define(call, DefineDomainRequest.newBuilder().setSpec(spec()).build());
    DomainRef ref = DomainRef.newBuilder().setUuid(UUID).build();
    domains.setAutostart(
        call, SetDomainAutostartRequest.newBuilder().setDomain(ref).setAutostart(true).build());
    domains.start(call, StartDomainRequest.newBuilder().setDomain(ref).build());
  }

  private static CreateImageRequest base() {
    CreateImageRequest.Builder image =
        CreateImageRequest.newBuilder()
            .setPath(BASE)
            .setFormat(QCOW2)
            .setVirtualSizeBytes(DISK_BYTES);
    for (int mebibyte = 0; mebibyte < BASE_MEBIBYTES; mebibyte++) {
      image.addContents(write(mebibyte * MEBIBYTE, mebibyte + 1));
    }
    return image.build();
  }

  /** Over the second half of the base's data, and as much beyond it. */
  private static CreateImageRequest active() {
    CreateImageRequest.Builder image =
        CreateImageRequest.newBuilder()
            .setPath(ACTIVE)
            .setFormat(QCOW2)
            .setBackingReference(BASE)
            .setBackingFormat(QCOW2);
    for (long mebibyte = BASE_MEBIBYTES / 2; mebibyte < 2 * BASE_MEBIBYTES; mebibyte += 2) {
      image.addContents(write(mebibyte * MEBIBYTE, (int) (100 + mebibyte)));
    }
    return image.build();
  }

  private static GuestWrite write(long offset, int pattern) {
    return GuestWrite.newBuilder()
        .setOffsetBytes(offset)
        .setLengthBytes(MEBIBYTE)
        .setPattern(pattern)
        .build();
  }

  private static DomainSpec spec() {
    return DomainSpec.newBuilder()
        .setName(NAME)
        .setUuid(UUID)
        .setTitle("Domain of the test driver")
        .setMemoryBytes(DISK_BYTES)
        .setVcpus(1)
        .addDisks(
            Disk.newBuilder()
                .setTarget("vda")
                .setSource(
                    Image.newBuilder().setPath(ACTIVE).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)))
        .build();
  }
}
