package dev.drover.client;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.server.audit.JsonAuditLog;
import dev.drover.server.config.ConfigException;
import dev.drover.server.config.ConfigReader;
import dev.drover.test.TestDriverProvider;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** A daemon on TCP whose clients may do everything; its log and audit records are remembered. */
final class TlsDaemon implements AutoCloseable {
  final List<String> log = new CopyOnWriteArrayList<>();
  final List<String> audit = new CopyOnWriteArrayList<>();
  private final EmbeddedDaemon daemon;
  private final ManagedChannel inside;
  private final List<Keeper> keepers =
      List.of(new Keeper("dev.drover.server", log), new Keeper(JsonAuditLog.LOGGER, audit));

  /** Keeps the messages of a logger. */
  private static final class Keeper extends AppenderBase<ILoggingEvent> {
    private final Logger logger;
    private final List<String> kept;

    Keeper(String name, List<String> kept) {
      this.logger = (Logger) LoggerFactory.getLogger(name);
      this.kept = kept;
      start();
      logger.setLevel(Level.INFO);
      logger.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
      kept.add(event.getFormattedMessage());
    }

    void end() {
      logger.detachAppender(this);
      logger.setLevel(null);
    }
  }

  TlsDaemon(Path directory, String config) throws ConfigException {
    TestDriverProvider provider = new TestDriverProvider();
    String name = UUID.randomUUID().toString();
    daemon =
        EmbeddedDaemon.in(directory.resolve("daemon"), provider)
            .config(
                ConfigReader.parse(
                    config + "\n[access]\npolicy_file = \"%s\"\n".formatted(policy(directory)),
                    List.of(provider)))
            .inProcess(name);
    inside = InProcessChannelBuilder.forName(name).build();
  }

  private static Path policy(Path directory) {
    Path file = directory.resolve("policy.toml");
    try {
      Files.writeString(
          file,
          """
          [[binding]]
          principals = ["x509:uri:*", "x509:email:*", "x509:dns:*"]
          role = "admin"
          """);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return daemon.tcp().orElseThrow().getPort();
  }

  String uri(String host, Path pki) {
    return "test+tls://%s:%d/default?pkipath=%s".formatted(host, port(), pki);
  }

  Drover connect(Path pki) {
    return connect("127.0.0.1", pki);
  }

  Drover connect(String host, Path pki) {
    return Drover.builder()
        .uri(uri(host, pki))
        .deadline(Duration.ofSeconds(20))
        .reconnectFor(Duration.ofSeconds(5))
        .build();
  }

  /** The same daemon without TCP. */
  Drover inside() {
    return Drover.builder().uri("test:///default").channel(inside).build();
  }

  @Override
  public void close() {
    inside.shutdownNow();
    daemon.close();
    keepers.forEach(Keeper::end);
  }
}
