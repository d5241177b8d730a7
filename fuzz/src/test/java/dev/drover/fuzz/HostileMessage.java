package dev.drover.fuzz;

import com.google.protobuf.ByteString;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Bytes of any kind as the request of any method, to a live daemon. The first byte chooses the
 * method. A refusal is a reason of the API; INTERNAL is a bug of the daemon's, whatever was sent.
 */
public final class HostileMessage {

  private static final long DEADLINE_MILLIS = 300;

  private static final Marshaller<byte[]> BYTES =
      new Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private static final List<MethodDescriptor<byte[], byte[]>> METHODS =
      Stream.of(
              HostServiceGrpc.getServiceDescriptor(),
              DomainServiceGrpc.getServiceDescriptor(),
              BlockServiceGrpc.getServiceDescriptor(),
              JobServiceGrpc.getServiceDescriptor(),
              SnapshotServiceGrpc.getServiceDescriptor(),
              EventServiceGrpc.getServiceDescriptor())
          .flatMap(service -> service.getMethods().stream())
          .map(method -> method.toBuilder(BYTES, BYTES).build())
          .toList();

  /** Started with the first input, since whoever wants examples needs none. */
  private static final class Served {
    private static final LiveDaemon DAEMON = LiveDaemon.inProcess();
  }

  private HostileMessage() {}

  /** The domain that a test driver begins with, as the first field of every request. */
  static List<byte[]> examples() {
    return IntStream.range(0, METHODS.size())
        .mapToObj(
            method ->
                ByteString.copyFrom(new byte[] {(byte) method})
                    .concat(
                        GetDomainRequest.newBuilder()
                            .setDomain(DomainRef.newBuilder().setName("test"))
                            .build()
                            .toByteString())
                    .toByteArray())
        .toList();
  }

  /** One call. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    MethodDescriptor<byte[], byte[]> method =
        METHODS.get(Byte.toUnsignedInt(input[0]) % METHODS.size());
    byte[] request = Arrays.copyOfRange(input, 1, input.length);
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
    try {
      var answers =
          ClientCalls.blockingServerStreamingCall(
              Served.DAEMON.channel(), method, options, request);
      int heard = 0;
      while (heard < 10 && answers.hasNext()) {
        answers.next();
        heard++;
      }
    } catch (StatusRuntimeException e) {
      requireReason(method, e);
    }
    Served.DAEMON.stillServes();
  }

  private static void requireReason(
      MethodDescriptor<byte[], byte[]> method, StatusRuntimeException failure) {
    Status.Code code = failure.getStatus().getCode();
    if (code == Status.Code.INTERNAL
        || code == Status.Code.UNKNOWN
        || code == Status.Code.DATA_LOSS) {
      throw new AssertionError(
          method.getFullMethodName() + " fails by the daemon's fault", failure);
    }
  }
}
