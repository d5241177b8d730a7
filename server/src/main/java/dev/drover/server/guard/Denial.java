package dev.drover.server.guard;

import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;

/** The failures of callers who lack a permission. */
final class Denial {

  private Denial() {}

  /** The caller does not have it at all. */
  static DriverException of(Caller caller, String permission) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_PERMISSION_DENIED,
        "%s lacks the permission %s; a role in the daemon's policy file can give it"
            .formatted(caller.principal(), permission),
        "permission",
        permission,
        "principal",
        caller.principal());
  }

  /** The caller does not have it on a domain that the caller may know of. */
  static DriverException on(Caller caller, String permission, String domain) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_PERMISSION_DENIED,
        "%s lacks the permission %s on the domain '%s'; a role in the daemon's policy file can give it"
            .formatted(caller.principal(), permission, domain),
        "permission",
        permission,
        "principal",
        caller.principal(),
        "domain",
        domain);
  }
}
