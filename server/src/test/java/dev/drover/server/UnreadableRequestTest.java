package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.drover.server.fake.ApiMethods;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R18: bytes that are no request are the client's mistake, and are told as that. */
class UnreadableRequestTest {

  /** A field with the number 0, which there is not. */
  private static final byte[] NO_MESSAGE = {1, 1};

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();

  @Test
  void everyMethodRefusesWhatItCannotRead() {
    try (RunningDaemon daemon = RunningDaemon.onSocket(directory, provider)) {
      for (MethodDescriptor<Message, Message> method : ApiMethods.all().toList()) {
        StatusRuntimeException failure = failure(daemon, method);
        assertThat(failure.getStatus().getCode())
            .as(method.getFullMethodName())
            .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("INVALID_ARGUMENT");
        assertThat(failure).hasMessageContaining("cannot be read");
      }
      assertThat(provider.driver().seen()).isEmpty();
    }
  }

  @Test
  void servicesBesideTheApiRefuseItToo() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, provider)) {
      Stream.of(HealthGrpc.getCheckMethod(), HealthGrpc.getWatchMethod())
          .map(method -> failure(daemon, method))
          .forEach(
              failure ->
                  assertThat(failure.getStatus().getCode())
                      .isEqualTo(Status.Code.INVALID_ARGUMENT));
    }
  }

  private static StatusRuntimeException failure(
      RunningDaemon daemon, MethodDescriptor<?, ?> method) {
    try {
      var answers =
          ClientCalls.blockingServerStreamingCall(
              daemon.channel(), bytes(method), RunningDaemon.options(), NO_MESSAGE);
      throw new AssertionError(method.getFullMethodName() + " answered " + List.of(answers.next()));
    } catch (StatusRuntimeException e) {
      return e;
    }
  }

  private static <R> MethodDescriptor<byte[], R> bytes(MethodDescriptor<?, R> method) {
    Marshaller<byte[]> raw =
        new Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException("a client reads no requests");
          }
        };
    return method.toBuilder(raw, method.getResponseMarshaller()).build();
  }
}
