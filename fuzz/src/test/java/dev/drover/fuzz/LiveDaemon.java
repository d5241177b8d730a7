package dev.drover.fuzz;

import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.HostServiceGrpc;
import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A daemon with the test driver for as long as the process lives, and whether it still serves. */
final class LiveDaemon {

  private static final int LOOK_EVERY = 100;
  private static final long PATIENCE_SECONDS = 10;

  private final Channel channel;
  private int inputs;

  private LiveDaemon(Channel channel) {
    this.channel = channel;
  }

  /** One that is reached within the process. */
  static LiveDaemon inProcess() {
    String name = "fuzz";
    var _ = EmbeddedDaemon.in(directory(), new TestDriverProvider()).inProcess(name);
    return new LiveDaemon(InProcessChannelBuilder.forName(name).build());
  }

  /** One that is reached over a socket. */
  static LiveDaemon onSocket(Path socket) {
    var _ = EmbeddedDaemon.in(directory(), new TestDriverProvider()).onSocket(socket);
    return new LiveDaemon(
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
            .overrideAuthority("localhost")
            .usePlaintext()
            .build());
  }

  static Path directory() {
    try {
      return Files.createTempDirectory("drover-fuzz-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Channel channel() {
    return channel;
  }

  /** To be called after each input: now and then an honest client asks, and must be answered. */
  void stillServes() {
    inputs++;
    if (inputs % LOOK_EVERY == 0) {
      var _ =
          HostServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .getVersion(GetVersionRequest.getDefaultInstance());
    }
  }
}
