package dev.drover.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.WatchResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R6: an event costs little for each of its many watchers. */
class SharedBytesTest {

  private static final ServerServiceDefinition EVENTS =
      new EventServiceGrpc.EventServiceImplBase() {}.bindService();
  private static final ServerServiceDefinition HOST =
      new HostServiceGrpc.HostServiceImplBase() {}.bindService();

  private final MethodDescriptor.Marshaller<Object> marshaller =
      responses(SharedBytes.ofStreams(EVENTS), EventServiceGrpc.getWatchMethod());

  @SuppressWarnings("unchecked") // the methods of the stubs are what they say
  private static MethodDescriptor.Marshaller<Object> responses(
      ServerServiceDefinition service, MethodDescriptor<?, ?> method) {
    ServerMethodDefinition<?, ?> found = service.getMethod(method.getFullMethodName());
    return (MethodDescriptor.Marshaller<Object>)
        found.getMethodDescriptor().getResponseMarshaller();
  }

  private static WatchResponse message(long revision) {
    return WatchResponse.newBuilder().setRevision(revision).build();
  }

  /** What gRPC is handed for a message, by array. */
  private List<byte[]> handed(WatchResponse message) throws IOException {
    List<byte[]> arrays = new ArrayList<>();
    InputStream written = marshaller.stream(message);
    assertThat(((KnownLength) written).available()).isEqualTo(message.getSerializedSize());
    int length =
        ((Drainable) written)
            .drainTo(
                new OutputStream() {
                  @Override
                  public void write(int one) {
                    throw new AssertionError("the bytes come in one piece");
                  }

                  @Override
                  public void write(byte[] bytes, int from, int count) {
                    arrays.add(bytes);
                  }
                });
    assertThat(length).isEqualTo(message.getSerializedSize());
    assertThat(written.available()).isZero();
    return arrays;
  }

  @Test
  void aMessageForManyStreamsIsWrittenOnce() throws IOException {
    WatchResponse message = message(7);
    List<byte[]> first = handed(message);
    assertThat(first).hasSize(1);
    assertThat(handed(message).getFirst()).isSameAs(first.getFirst());
  }

  @Test
  void everyStreamReadsItsOwnMessageFromTheBeginning() {
    WatchResponse one = message(7);
    WatchResponse other = message(8);
    InputStream first = marshaller.stream(one);
    InputStream between = marshaller.stream(other);
    InputStream again = marshaller.stream(one);
    assertThat(marshaller.parse(first)).isEqualTo(one);
    assertThat(marshaller.parse(between)).isEqualTo(other);
    assertThat(marshaller.parse(again)).isEqualTo(one);
  }

  @Test
  void callsWithOneAnswerAreLeftAlone() {
    assertThat(responses(SharedBytes.ofStreams(HOST), HostServiceGrpc.getGetVersionMethod()))
        .isSameAs(HostServiceGrpc.getGetVersionMethod().getResponseMarshaller());
  }
}
