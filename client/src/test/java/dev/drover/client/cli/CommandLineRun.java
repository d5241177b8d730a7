package dev.drover.client.cli;

import dev.drover.client.FakeDaemon;
import io.grpc.ManagedChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;

/** Runs the command line against a fake daemon and keeps what it prints. */
final class CommandLineRun {
  /**
   * What a run left behind.
   *
   * @param code exit code
   * @param out standard output
   * @param err standard error
   */
  record Result(int code, String out, String err) {}

  final FakeInterrupts interrupts = new FakeInterrupts();
  final Map<String, String> environment = new HashMap<>();
  private final ManagedChannel channel;
  private String input = "";
  private boolean terminal;
  private volatile ByteArrayOutputStream latest = new ByteArrayOutputStream();

  CommandLineRun(FakeDaemon daemon) {
    this(daemon.channel());
  }

  /** Runs against whatever is behind the channel. */
  CommandLineRun(ManagedChannel channel) {
    this.channel = channel;
  }

  CommandLineRun input(String text) {
    this.input = text;
    return this;
  }

  CommandLineRun terminal() {
    this.terminal = true;
    return this;
  }

  /** Surroundings whose output nobody reads. */
  Surroundings surroundings() {
    return surroundings(new ByteArrayOutputStream(), new ByteArrayOutputStream());
  }

  private Surroundings surroundings(OutputStream out, OutputStream err) {
    return new Surroundings(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
        environment,
        terminal,
        terminal,
        100,
        () -> ZoneOffset.UTC,
        interrupts,
        builder -> builder.channel(channel).build());
  }

  Result run(String... arguments) {
    return inside(surroundings -> new DroverCommand(surroundings).run(arguments));
  }

  /** Runs with a standard output of the test's own, of which nothing is in the result. */
  Result into(OutputStream out, String... arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = new DroverCommand(surroundings(out, err)).run(arguments);
    return new Result(code, "", err.toString(StandardCharsets.UTF_8));
  }

  /** Does what answers an exit code. */
  Result inside(ToIntFunction<Surroundings> action) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    latest = out;
    int code = action.applyAsInt(surroundings(out, err));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** What the latest run has printed on standard output so far. */
  String printed() {
    return latest.toString(StandardCharsets.UTF_8);
  }

  /** Runs beside the test, which meanwhile moves the daemon. */
  CompletableFuture<Result> begin(String... arguments) {
    return CompletableFuture.supplyAsync(
        () -> run(arguments), Executors.newVirtualThreadPerTaskExecutor());
  }
}
