package dev.drover.qemu.domain;

import dev.drover.qemu.config.LaunchPlan;
import dev.drover.qemu.process.ProcessExit;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says why QEMU could not be started. */
final class StartFailures {

  private static final Pattern LOCKED =
      Pattern.compile(
          "Failed to (?:get|lock).*?(?:lock|byte).*?using the image \\[([^\\]]*)\\]",
          Pattern.DOTALL);

  private StartFailures() {}

  /** QEMU ended by itself; its own output says why. */
  static DriverException ended(DomainSpec spec, ProcessExit exit) {
    String output = exit.outputTail().strip();
    Matcher locked = LOCKED.matcher(output);
    if (locked.find()) {
      return DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_IN_USE,
          ("domain '%s' cannot be started: another process has the image '%s' open; stop the"
                  + " other domain or program first")
              .formatted(spec.getName(), locked.group(1)),
          "domain",
          spec.getName(),
          "path",
          locked.group(1));
    }
    return DriverException.of(
        ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED,
        "the hypervisor of domain '%s' ended while starting, %s: %s"
            .formatted(spec.getName(), exit.describe(), output),
        "domain",
        spec.getName());
  }

  /** QEMU lives, but its monitor could not be used in time. */
  static DriverException noMonitor(DomainSpec spec, Exception cause) {
    return DriverException.causedBy(
        cause,
        ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED,
        "the hypervisor of domain '%s' was started, but could not be talked to, and was ended: %s"
            .formatted(spec.getName(), cause.getMessage()),
        "domain",
        spec.getName());
  }

  /** There is no process, since the system refused it or the directory for it. */
  static DriverException notSpawned(LaunchPlan plan, IOException cause) {
    return DriverException.causedBy(
        cause,
        ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED,
        "the hypervisor of domain '%s' cannot be started: %s"
            .formatted(plan.spec().getName(), cause.getMessage()),
        "domain",
        plan.spec().getName(),
        "path",
        plan.binary().toString());
  }
}
