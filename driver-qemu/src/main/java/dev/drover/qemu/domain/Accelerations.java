package dev.drover.qemu.domain;

import dev.drover.qemu.config.QemuSettings;
import dev.drover.qemu.probe.Acceleration.Kvm;
import dev.drover.qemu.probe.Acceleration.Tcg;
import dev.drover.qemu.probe.AccelerationProbe;
import dev.drover.spi.DurationWords;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Acceleration;
import dev.drover.v1.AccelerationCapability;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Decides how a domain's processors are run, and says why (R25). */
public final class Accelerations {

  private final QemuSettings settings;
  private final AccelerationProbe probe;
  private final AtomicReference<Optional<Choice>> measured =
      new AtomicReference<>(Optional.empty());

  /** Decides by these settings, and by this probe where they say so. */
  public Accelerations(QemuSettings settings, AccelerationProbe probe) {
    this.settings = settings;
    this.probe = probe;
  }

  /**
   * A decision.
   *
   * @param acceleration TCG or KVM
   * @param detail why, for people
   */
  public record Choice(Acceleration acceleration, String detail) {}

  /**
   * How the domain is going to be run. The first decision may take a few seconds, for the probe.
   *
   * @throws DriverException ACCELERATION_UNAVAILABLE where the spec insists on KVM in vain
   */
  public Choice choose(DomainSpec spec) {
    return switch (spec.getAcceleration()) {
      case ACCELERATION_TCG ->
          new Choice(Acceleration.ACCELERATION_TCG, "the domain's definition asks for it");
      case ACCELERATION_KVM -> {
        Choice best = best();
        if (best.acceleration() != Acceleration.ACCELERATION_KVM) {
          throw DriverException.of(
              ErrorReason.ERROR_REASON_ACCELERATION_UNAVAILABLE,
              "domain '%s' asks for KVM, which does not work here: %s"
                  .formatted(spec.getName(), best.detail()),
              "domain",
              spec.getName(),
              "acceleration",
              "kvm",
              "detail",
              best.detail());
        }
        yield new Choice(best.acceleration(), "the domain's definition asks for it");
      }
      case ACCELERATION_AUTO, ACCELERATION_UNSPECIFIED, UNRECOGNIZED -> best();
    };
  }

  /** The best that works, measuring it where that has not been done yet. */
  public Choice best() {
    Choice choice =
        switch (settings.acceleration()) {
          case TCG ->
              new Choice(Acceleration.ACCELERATION_TCG, "the daemon's configuration says tcg");
          case KVM ->
              new Choice(Acceleration.ACCELERATION_KVM, "the daemon's configuration says kvm");
          case PROBE -> measure();
        };
    measured.set(Optional.of(choice));
    return choice;
  }

  private Choice measure() {
    try {
      return switch (probe.acceleration(settings.qemu())) {
        case Kvm kvm ->
            new Choice(
                Acceleration.ACCELERATION_KVM,
                "a probe guest ran on KVM in %s".formatted(DurationWords.of(kvm.took())));
        case Tcg tcg -> new Choice(Acceleration.ACCELERATION_TCG, tcg.reason());
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the probe of KVM was given up");
    }
  }

  /** What is known by now, without measuring. */
  public List<AccelerationCapability> known() {
    Optional<Choice> choice = measured.get();
    boolean kvm =
        choice.filter(best -> best.acceleration() == Acceleration.ACCELERATION_KVM).isPresent();
    return List.of(
        AccelerationCapability.newBuilder()
            .setName("kvm")
            .setUsable(kvm)
            .setDetail(choice.map(Choice::detail).orElse("not tried yet"))
            .build(),
        AccelerationCapability.newBuilder()
            .setName("tcg")
            .setUsable(true)
            .setDetail("software emulation works wherever QEMU does")
            .build());
  }
}
