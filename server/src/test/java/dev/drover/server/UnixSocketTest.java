package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.server.config.ConfigException;
import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.server.lifecycle.Host;
import dev.drover.server.state.StateException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.GetVersionResponse;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.ListDomainsRequest;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as clients meet it: on a unix socket. */
class UnixSocketTest {

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();

  @Test
  void answersReadsAndChangesOverTheSocket() {
    try (RunningDaemon daemon = RunningDaemon.onSocket(directory, provider)) {
      provider.driver().put("web");
      GetVersionResponse version =
          HostServiceGrpc.newBlockingStub(daemon.channel())
              .getVersion(GetVersionRequest.getDefaultInstance());
      assertThat(version.getConnectionUri()).isEqualTo("test:///default");
      assertThat(
              DomainServiceGrpc.newBlockingStub(daemon.channel())
                  .listDomains(ListDomainsRequest.getDefaultInstance())
                  .getDomainsList())
          .hasSize(1);
      assertThat(
              HealthGrpc.newBlockingStub(daemon.channel())
                  .check(
                      HealthCheckRequest.newBuilder().setService("drover.v1.DomainService").build())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
  }

  /** A2: one call of the facet for one call of the API, with everything the client said. */
  @Test
  void theDriverSeesTheRequestUnchangedAndTheCallerAsTheKernelNamesIt() {
    BlockCommitRequest request =
        BlockCommitRequest.newBuilder()
            .setDomain(DomainRef.newBuilder().setName("web"))
            .setDisk("vda")
            .setBase("/a")
            .setTop("/b")
            .setDelete(true)
            .build();
    try (RunningDaemon daemon = RunningDaemon.onSocket(directory, provider)) {
      BlockServiceGrpc.newBlockingStub(daemon.channel()).blockCommit(request);
      assertThat(provider.driver().seen()).hasSize(1);
      FakeDriver.Seen seen = provider.driver().seen().getFirst();
      assertThat(seen.method()).isEqualTo("commit");
      assertThat(seen.request()).isEqualTo(request);
      assertThat(seen.call().caller().principal()).isEqualTo("uid:" + Host.userId());
      assertThat(seen.call().caller().origin())
          .isEqualTo("unix pid " + ProcessHandle.current().pid());
    }
  }

  @Test
  void onlyTheOwnerMayOpenTheSocketAndItIsGoneAfterwards() throws IOException {
    Path socket = directory.resolve("d.sock");
    try (RunningDaemon _ = RunningDaemon.onSocket(directory, provider)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("state"))))
          .isEqualTo("rwx------");
    }
    assertThat(socket).doesNotExist();
  }

  /** R23: users whom a policy gives a role have to get as far as the guards. */
  @Test
  void everybodyMayConnectWhereTheConfigurationSaysSo() throws IOException, ConfigException {
    DaemonConfig open = ConfigReader.parse("[access]\neverybody_connects = true\n", List.of());
    Path run = directory.resolve("run");
    try (EmbeddedDaemon _ =
        EmbeddedDaemon.in(directory, provider).config(open).onSocket(run.resolve("d.sock"))) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(run.resolve("d.sock"))))
          .isEqualTo("rw-rw-rw-");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run)))
          .isEqualTo("rwx--x--x");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run.resolve("test"))))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void aSecondDaemonOnOneStateDirectoryIsRefusedByTheProcessIdOfTheFirst() {
    try (RunningDaemon _ = RunningDaemon.onSocket(directory, provider)) {
      assertThatThrownBy(() -> RunningDaemon.onSocket(directory, FakeProvider.complete()))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    try (RunningDaemon again = RunningDaemon.onSocket(directory, FakeProvider.complete())) {
      assertThat(again.channel()).isNotNull();
    }
  }

  @Test
  void aSocketThatSomebodyListensOnIsNotTakenAway() {
    Path socket = directory.resolve("d.sock");
    try (RunningDaemon _ = RunningDaemon.onSocket(directory, provider)) {
      var other = EmbeddedDaemon.in(directory.resolve("other"), FakeProvider.complete());
      assertThatThrownBy(() -> other.onSocket(socket))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("another process listens");
    }
  }

  @Test
  void aRequestOverTheLimitIsRefusedWithTheLimit() {
    try (RunningDaemon daemon = RunningDaemon.onSocket(directory, provider)) {
      var stub = BlockServiceGrpc.newBlockingStub(daemon.channel());
      BlockCommitRequest request =
          BlockCommitRequest.newBuilder()
              .setDomain(DomainRef.newBuilder().setName("web"))
              .setDisk("x".repeat(5 << 20))
              .build();
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(() -> stub.blockCommit(request))
          .satisfies(
              failure -> {
                assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("LIMIT_EXCEEDED");
                assertThat(RunningDaemon.info(failure).getMetadataMap())
                    .containsEntry("limit", "message_bytes")
                    .containsEntry("maximum", "4194304");
              });
      assertThat(provider.driver().seen()).isEmpty();
    }
  }
}
