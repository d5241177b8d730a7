package dev.drover.conformance;

import dev.drover.v1.DomainSpec;
import io.grpc.Channel;
import java.time.Duration;

/**
 * What a driver's author provides: a daemon to talk to, and how domains and images are made there.
 * The suite opens one target for a run and closes it at the end.
 */
public interface ConformanceTarget extends AutoCloseable {

  /**
   * Long enough for any call on a busy machine whose disk has minutes of other people's data to
   * write before it makes anything durable; a call that needs it has gone wrong.
   */
  Duration PATIENCE = Duration.ofMinutes(5);

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

  /**
   * Images and guests of the driver under test. Only a driver that declares CAPABILITY_BLOCK_CHAIN
   * needs any, so that {@link NoImages} does unless this says otherwise.
   */
  default GuestWorld world() {
    return new NoImages();
  }

  /**
   * Ends the daemon as a service restart would, and starts it again on the same state. Domains that
   * the driver can adopt are not touched (R27).
   *
   * @return false where this target cannot do so; nothing has happened then
   */
  default boolean restartDaemon() {
    return false;
  }

  /**
   * How long a call, and the wait for an event, may take: {@link #PATIENCE} unless the target's
   * world needs no machine's time.
   */
  default Duration patience() {
    return PATIENCE;
  }

  /**
   * Whether the daemon is known to trace calls of clients that ask for it. Otherwise a job that
   * tells no call shows nothing, and the case is out of reach.
   */
  default boolean traces() {
    return false;
  }

  @Override
  void close();
}
