package dev.drover.server.guard;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import io.grpc.ForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Bytes that are no message of the method's request. They travel to the guards in the place of a
 * message, since gRPC itself would end the call with UNKNOWN and no reason (R18).
 *
 * @param why what is wrong with them
 */
public record UnreadableRequest(String why) {

  DriverException refusal() {
    return DriverException.of(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        "the request cannot be read: %s; make it with the stubs of this API".formatted(why));
  }

  /** The same service, whose guards are handed what cannot be read. */
  public static ServerServiceDefinition toGuards(ServerServiceDefinition service) {
    return ServiceMethods.changed(service, UnreadableRequest::open);
  }

  @SuppressWarnings("unchecked") // whatever is no Q ends at the listener below
  private static <Q, R> ServerMethodDefinition<Object, R> open(
      ServerMethodDefinition<Q, R> method) {
    MethodDescriptor<Q, R> strict = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        strict.toBuilder(new Reader<>(strict), strict.getResponseMarshaller()).build(),
        (ServerCallHandler<Object, R>) (ServerCallHandler<?, R>) method.getServerCallHandler());
  }

  /** The same listener, which of a request that cannot be read only hears that the call is over. */
  static <Q> ServerCall.Listener<Q> refusedBefore(
      ServerCall.Listener<Q> listener, GuardedCall<Q, ?> call) {
    return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(listener) {
      private boolean refused;

      @Override
      public void onMessage(Q received) {
        if ((Object) received instanceof UnreadableRequest unreadable) {
          refused = true;
          call.fail(unreadable.refusal());
        } else {
          super.onMessage(received);
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }

  private static final class Reader<Q> implements Marshaller<Object> {
    private final MethodDescriptor<Q, ?> method;

    Reader(MethodDescriptor<Q, ?> method) {
      this.method = method;
    }

    @Override
    public Object parse(InputStream bytes) {
      try {
        return method.parseRequest(bytes);
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.INTERNAL) {
          throw e;
        }
        return new UnreadableRequest(
            e.getCause() instanceof InvalidProtocolBufferException malformed
                ? String.valueOf(malformed.getMessage())
                : String.valueOf(e.getStatus().getDescription()));
      }
    }

    @Override
    public InputStream stream(Object request) {
      throw new UnsupportedOperationException("a server sends no requests");
    }
  }
}
