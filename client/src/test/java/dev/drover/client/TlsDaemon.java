package dev.drover.client;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.server.config.ConfigException;
import dev.drover.server.config.ConfigReader;
import dev.drover.spi.Caller;
import dev.drover.test.TestDriverProvider;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** A daemon on TCP whose callers may do everything; its log and its callers are remembered. */
final class TlsDaemon implements AutoCloseable {
  final List<String> log = new CopyOnWriteArrayList<>();
  final List<Caller> callers = new CopyOnWriteArrayList<>();
  private final EmbeddedDaemon daemon;
  private final ManagedChannel inside;
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.drover.server");
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          log.add(event.getFormattedMessage());
        }
      };

  TlsDaemon(Path directory, String config) throws ConfigException {
    appender.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(appender);
    TestDriverProvider provider = new TestDriverProvider();
    String name = UUID.randomUUID().toString();
    daemon =
        EmbeddedDaemon.in(directory.resolve("daemon"), provider)
            .config(ConfigReader.parse(config, List.of(provider)))
            .policy(
                (caller, permission) -> {
                  callers.add(caller);
                  return true;
                })
            .inProcess(name);
    inside = InProcessChannelBuilder.forName(name).build();
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
    logger.detachAppender(appender);
    logger.setLevel(null);
  }
}
