package dev.drover.qemu.block;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Stands between the driver and QEMU's monitor and passes every line on, so that something terrible
 * can happen right before a chosen message arrives: before QEMU hears of a command, before the
 * driver hears that it was done, or before it hears of an event.
 */
final class StrikingMonitor implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Supplier<Path> upstream;
  private final ServerSocketChannel server;
  private final Map<String, String> inFlight = new ConcurrentHashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final List<Point> seen = new ArrayList<>();
  private final CompletableFuture<Point> struck = new CompletableFuture<>();
  private Optional<Plan> plan = Optional.empty();
  private boolean noting;

  /** Which way a message goes. */
  enum Kind {
    /** From the driver to QEMU: QEMU never does it. */
    COMMAND,
    /** QEMU has done it, or refused; the driver does not know. */
    REPLY,
    /** Something happened in QEMU; the driver does not know. */
    EVENT
  }

  /**
   * A message of a run.
   *
   * @param kind which way it goes
   * @param name of the command, or of the event with its status
   * @param nth how many of these there were before it, and one
   */
  record Point(Kind kind, String name, int nth) {
    @Override
    public String toString() {
      return kind + " " + name + (nth == 1 ? "" : " #" + nth);
    }
  }

  private record Plan(Point point, Runnable strike) {}

  /**
   * Listens on one socket for the monitor of another.
   *
   * @param upstream where that listens whenever the driver connects
   */
  StrikingMonitor(Supplier<Path> upstream, Path listening) {
    this.upstream = upstream;
    try {
      this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(listening));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("accept", this::accept);
  }

  /** Notes messages from now on, and counts them anew. */
  synchronized void note() {
    counts.clear();
    seen.clear();
    noting = true;
  }

  /** The messages since {@link #note}. */
  synchronized List<Point> seen() {
    return List.copyOf(seen);
  }

  /** Chooses the message, counted from {@link #note}, and what happens then, once. */
  synchronized void strike(Point point, Runnable action) {
    plan = Optional.of(new Plan(point, action));
  }

  /** Completes when it has happened. */
  CompletableFuture<Point> struck() {
    return struck;
  }

  private void accept() throws IOException {
    while (server.isOpen()) {
      SocketChannel driver = server.accept();
      SocketChannel qemu = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        qemu.connect(UnixDomainSocketAddress.of(upstream.get()));
      } catch (IOException e) {
        driver.close();
        qemu.close();
        continue;
      }
      start("to QEMU", () -> pump(driver, qemu));
      start("to the driver", () -> pump(qemu, driver));
    }
  }

  private static void start(String what, Pump pump) {
    Thread.ofPlatform()
        .daemon()
        .name("monitor " + what)
        .start(
            () -> {
              try {
                pump.run();
              } catch (IOException e) {
                // One of the sides is gone, which the other one is told by its end of the stream.
              }
            });
  }

  private interface Pump {
    void run() throws IOException;
  }

  private void pump(SocketChannel from, SocketChannel to) throws IOException {
    try (from;
        to;
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(Channels.newInputStream(from), StandardCharsets.UTF_8))) {
      OutputStream out = Channels.newOutputStream(to);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isEmpty() && strikes(line)) {
          return;
        }
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /** True where the message met the plan: it goes no further. */
  private boolean strikes(String line) {
    Optional<Plan> due = due(line);
    due.ifPresent(this::strike);
    return due.isPresent();
  }

  private void strike(Plan met) {
    try {
      met.strike().run();
      struck.complete(met.point());
    } catch (RuntimeException | AssertionError e) {
      struck.completeExceptionally(e);
      throw e;
    }
  }

  private Optional<Plan> due(String line) {
    Optional<Point> point = point(line);
    synchronized (this) {
      Optional<Plan> met = plan.filter(chosen -> point.filter(chosen.point()::equals).isPresent());
      if (met.isPresent()) {
        plan = Optional.empty();
      }
      return met;
    }
  }

  private Optional<Point> point(String line) {
    try {
      JsonNode message = JSON.readTree(line);
      String id = message.path("id").asText();
      for (String field : List.of("execute", "exec-oob")) {
        if (message.has(field)) {
          inFlight.put(id, message.path(field).asText());
          return Optional.of(count(Kind.COMMAND, message.path(field).asText()));
        }
      }
      if (message.has("event")) {
        String status = message.path("data").path("status").asText();
        String name = message.path("event").asText();
        return Optional.of(count(Kind.EVENT, status.isEmpty() ? name : name + "/" + status));
      }
      return Optional.ofNullable(inFlight.remove(id)).map(name -> count(Kind.REPLY, name));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a line of QMP: " + line, e);
    }
  }

  private synchronized Point count(Kind kind, String name) {
    Point point = new Point(kind, name, counts.merge(kind + name, 1, Integer::sum));
    if (noting) {
      seen.add(point);
    }
    return point;
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
