package dev.drover.conformance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Takes the traces of a run and keeps none, so that its daemon traces as one in earnest does and
 * cases about it are within reach. A target whose daemon sends its traces here says so with {@link
 * ConformanceTarget#traces}.
 */
public final class SilentCollector implements AutoCloseable {

  private static final int OK = 200;
  private static final int NO_BODY = -1;

  private final HttpServer server;

  private SilentCollector(HttpServer server) {
    this.server = server;
  }

  /** Takes traces from now on, at a free port of this host alone. */
  public static SilentCollector start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      var _ = server.createContext("/", SilentCollector::take);
      server.start();
      return new SilentCollector(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      var _ = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
      exchange.sendResponseHeaders(OK, NO_BODY);
    }
  }

  /** Where a daemon sends its traces. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
