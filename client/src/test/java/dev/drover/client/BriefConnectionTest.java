package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.LONG;

import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DefineDomainResponse;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GetDomainResponse;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A connection for a few calls, against gRPC's own server. */
@Timeout(60)
class BriefConnectionTest {
  @TempDir private Path directory;
  private final FakeDomains domains = new FakeDomains();
  private final List<Metadata> received = new CopyOnWriteArrayList<>();
  private Path socket;

  @BeforeEach
  void begin() {
    socket = directory.resolve("droverd.sock");
    domains.add("web", DomainState.DOMAIN_STATE_SHUT_OFF, 0);
  }

  @Test
  void callsCarryWhatOthersCarry() { // A4
    try (var _ = daemon();
        Drover drover = builder().readOnly(true).deadline(Duration.ofSeconds(40)).build()) {
      assertThat(drover.domains().list())
          .extracting(domain -> domain.getSpec().getName())
          .containsExactly("web");
    }
    Metadata headers = received.getFirst();
    assertThat(headers.get(FakeDaemon.URI)).isEqualTo("qemu:///session");
    assertThat(headers.get(FakeDaemon.READ_ONLY)).isEqualTo("true");
    assertThat(headers.get(Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER)))
        .isEqualTo("drover");
  }

  @Test
  void eachChangeHasARequestIdAndHappensOnce() { // R7
    try (var _ = daemon();
        Drover drover = builder().build()) {
      drover.domain("web").start();
      drover.domain("web").start();
    }
    assertThat(domains.starts()).isEqualTo(2);
  }

  @Test
  void failuresAreTold() { // R18
    try (var _ = daemon();
        Drover drover = builder().build()) {
      DroverException failure =
          catchThrowableOfType(DroverException.class, () -> drover.domain("nöbody").get());

      assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
      assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND);
      assertThat(failure)
          .hasMessage("Domain 'nöbody' does not exist; 'list --all' shows those that do");
      assertThat(failure.metadata()).containsExactly(Map.entry("domain", "nöbody"));
    }
  }

  @Test
  void aTextWithoutDetailsIsTold() {
    try (var _ =
            new SocketDaemon(
                socket,
                new DomainServiceGrpc.DomainServiceImplBase() {
                  @Override
                  public void getDomain(
                      GetDomainRequest request, StreamObserver<GetDomainResponse> response) {
                    response.onError(
                        Status.ABORTED.withDescription("50 % für\nnichts").asException());
                  }
                });
        Drover drover = builder().build()) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.domain("web").get()))
          .hasMessage("ABORTED: 50 % für\nnichts");
    }
  }

  @Test
  void aLargeAnswerIsReadAndALargeRequestSent() { // R29
    String text = "x".repeat(3 << 20);
    try (var _ =
            new SocketDaemon(
                socket,
                new DomainServiceGrpc.DomainServiceImplBase() {
                  @Override
                  public void getDomain(
                      GetDomainRequest request, StreamObserver<GetDomainResponse> response) {
                    response.onNext(
                        GetDomainResponse.newBuilder()
                            .setDomain(Domain.newBuilder().setEtag(text))
                            .build());
                    response.onCompleted();
                  }

                  @Override
                  public void defineDomain(
                      DefineDomainRequest request, StreamObserver<DefineDomainResponse> response) {
                    domains.defineDomain(request, response);
                  }
                });
        Drover drover = builder().build()) {
      assertThat(drover.domain("web").get().getEtag()).isEqualTo(text);
      for (int size : List.of(60_000, 65_600, 200_000)) {
        DomainSpec spec = DomainSpec.newBuilder().setTitle("t".repeat(size)).build();

        assertThat(drover.domains().define(spec).getSpec().getTitle()).hasSize(size);
      }
    }
  }

  @Test
  void theDaemonKnowsTheDeadline() { // R10
    List<Long> left = new CopyOnWriteArrayList<>();
    try (var _ =
            new SocketDaemon(
                socket,
                new DomainServiceGrpc.DomainServiceImplBase() {
                  @Override
                  public void getDomain(
                      GetDomainRequest request, StreamObserver<GetDomainResponse> response) {
                    Optional.ofNullable(Context.current().getDeadline())
                        .ifPresent(deadline -> left.add(deadline.timeRemaining(TimeUnit.SECONDS)));
                    response.onNext(GetDomainResponse.getDefaultInstance());
                    response.onCompleted();
                  }
                });
        Drover drover = builder().deadline(Duration.ofSeconds(40)).build()) {
      drover.domain("web").get();
    }
    assertThat(left).singleElement(LONG).isBetween(1L, 40L);
  }

  @Test
  void aDaemonThatIsNotThereIsNamed() {
    try (Drover drover = builder().build()) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.host().version()))
          .hasMessageContaining(socket.toString())
          .hasMessageContaining("No such file or directory")
          .hasMessageContaining("start it with 'droverd'");
    }
  }

  @Test
  void aDaemonThatComesBackIsFoundAgain() { // R7
    try (Drover drover = builder().build()) {
      try (var _ = daemon()) {
        drover.domains().list();
      }
      CompletableFuture<SocketDaemon> restarted =
          CompletableFuture.supplyAsync(this::daemon, Executors.newVirtualThreadPerTaskExecutor());

      assertThat(drover.domains().list()).hasSize(1);
      restarted.join().close();
    }
  }

  @Test
  void stubsHaveAChannel() {
    try (var _ = daemon();
        Drover drover = builder().build()) {
      var stub = DomainServiceGrpc.newBlockingStub(drover.channel());

      assertThat(stub.defineDomain(DefineDomainRequest.getDefaultInstance()).hasDomain()).isTrue();
      assertThat(received.getFirst().get(FakeDaemon.URI)).isEqualTo("qemu:///session");
    }
  }

  @Test
  void theChannelEndsWithTheConnection() {
    Drover drover = builder().build();
    drover.close();

    var stub = DomainServiceGrpc.newBlockingStub(drover.channel());

    assertThat(
            Status.fromThrowable(
                    catchThrowableOfType(
                        RuntimeException.class,
                        () -> stub.getDomain(GetDomainRequest.getDefaultInstance())))
                .getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  private Drover.Builder builder() {
    return Drover.builder().uri("qemu+unix:///session?socket=" + socket).brief(true);
  }

  private SocketDaemon daemon() {
    ServerInterceptor observer =
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            received.add(headers);
            return next.startCall(call, headers);
          }
        };
    return new SocketDaemon(socket, () -> ServerInterceptors.intercept(domains, observer));
  }
}
