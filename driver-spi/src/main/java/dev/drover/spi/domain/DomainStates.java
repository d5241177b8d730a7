package dev.drover.spi.domain;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;

/** What a domain's state allows. */
public final class DomainStates {

  private DomainStates() {}

  /** True where a hypervisor process runs the domain. */
  public static boolean active(Domain domain) {
    return switch (domain.getStatus().getState()) {
      case DOMAIN_STATE_RUNNING, DOMAIN_STATE_PAUSED, DOMAIN_STATE_IN_SHUTDOWN -> true;
      case DOMAIN_STATE_SHUT_OFF,
          DOMAIN_STATE_CRASHED,
          DOMAIN_STATE_UNKNOWN,
          DOMAIN_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  /**
   * Refuses where no hypervisor process runs the domain.
   *
   * @throws DriverException DOMAIN_NOT_RUNNING
   */
  public static void requireActive(Domain domain) {
    if (!active(domain)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING,
          "domain '%s' is not running (%s); start it first"
              .formatted(domain.getSpec().getName(), text(domain.getStatus().getState())),
          "domain",
          domain.getSpec().getName(),
          "state",
          text(domain.getStatus().getState()));
    }
  }

  /**
   * Refuses where a hypervisor process runs the domain.
   *
   * @throws DriverException DOMAIN_ALREADY_RUNNING
   */
  public static void requireInactive(Domain domain) {
    if (active(domain)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_ALREADY_RUNNING,
          "domain '%s' is already %s"
              .formatted(domain.getSpec().getName(), text(domain.getStatus().getState())),
          "domain",
          domain.getSpec().getName(),
          "state",
          text(domain.getStatus().getState()));
    }
  }

  /**
   * Refuses where no definition is stored.
   *
   * @throws DriverException DOMAIN_TRANSIENT
   */
  public static void requirePersistent(Domain domain) {
    if (!domain.getStatus().getPersistent()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT,
          "domain '%s' is transient; define it first".formatted(domain.getSpec().getName()),
          "domain",
          domain.getSpec().getName());
    }
  }

  /** The state as people call it. */
  public static String text(DomainState state) {
    return switch (state) {
      case DOMAIN_STATE_RUNNING -> "running";
      case DOMAIN_STATE_PAUSED -> "paused";
      case DOMAIN_STATE_IN_SHUTDOWN -> "in shutdown";
      case DOMAIN_STATE_SHUT_OFF -> "shut off";
      case DOMAIN_STATE_CRASHED -> "crashed";
      case DOMAIN_STATE_UNKNOWN, DOMAIN_STATE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }
}
