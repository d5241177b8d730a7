package dev.drover.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** A page of metrics, as Prometheus gets it. */
record Scrape(int status, String contentType, String text) {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  static Scrape of(InetSocketAddress address) throws IOException, InterruptedException {
    return of(address, "GET", "/metrics", "");
  }

  static Scrape of(InetSocketAddress address, String method, String path, String accept)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + address.getPort() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (!accept.isEmpty()) {
      request.header("Accept", accept);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Scrape(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          response.body());
    }
  }

  /** The value of a series, written as the page writes it. */
  double value(String series) {
    return text.lines()
        .filter(line -> line.startsWith(series + " "))
        .map(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + series + " in\n" + text));
  }

  /** Whether a series is there. */
  boolean has(String series) {
    return text.lines().anyMatch(line -> line.startsWith(series + " "));
  }

  /** Names of all metrics, without what histograms add to theirs. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    text.lines()
        .filter(line -> line.startsWith("# TYPE "))
        .forEach(line -> names.add(line.split(" ", -1)[2]));
    assertThat(names).isNotEmpty();
    return names;
  }
}
