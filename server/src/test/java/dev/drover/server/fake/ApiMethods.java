package dev.drover.server.fake;

import com.google.protobuf.Message;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.Rule;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.ClientCalls;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;

/** Every method of the API, from the descriptors that clients have. */
public final class ApiMethods {

  private ApiMethods() {}

  /** The methods. */
  @SuppressWarnings("unchecked") // every request and response of the API is a message
  public static Stream<MethodDescriptor<Message, Message>> all() {
    return Stream.of(
            HostServiceGrpc.getServiceDescriptor(),
            DomainServiceGrpc.getServiceDescriptor(),
            BlockServiceGrpc.getServiceDescriptor(),
            SnapshotServiceGrpc.getServiceDescriptor(),
            JobServiceGrpc.getServiceDescriptor(),
            EventServiceGrpc.getServiceDescriptor(),
            TestControlServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .map(method -> (MethodDescriptor<Message, Message>) method);
  }

  /** The descriptor of a method. */
  public static com.google.protobuf.Descriptors.MethodDescriptor descriptor(
      MethodDescriptor<?, ?> method) {
    return ((ProtoMethodDescriptorSupplier) Objects.requireNonNull(method.getSchemaDescriptor()))
        .getMethodDescriptor();
  }

  /** The rule that a method declares. */
  public static Rule rule(MethodDescriptor<?, ?> method) {
    return descriptor(method).getOptions().getExtension(OptionsProto.rule);
  }

  /** A request of a method without any field. */
  public static Message empty(MethodDescriptor<Message, Message> method) {
    return Objects.requireNonNull(
        ((PrototypeMarshaller<Message>) method.getRequestMarshaller()).getMessagePrototype());
  }

  /**
   * Calls a method and answers the reason of its failure, or OK. A stream is given up after its
   * first message.
   */
  public static String outcome(
      Channel channel, MethodDescriptor<Message, Message> method, Message request) {
    try {
      if (method.getType().serverSendsOneMessage()) {
        ClientCalls.blockingUnaryCall(channel, method, RunningDaemon.options(), request);
      } else {
        io.grpc.Context.CancellableContext context = io.grpc.Context.current().withCancellation();
        try {
          context.run(
              () -> {
                Iterator<Message> stream =
                    ClientCalls.blockingServerStreamingCall(
                        channel, method, RunningDaemon.options(), request);
                stream.next();
              });
        } finally {
          context.cancel(null);
        }
      }
      return "OK";
    } catch (StatusRuntimeException e) {
      return RunningDaemon.info(e).getReason();
    }
  }
}
