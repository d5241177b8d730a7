package dev.drover.qemu.probe;

import java.time.Duration;

/** How guests can be run on this host. */
public sealed interface Acceleration {

  /**
   * A guest ran under KVM and finished.
   *
   * @param took time from start to end of the process
   */
  record Kvm(Duration took) implements Acceleration {}

  /**
   * Guests are emulated.
   *
   * @param reason why KVM is not used, for people
   */
  record Tcg(String reason) implements Acceleration {}
}
