package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.server.failure.FailureMapper;
import dev.drover.server.guard.GuardBench.Transport;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R18: bytes that are no request get to the guards, and no further. */
class UnreadableRequestTest {

  private static final MethodDescriptor<StartDomainRequest, StartDomainResponse> START =
      DomainServiceGrpc.getStartDomainMethod();
  private static final StartDomainRequest REQUEST =
      StartDomainRequest.newBuilder().setPaused(true).build();

  private final List<String> heard = new ArrayList<>();
  private final ServerCall.Listener<StartDomainRequest> guards =
      new ServerCall.Listener<>() {
        @Override
        public void onMessage(StartDomainRequest message) {
          heard.add("message");
        }

        @Override
        public void onHalfClose() {
          heard.add("end");
        }

        @Override
        public void onCancel() {
          heard.add("cancel");
        }
      };

  /** The one method of the service as the guards are handed it. */
  private static ServerMethodDefinition<?, ?> opened(
      MethodDescriptor<StartDomainRequest, StartDomainResponse> method,
      ServerCallHandler<StartDomainRequest, StartDomainResponse> handler) {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("drover.v1.DomainService")
            .addMethod(method, handler)
            .build();
    return UnreadableRequest.toGuards(service).getMethods().iterator().next();
  }

  private static MethodDescriptor<?, ?> opened(
      MethodDescriptor<StartDomainRequest, StartDomainResponse> method) {
    return opened(method, (_, _) -> new ServerCall.Listener<>() {}).getMethodDescriptor();
  }

  private static InputStream bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new ByteArrayInputStream(bytes);
  }

  /** A method whose requests cannot be parsed for a reason of its marshaller's own. */
  private static MethodDescriptor<StartDomainRequest, StartDomainResponse> failing(Status status) {
    return START.toBuilder(
            new Marshaller<StartDomainRequest>() {
              @Override
              public InputStream stream(StartDomainRequest value) {
                throw new AssertionError("a server sends no requests");
              }

              @Override
              public StartDomainRequest parse(InputStream stream) {
                throw status.asRuntimeException();
              }
            },
            START.getResponseMarshaller())
        .build();
  }

  @Test
  void whatCanBeReadIsRead() {
    assertThat(opened(START).parseRequest(new ByteArrayInputStream(REQUEST.toByteArray())))
        .isEqualTo(REQUEST);
  }

  @Test
  void whatCannotBeReadComesWithTheReason() {
    Object read = opened(START).parseRequest(bytes(1, 1));
    assertThat(read)
        .isInstanceOfSatisfying(
            UnreadableRequest.class,
            unreadable -> {
              assertThat(unreadable.why()).contains("invalid tag");
              assertThat(unreadable.refusal().reason())
                  .isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
              assertThat(unreadable.refusal())
                  .hasMessageContaining("cannot be read")
                  .hasMessageContaining(unreadable.why());
            });
  }

  @Test
  void whatIsNotTheBytesFaultKeepsItsDescription() {
    assertThat(opened(failing(Status.INTERNAL.withDescription("too deep"))).parseRequest(bytes()))
        .isEqualTo(new UnreadableRequest("too deep"));
  }

  @Test
  void anotherFailureOfReadingIsNoUnreadableRequest() {
    MethodDescriptor<?, ?> method = opened(failing(Status.RESOURCE_EXHAUSTED));
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> method.parseRequest(bytes()))
        .extracting(StatusRuntimeException::getStatus)
        .isEqualTo(Status.RESOURCE_EXHAUSTED);
  }

  @Test
  void nobodyWritesRequests() {
    Marshaller<Object> requests = objects(opened(START).getRequestMarshaller());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> requests.stream(REQUEST));
  }

  @SuppressWarnings("unchecked") // what the guards are handed takes any object
  private static Marshaller<Object> objects(Marshaller<?> requests) {
    return (Marshaller<Object>) requests;
  }

  @Test
  void answersAndTheServiceStayAsTheyAre() {
    ServerCallHandler<StartDomainRequest, StartDomainResponse> handler = (_, _) -> guards;
    ServerMethodDefinition<?, ?> method = opened(START, handler);
    assertThat(method.getServerCallHandler()).isSameAs(handler);
    assertThat(method.getMethodDescriptor().getResponseMarshaller())
        .isSameAs(START.getResponseMarshaller());
    assertThat(method.getMethodDescriptor().getFullMethodName())
        .isEqualTo(START.getFullMethodName());
  }

  @Test
  void theServiceHearsOfARequestThatCanBeRead() {
    var transport = new Transport<>(START);
    ServerCall.Listener<StartDomainRequest> call =
        UnreadableRequest.refusedBefore(
            guards, new GuardedCall<>(transport, new FailureMapper(), _ -> {}));
    call.onMessage(REQUEST);
    call.onHalfClose();
    assertThat(heard).containsExactly("message", "end");
    assertThat(transport.sent).isEmpty();
  }

  @Test
  void theServiceHearsNothingOfOneThatCannot() {
    MethodDescriptor<Object, StartDomainResponse> any =
        START.<Object, StartDomainResponse>toBuilder(
                objects(opened(START).getRequestMarshaller()), START.getResponseMarshaller())
            .build();
    var transport = new Transport<>(any);
    List<CallResult> results = new ArrayList<>();
    ServerCall.Listener<Object> call =
        UnreadableRequest.refusedBefore(
            untyped(), new GuardedCall<>(transport, new FailureMapper(), results::add));
    call.onMessage(new UnreadableRequest("half of it is missing"));
    assertThat(transport.sent).containsExactly("INVALID_ARGUMENT");
    call.onHalfClose();
    assertThat(heard).isEmpty();
    call.onCancel();
    assertThat(heard).containsExactly("cancel");
    assertThat(results).extracting(CallResult::reason).containsExactly("INVALID_ARGUMENT");
  }

  private ServerCall.Listener<Object> untyped() {
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(Object message) {
        heard.add("message");
      }

      @Override
      public void onHalfClose() {
        heard.add("end");
      }

      @Override
      public void onCancel() {
        heard.add("cancel");
      }
    };
  }
}
