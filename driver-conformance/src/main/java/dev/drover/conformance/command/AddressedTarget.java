package dev.drover.conformance.command;

import dev.drover.client.Drover;
import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.GuestWorld;
import dev.drover.v1.DomainSpec;
import io.grpc.Channel;
import java.util.Optional;
import java.util.function.Function;

/** A daemon that is reached as every client reaches it. */
final class AddressedTarget implements ConformanceTarget {
  private final String name;
  private final String clientUri;
  private final String connectionUri;
  private final DomainSpec template;
  private final Optional<PrivateDaemon> daemon;
  private final Scratch scratch;
  private final GuestWorld world;
  private Drover drover;

  /**
   * Connects.
   *
   * @param clientUri how the daemon is reached
   * @param connectionUri driver under test, as the daemon names it
   * @param template domain that the cases start from
   * @param daemon the daemon, where it is the run's own
   * @param scratch where the run's files are
   * @param world makes the world of this target
   */
  AddressedTarget(
      String clientUri,
      String connectionUri,
      DomainSpec template,
      Optional<PrivateDaemon> daemon,
      Scratch scratch,
      Function<ConformanceTarget, GuestWorld> world) {
    this.name = connectionUri.replaceAll("[^a-z0-9]+", "-");
    this.clientUri = clientUri;
    this.connectionUri = connectionUri;
    this.template = template;
    this.daemon = daemon;
    this.scratch = scratch;
    this.drover = Drover.connect(clientUri);
    this.world = world.apply(this);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Channel channel() {
    return drover.bareChannel();
  }

  @Override
  public String connectionUri() {
    return connectionUri;
  }

  @Override
  public DomainSpec domain(String domain) {
    return template.toBuilder().setName(domain).build();
  }

  @Override
  public GuestWorld world() {
    return world;
  }

  @Override
  public boolean restartDaemon() {
    if (daemon.isEmpty()) {
      return false;
    }
    drover.close();
    daemon.get().restart();
    drover = Drover.connect(clientUri);
    return true;
  }

  @Override
  public boolean traces() {
    return daemon.isPresent();
  }

  @Override
  public void close() {
    try (scratch) {
      drover.close();
      daemon.ifPresent(PrivateDaemon::close);
    }
  }
}
