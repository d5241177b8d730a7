package dev.drover.client.cli;

import com.google.protobuf.util.Durations;
import dev.drover.client.Drover;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.TestControlServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.nio.file.Path;
import java.util.UUID;

/** A private daemon inside the test with the hypervisor in memory, whose time the test moves. */
public final class MemoryDaemon implements AutoCloseable {
  /** The connection URI of its driver. */
  public static final String URI = "test:///default";

  private final EmbeddedDaemon daemon;
  private final ManagedChannel channel;

  /**
   * Starts it.
   *
   * @param directory where its state is kept
   * @param clock "real", or "manual" for time that stands until it is advanced
   */
  public MemoryDaemon(Path directory, String clock) {
    String name = UUID.randomUUID().toString();
    daemon =
        EmbeddedDaemon.in(directory, new TestDriverProvider())
            .setting("test", "clock", clock)
            .inProcess(name);
    channel = InProcessChannelBuilder.forName(name).build();
  }

  /** The way to it. */
  public ManagedChannel channel() {
    return channel;
  }

  /** A connection to its driver. */
  public Drover connect() {
    return Drover.builder().uri(URI).channel(channel).build();
  }

  /** The command line, connected to its driver. */
  CommandLineRun commandLine() {
    CommandLineRun run = new CommandLineRun(channel);
    run.environment.put("DROVER_URI", URI);
    return run;
  }

  /** Moves virtual time. */
  public void advance(long seconds) {
    try (Drover drover = connect()) {
      var _ =
          drover.call(
              TestControlServiceGrpc.getAdvanceClockMethod(),
              AdvanceClockRequest.newBuilder().setDuration(Durations.fromSeconds(seconds)).build());
    }
  }

  /** Lets virtual time stand, or follow real time. */
  public void stand(boolean manual) {
    try (Drover drover = connect()) {
      var _ =
          drover.call(
              TestControlServiceGrpc.getSetClockMethod(),
              SetClockRequest.newBuilder().setManual(manual).build());
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    daemon.close();
  }
}
