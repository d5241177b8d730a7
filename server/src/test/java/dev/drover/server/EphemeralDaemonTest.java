package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.ListDomainsRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code droverd --ephemeral} (R17), as a test in any language starts it: by its address alone. */
@Timeout(300)
class EphemeralDaemonTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String ADDRESS = "unix://";

  private static final List<String> DROVERD =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "--enable-native-access=ALL-UNNAMED",
          "-Dguice_custom_class_loading=CHILD",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-cp",
          System.getProperty("java.class.path"),
          "dev.drover.server.Droverd",
          "--ephemeral");

  @Test
  void itServesUntilItsStandardInputIsClosed() throws Exception {
    Process daemon =
        new ProcessBuilder(DROVERD).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader lines = daemon.inputReader(StandardCharsets.UTF_8)) {
      Path socket = socket(lines);
      assertThat(domains(socket)).containsExactly("test");
      assertThat(daemon.isAlive()).isTrue();

      daemon.getOutputStream().close();

      assertThat(daemon.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(daemon.exitValue()).isZero();
      assertThat(lines.readLine()).as("what follows the one line").isNull();
      assertThat(socket.getParent().getParent()).doesNotExist();
    } finally {
      daemon.destroyForcibly();
    }
  }

  @Test
  void itEndsWithTheProcessThatStartedIt() throws Exception {
    Process parent =
        new ProcessBuilder(startedBy("bash", "-c", "\"$@\" </dev/null & wait", "bash"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = parent.inputReader(StandardCharsets.UTF_8)) {
      Path socket = socket(lines);
      ProcessHandle daemon = parent.children().findFirst().orElseThrow();
      assertThat(domains(socket)).containsExactly("test");

      parent.destroyForcibly();

      Awaitility.await("the daemon ends").atMost(PATIENCE).until(() -> !daemon.isAlive());
      assertThat(socket.getParent().getParent()).doesNotExist();
    } finally {
      parent.destroyForcibly();
    }
  }

  private static List<String> startedBy(String... parent) {
    return Stream.concat(Stream.of(parent), DROVERD.stream()).toList();
  }

  private static Path socket(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    assertThat(line).startsWith(ADDRESS + "/");
    return Path.of(line.substring(ADDRESS.length()));
  }

  /** Without any metadata: the test driver is the only one, and so the default one. */
  private static List<String> domains(Path socket) throws InterruptedException {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
    try {
      return DomainServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .listDomains(ListDomainsRequest.getDefaultInstance())
          .getDomainsList()
          .stream()
          .map(domain -> domain.getSpec().getName())
          .toList();
    } finally {
      channel.shutdownNow();
      assertThat(channel.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
