package dev.drover.qemu.domain;

import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QmpConnectionLostException;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QmpInterruptedException;
import dev.drover.qemu.qmp.QmpProtocolException;
import dev.drover.qemu.qmp.QmpRefusedException;
import dev.drover.qemu.qmp.QmpTimeoutException;
import dev.drover.spi.DurationWords;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;

/** Says in the API's terms what a failed monitor command means. */
public final class MonitorErrors {

  private MonitorErrors() {}

  /**
   * The failure as callers see it; the cause is kept, and tells whether the command may have run.
   *
   * @param domain name of the domain
   */
  public static DriverException of(String domain, QmpException failure) {
    return switch (failure) {
      case QmpCommandException refused ->
          DriverException.causedBy(
              refused,
              ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
              "the hypervisor of domain '%s' refused %s: %s"
                  .formatted(domain, refused.command(), refused.description()),
              "domain",
              domain,
              "command",
              refused.command(),
              "error_class",
              refused.errorClass());
      case QmpConnectionLostException lost -> connectionLost(domain, lost.command(), lost);
      case QmpTimeoutException late ->
          DriverException.causedBy(
              late,
              ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE,
              ("the hypervisor of domain '%s' did not answer %s within %s; look at the domain"
                      + " again later, or destroy it")
                  .formatted(domain, late.command(), DurationWords.of(late.deadline())),
              "domain",
              domain,
              "command",
              late.command());
      case QmpProtocolException garbled ->
          DriverException.causedBy(
              garbled,
              ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
              "the hypervisor of domain '%s' answered something that is not QMP: %s"
                  .formatted(domain, garbled.getMessage()),
              "domain",
              domain);
      case QmpRefusedException unsafe ->
          DriverException.causedBy(
              unsafe,
              ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
              "domain '%s': %s".formatted(domain, unsafe.getMessage()),
              "domain",
              domain,
              "command",
              unsafe.command());
      case QmpInterruptedException interrupted ->
          DriverException.causedBy(
              interrupted,
              ErrorReason.ERROR_REASON_CALL_CANCELLED,
              "the call on domain '%s' was given up".formatted(domain),
              "domain",
              domain);
    };
  }

  /** The failure of a monitor that is not connected. */
  static DriverException notConnected(String domain) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST,
        "the monitor of domain '%s' is not connected; look at the domain again in a moment"
            .formatted(domain),
        "domain",
        domain);
  }

  private static DriverException connectionLost(String domain, String command, QmpException lost) {
    return DriverException.causedBy(
        lost,
        ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST,
        "the hypervisor of domain '%s' ended or its monitor closed during %s: %s"
            .formatted(domain, command.isEmpty() ? "a command" : command, lost.getMessage()),
        "domain",
        domain,
        "command",
        command);
  }
}
