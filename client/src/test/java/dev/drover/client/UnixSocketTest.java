package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.v1.DomainState;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UnixSocketTest { // R13: Java's own sockets, no native library
  @TempDir private Path directory;

  @Test
  void aUnixSocketIsReachedAndLeftAtOnce() throws IOException, InterruptedException {
    Path socket = directory.resolve("droverd.sock");
    FakeDomains domains = new FakeDomains();
    domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    Server server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .addService(domains)
            .build()
            .start();
    try (Drover drover = Drover.connect("qemu+unix:///session?socket=" + socket)) {
      assertThat(drover.domains().list())
          .extracting(domain -> domain.getSpec().getName())
          .containsExactly("web");
      assertThat(drover.endpoint()).isEqualTo("unix socket " + socket);
    } finally {
      server.shutdownNow();
      server.awaitTermination(10, TimeUnit.SECONDS);
      loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(10_000);
    }
  }

  @Test
  void aSocketThatIsNotThereIsNamed() {
    Path socket = directory.resolve("none.sock");
    try (Drover drover = Drover.connect("qemu+unix:///session?socket=" + socket)) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.host().version()))
          .hasMessageContaining(socket.toString())
          .hasMessageContaining("start it with 'droverd'");
    }
  }
}
