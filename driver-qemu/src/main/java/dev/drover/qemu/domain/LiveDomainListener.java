package dev.drover.qemu.domain;

/**
 * Hears of QEMU processes that come and go. Called on virtual threads, for one domain one call
 * after another.
 */
public interface LiveDomainListener {

  /**
   * The driver talks to this QEMU: it was started, found at the start of the daemon, or its monitor
   * was connected again. What an earlier connection had under way has to be looked at anew.
   */
  void onAdopted(LiveDomain domain);

  /**
   * This QEMU answers again on the same connection after a silence; a command that passed its
   * deadline may or may not have run.
   */
  default void onAnswering(LiveDomain domain) {}

  /**
   * This QEMU has ended; its monitor and its nodes are gone. Called before the domain is shown as
   * stopped: when the listener returns, whatever it had to do with the domain is closed. The
   * domain's lane may be held by the call that ended it and must not be entered here.
   */
  void onEnded(LiveDomain domain, DomainEnd how);
}
