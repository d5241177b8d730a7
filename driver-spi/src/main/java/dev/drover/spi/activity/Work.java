package dev.drover.spi.activity;

/** Something that lasts, and that may last longer than it should (R4, R21). */
public sealed interface Work {

  /** Uuid of the domain it is done for; empty: for none, or that is not known yet. */
  String domainUuid();

  /** Name of that domain; empty where {@link #domainUuid} is. */
  String domainName();

  /**
   * A command that a hypervisor has not answered.
   *
   * @param command name of the command, one of a fixed set: metrics have it as a label
   */
  record Command(String domainUuid, String domainName, String command) implements Work {}

  /**
   * The lane of a domain, held: nobody else changes the domain meanwhile.
   *
   * @param operation what it is held for, for people
   */
  record LaneHeld(String domainUuid, String domainName, String operation) implements Work {}

  /**
   * A wait for the lane of a domain.
   *
   * @param operation what it is wanted for, for people
   */
  record LaneAwaited(String domainUuid, String domainName, String operation) implements Work {}
}
