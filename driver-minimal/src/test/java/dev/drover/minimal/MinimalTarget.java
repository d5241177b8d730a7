package dev.drover.minimal;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.v1.DomainSpec;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.nio.file.Path;

/** A daemon with this driver alone, in the test's own process. */
final class MinimalTarget implements ConformanceTarget {

  private static final String NAME = "minimal-in-process";

  private final EmbeddedDaemon.Plan plan;
  private final ManagedChannel channel = InProcessChannelBuilder.forName(NAME).build();
  private EmbeddedDaemon daemon;

  MinimalTarget(Path directory) {
    this.plan = EmbeddedDaemon.in(directory, new MinimalDriverProvider());
    this.daemon = plan.inProcess(NAME);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public String connectionUri() {
    return "minimal:///default";
  }

  @Override
  public DomainSpec domain(String name) {
    return DomainSpec.newBuilder().setName(name).setMemoryBytes(32L << 20).build();
  }

  @Override
  public boolean restartDaemon() {
    daemon.close();
    daemon = plan.inProcess(NAME);
    channel.resetConnectBackoff();
    return true;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    daemon.close();
  }
}
