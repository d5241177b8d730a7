package dev.drover.conformance;

import dev.drover.v1.DomainSpec;
import io.grpc.Channel;

/**
 * What a driver's author provides: a daemon to talk to, and how domains and images are made there.
 * The suite opens one target for a run and closes it at the end.
 */
public interface ConformanceTarget extends AutoCloseable {

  /** Name of the target in reports: small letters, digits and dashes. */
  String name();

  /** How the daemon is reached; asked again after {@link #restartDaemon}. */
  Channel channel();

  /** Connection URI of the driver under test, sent with every call. */
  String connectionUri();

  /**
   * A small domain of this name, without disks, that starts within seconds and needs no guest
   * software. The suite adds the disks.
   */
  DomainSpec domain(String name);

  /** Images and guests of the driver under test. */
  GuestWorld world();

  /**
   * Ends the daemon as a service restart would, and starts it again on the same state. Domains that
   * the driver can adopt are not touched (R27).
   *
   * @return false where this target cannot do so; nothing has happened then
   */
  default boolean restartDaemon() {
    return false;
  }

  @Override
  void close();
}
