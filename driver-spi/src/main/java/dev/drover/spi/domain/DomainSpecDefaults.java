package dev.drover.spi.domain;

import dev.drover.v1.Acceleration;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.NetworkInterface;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Fills in what a spec leaves to the daemon and must not change afterwards, so that redefining a
 * domain with what was read changes nothing (R24).
 */
public final class DomainSpecDefaults {

  private DomainSpecDefaults() {}

  /**
   * The spec as it is stored.
   *
   * @param stored the definition of the same uuid, or of the same name where the spec has no uuid;
   *     where there is one, its uuid is kept as it is written there
   * @param random where uuids and MAC addresses are drawn from
   */
  public static DomainSpec complete(
      DomainSpec spec, Optional<DomainSpec> stored, RandomGenerator random) {
    DomainSpec.Builder builder = spec.toBuilder();
    builder.setUuid(
        stored
            .map(DomainSpec::getUuid)
            .orElseGet(
                () ->
                    spec.getUuid().isEmpty()
                        ? uuid(random)
                        : spec.getUuid().toLowerCase(Locale.ROOT)));
    if (spec.getVcpus() == 0) {
      builder.setVcpus(1);
    }
    if (spec.getAcceleration() == Acceleration.ACCELERATION_UNSPECIFIED) {
      builder.setAcceleration(Acceleration.ACCELERATION_AUTO);
    }
    for (int i = 0; i < builder.getNetworkInterfacesCount(); i++) {
      NetworkInterface network = builder.getNetworkInterfaces(i);
      if (network.getMacAddress().isEmpty()) {
        builder.setNetworkInterfaces(i, network.toBuilder().setMacAddress(macAddress(random)));
      }
    }
    return builder.build();
  }

  /** A random UUID: version 4, variant of RFC 9562. */
  private static String uuid(RandomGenerator random) {
    long high = (random.nextLong() & ~0xf000L) | 0x4000L;
    long low = (random.nextLong() >>> 2) | (1L << 63);
    return new UUID(high, low).toString();
  }

  /** An address in the range that QEMU and libvirt use for guests, 52:54:00. */
  private static String macAddress(RandomGenerator random) {
    return "52:54:00:%02x:%02x:%02x"
        .formatted(random.nextInt(256), random.nextInt(256), random.nextInt(256));
  }
}
