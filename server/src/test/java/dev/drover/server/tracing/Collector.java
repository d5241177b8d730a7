package dev.drover.server.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.drover.server.config.DaemonConfig.Tracing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;

/** A collector of traces: takes what is sent by OTLP over HTTP. */
final class Collector implements AutoCloseable {

  private static final int ANY_PORT = 0;
  private static final int EVERY_CALL = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final List<SentSpan> spans = new CopyOnWriteArrayList<>();

  private Collector(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  static Collector start() {
    try {
      return new Collector(
          HttpServer.create(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), ANY_PORT), ANY_PORT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] request = exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(200, -1);
      spans.addAll(SentSpan.of(request));
    }
  }

  /** A configuration that sends every call here. */
  Tracing tracing() {
    return tracing(server.getAddress().getPort());
  }

  /** A configuration that sends every call to this port. */
  static Tracing tracing(int port) {
    return new Tracing(URI.create("http://127.0.0.1:" + port + "/v1/traces"), EVERY_CALL);
  }

  /** What has been sent. */
  List<SentSpan> spans() {
    return spans;
  }

  /** The first span of a name, once it has been sent. */
  SentSpan await(String name) {
    Awaitility.await("span " + name)
        .atMost(PATIENCE)
        .until(() -> spans.stream().anyMatch(span -> span.name().equals(name)));
    return spans.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
