package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R18: what a client that no stub was made for may send: no request at all, or two. */
class IncompleteCallTest {

  private static final StartDomainRequest START =
      StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private RunningDaemon daemon;

  @BeforeEach
  void start() {
    daemon = RunningDaemon.inProcess(directory, provider);
    provider.driver().put("web");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  /** The reason with which a call of StartDomain ends that carries so many requests. */
  private static String reason(Channel channel, int requests) throws Exception {
    CompletableFuture<StatusRuntimeException> ended = new CompletableFuture<>();
    ClientCall<StartDomainRequest, StartDomainResponse> call =
        channel.newCall(DomainServiceGrpc.getStartDomainMethod(), RunningDaemon.options());
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status.asRuntimeException(trailers));
          }
        },
        new Metadata());
    call.request(2);
    for (int i = 0; i < requests; i++) {
      call.sendMessage(START);
    }
    call.halfClose();
    return RunningDaemon.info(ended.get(30, TimeUnit.SECONDS)).getReason();
  }

  @Test
  void aCallWithoutARequestIsTheClientsMistake() throws Exception {
    assertThat(reason(daemon.channel(), 0)).isEqualTo("INVALID_ARGUMENT");
    assertThat(provider.driver().seen()).isEmpty();
  }

  @Test
  void aCallWithTwoRequestsIsTheClientsMistake() throws Exception {
    assertThat(reason(daemon.channel(), 2)).isEqualTo("INVALID_ARGUMENT");
    assertThat(provider.driver().seen()).isEmpty();
  }

  @Test
  void aCallThatIsRefusedNeedsNoRequestForThat() throws Exception {
    Channel readOnly = daemon.with("drover-read-only", "true");
    assertThat(reason(readOnly, 0)).isEqualTo("READ_ONLY_CONNECTION");
    assertThat(reason(readOnly, 2)).isEqualTo("READ_ONLY_CONNECTION");
    assertThat(provider.driver().seen()).isEmpty();
  }
}
