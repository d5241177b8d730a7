package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.StartDomainRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R29: a caller has so many calls open at a time. */
class CallerLimitTest {

  @TempDir private Path directory;

  @Test
  void callsBeyondTheLimitAreRefusedUntilOthersHaveEnded() throws Exception {
    FakeProvider provider = FakeProvider.complete();
    CountDownLatch release = new CountDownLatch(1);
    DaemonConfig defaults = ConfigReader.defaults();
    DaemonConfig config = defaults.withLimits(defaults.limits().withCallsPerCaller(1));
    try (RunningDaemon daemon =
        RunningDaemon.inProcess(directory, plan -> plan.config(config), provider)) {
      provider.driver().put("web");
      provider.driver().onCall(_ -> awaitQuietly(release));
      var domains = DomainServiceGrpc.newBlockingStub(daemon.channel());
      var host = HostServiceGrpc.newBlockingStub(daemon.channel());
      assertThat(
              host.getCapabilities(GetCapabilitiesRequest.getDefaultInstance())
                  .getLimitsOrThrow("calls_per_caller"))
          .isEqualTo(1);
      var start =
          StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();
      var hanging = CompletableFuture.supplyAsync(() -> domains.startDomain(start));
      await().until(() -> !provider.driver().seen().isEmpty());

      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> domains.listDomains(ListDomainsRequest.getDefaultInstance()));
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("LIMIT_EXCEEDED");
      assertThat(RunningDaemon.info(failure).getMetadataMap())
          .containsEntry("limit", "calls_per_caller")
          .containsEntry("maximum", "1");
      assertThat(host.inspectWaits(InspectWaitsRequest.getDefaultInstance()).hasTime()).isTrue();

      release.countDown();
      assertThat(hanging.get(20, TimeUnit.SECONDS).hasDomain()).isTrue();
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          domains
                              .listDomains(ListDomainsRequest.getDefaultInstance())
                              .getDomainsCount())
                      .isEqualTo(1));
    } finally {
      release.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
