package dev.drover.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a client can do that has nothing of Drover but the address: it learns the API from the
 * reflection service, as grpcurl does, and speaks in messages made from that.
 */
class BareClientTest {

  private static final Metadata.Key<String> DRIVER =
      Metadata.Key.of("drover-uri", Metadata.ASCII_STRING_MARSHALLER);

  private EmbeddedDaemon daemon;
  private EventLoopGroup threads;
  private ManagedChannel connection;
  private Channel channel;
  private ReflectedApi api;

  @BeforeEach
  void connect(@TempDir Path directory) {
    Path socket = directory.resolve("droverd.sock");
    daemon = EmbeddedDaemon.in(directory, new TestDriverProvider()).onSocket(socket);
    threads = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    connection =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(threads)
            .usePlaintext()
            .build();
    Metadata headers = new Metadata();
    headers.put(DRIVER, "test:///default");
    channel =
        ClientInterceptors.intercept(
            connection, MetadataUtils.newAttachHeadersInterceptor(headers));
    api = ReflectedApi.of(channel);
  }

  @AfterEach
  void disconnect() throws InterruptedException {
    connection.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    threads.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2000);
    daemon.close();
  }

  @Test
  void listsStartsAndCommitsWithNothingButReflection() throws Exception {
    assertThat(names(call("DomainService", "ListDomains", ""))).containsExactly("test");

    call("DomainService", "DestroyDomain", "domain { name: 'test' }");
    DynamicMessage started = call("DomainService", "StartDomain", "domain { name: 'test' }");
    assertThat(started.toString()).contains("DOMAIN_STATE_RUNNING");

    assertThat(images()).hasSizeGreaterThan(1);
    DynamicMessage job =
        message(
            call(
                "BlockService",
                "BlockCommit",
                "domain { name: 'test' } disk: 'vda' active: true"
                    + " auto_complete: JOB_COMPLETION_PIVOT"),
            "job");
    DynamicMessage ended =
        message(call("JobService", "WaitJob", "job_id: '" + text(job, "id") + "'"), "job");

    assertThat(field(ended, "state").toString()).isEqualTo("JOB_STATE_SUCCEEDED");
    assertThat(images()).hasSize(1);
  }

  private List<String> names(DynamicMessage answer) {
    return list(answer, "domains").stream()
        .map(domain -> text(message(domain, "spec"), "name"))
        .toList();
  }

  private List<DynamicMessage> images() throws Exception {
    DynamicMessage answer =
        call("BlockService", "GetBackingChain", "domain { name: 'test' } disk: 'vda'");
    return list(message(answer, "chain"), "images");
  }

  private DynamicMessage call(String service, String name, String request) throws Exception {
    MethodDescriptor method = api.method("drover.v1." + service, name);
    DynamicMessage.Builder built = DynamicMessage.newBuilder(method.getInputType());
    TextFormat.merge(request, built);
    return ClientCalls.blockingUnaryCall(
        channel,
        io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
            .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("drover.v1." + service + "/" + name)
            .setRequestMarshaller(marshaller(method.getInputType()))
            .setResponseMarshaller(marshaller(method.getOutputType()))
            .build(),
        CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
        built.build());
  }

  private static io.grpc.MethodDescriptor.Marshaller<DynamicMessage> marshaller(Descriptor type) {
    return ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(type));
  }

  private static Object field(Message message, String name) {
    return message.getField(message.getDescriptorForType().findFieldByName(name));
  }

  private static String text(Message message, String name) {
    return (String) field(message, name);
  }

  private static DynamicMessage message(Message message, String name) {
    return (DynamicMessage) field(message, name);
  }

  private static List<DynamicMessage> list(Message message, String name) {
    return ((List<?>) field(message, name)).stream().map(DynamicMessage.class::cast).toList();
  }
}
