package dev.drover.client.cli;

import dev.drover.v1.Bandwidth;
import java.util.Optional;

/**
 * Reads a speed limit as virsh does: MiB/s, or with {@code --bytes} bytes/s with an optional unit.
 */
final class BandwidthOption {
  private BandwidthOption() {}

  static Bandwidth parse(String text, boolean bytes) {
    Optional<Long> value = bytes ? Sizes.parse(text) : number(text);
    long limit =
        value.orElseThrow(
            () ->
                new CommandFailure(
                    "Bandwidth '%s' is not a %s"
                        .formatted(text, bytes ? "number of bytes" : "whole number of MiB/s")));
    return bytes
        ? Bandwidth.newBuilder().setBytesPerSecond(limit).build()
        : Bandwidth.newBuilder().setMebibytesPerSecond(limit).build();
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.parseUnsignedLong(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
