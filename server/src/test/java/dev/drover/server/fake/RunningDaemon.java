package dev.drover.server.fake;

import com.google.rpc.ErrorInfo;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.identity.CallerSource;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** An embedded daemon and a channel to it, closed together. */
public final class RunningDaemon implements AutoCloseable {

  private final EmbeddedDaemon daemon;
  private final ManagedChannel channel;
  private final Runnable after;

  private RunningDaemon(EmbeddedDaemon daemon, ManagedChannel channel, Runnable after) {
    this.daemon = daemon;
    this.channel = channel;
    this.after = after;
  }

  /** A daemon reached within the process. */
  public static RunningDaemon inProcess(Path directory, FakeProvider... providers) {
    return inProcess(directory, plan -> plan, providers);
  }

  /** A daemon reached within the process, with changes to its plan. */
  public static RunningDaemon inProcess(
      Path directory, UnaryOperator<EmbeddedDaemon.Plan> change, FakeProvider... providers) {
    String name = UUID.randomUUID().toString();
    EmbeddedDaemon daemon = change.apply(EmbeddedDaemon.in(directory, providers)).inProcess(name);
    return new RunningDaemon(daemon, InProcessChannelBuilder.forName(name).build(), () -> {});
  }

  /** A daemon reached within the process, with a policy and callers that the test chooses. */
  public static RunningDaemon governed(
      Path directory, Path policy, CallerSource callers, FakeProvider... providers) {
    DaemonConfig defaults = ConfigReader.defaults();
    DaemonConfig config =
        new DaemonConfig(
            defaults.defaultUri(),
            defaults.shutdownGrace(),
            defaults.logging(),
            defaults.limits(),
            defaults.keepAlive(),
            new DaemonConfig.Access(Optional.of(policy), false),
            defaults.tls(),
            defaults.metrics(),
            defaults.tracing(),
            defaults.drivers());
    String name = UUID.randomUUID().toString();
    EmbeddedDaemon daemon =
        EmbeddedDaemon.in(directory, providers).config(config).inProcess(name, callers);
    return new RunningDaemon(daemon, InProcessChannelBuilder.forName(name).build(), () -> {});
  }

  /** A daemon reached over a unix socket. */
  public static RunningDaemon onSocket(Path directory, FakeProvider... providers) {
    Path socket = directory.resolve("d.sock");
    EmbeddedDaemon daemon = EmbeddedDaemon.in(directory, providers).onSocket(socket);
    EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(threads)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    return new RunningDaemon(
        daemon,
        channel,
        () -> threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2_000));
  }

  /** The channel. */
  public Channel channel() {
    return channel;
  }

  /** The channel with metadata on every call. */
  public Channel with(String key, String value) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value);
    ClientInterceptor attach = MetadataUtils.newAttachHeadersInterceptor(metadata);
    return ClientInterceptors.intercept(channel, attach);
  }

  /** Where the daemon serves metrics on TCP; empty: it does not. */
  public Optional<InetSocketAddress> metrics() {
    return daemon.metrics();
  }

  /** Stops the daemon and leaves the channel to the test. */
  public void stopDaemon() {
    daemon.close();
  }

  /** What the daemon said about a failed call. */
  public static ErrorInfo info(StatusRuntimeException failure) {
    return Optional.ofNullable(StatusProto.fromThrowable(failure))
        .orElseThrow()
        .getDetailsList()
        .stream()
        .filter(detail -> detail.is(ErrorInfo.class))
        .map(
            detail -> {
              try {
                return detail.unpack(ErrorInfo.class);
              } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
              }
            })
        .findFirst()
        .orElseThrow();
  }

  /** Options of a call that a test makes by descriptor. */
  public static CallOptions options() {
    return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    daemon.close();
    after.run();
  }
}
