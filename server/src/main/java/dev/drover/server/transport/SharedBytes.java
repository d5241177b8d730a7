package dev.drover.server.transport;

import com.google.protobuf.Message;
import dev.drover.server.guard.ServiceMethods;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Writes a message that many streams are sent one after the other as the same bytes. Only the
 * message written last is remembered, and known by being the same object.
 *
 * @param <R> type of the messages
 */
public final class SharedBytes<R> implements Marshaller<R> {

  private final Marshaller<R> messages;
  private volatile Optional<Written> last = Optional.empty();

  private SharedBytes(Marshaller<R> messages) {
    this.messages = messages;
  }

  /** A message and its bytes. */
  private static final class Written {

    private final Message message;
    private final byte[] bytes;

    Written(Message message) {
      this.message = message;
      this.bytes = message.toByteArray();
    }

    @SuppressWarnings(
        "ReferenceEquality") // to compare what they say would cost as much as to write
    boolean is(Message other) {
      return message == other;
    }
  }

  /** The same service, whose streams share the bytes of a message. */
  public static ServerServiceDefinition ofStreams(ServerServiceDefinition service) {
    return ServiceMethods.changed(service, SharedBytes::sharing);
  }

  private static <Q, R> ServerMethodDefinition<Q, R> sharing(ServerMethodDefinition<Q, R> method) {
    MethodDescriptor<Q, R> own = method.getMethodDescriptor();
    return own.getType() == MethodType.SERVER_STREAMING
        ? ServerMethodDefinition.create(
            own.toBuilder(
                    own.getRequestMarshaller(), new SharedBytes<>(own.getResponseMarshaller()))
                .build(),
            method.getServerCallHandler())
        : method;
  }

  @Override
  public InputStream stream(R value) {
    return value instanceof Message message ? new Bytes(written(message)) : messages.stream(value);
  }

  private byte[] written(Message message) {
    Optional<Written> known = last;
    if (known.isPresent() && known.get().is(message)) {
      return known.get().bytes;
    }
    Written made = new Written(message);
    last = Optional.of(made);
    return made.bytes;
  }

  @Override
  public R parse(InputStream bytes) {
    return messages.parse(bytes);
  }

  /** Bytes that gRPC takes over in one piece. */
  private static final class Bytes extends ByteArrayInputStream implements Drainable, KnownLength {

    Bytes(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int length = count - pos;
      target.write(buf, pos, length);
      pos = count;
      return length;
    }
  }
}
