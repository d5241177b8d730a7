package dev.drover.client.cli;

import dev.drover.client.Bridge;
import dev.drover.client.DefaultSockets;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The program behind {@code drover bridge}, which a client starts on this host through ssh (R14).
 * It reads its few words itself: every class it does without is time that somebody waits for.
 */
public final class BridgeProgram {
  private static final int USAGE = 64;
  private static final String HOW = "usage: drover bridge [--system | --session | --socket PATH]";

  private BridgeProgram() {}

  /** Carries bytes until either side ends, and ends the process. */
  public static void main(String... arguments) {
    Map<String, String> environment = System.getenv();
    DefaultSockets sockets =
        DefaultSockets.of(environment, Path.of(System.getProperty("user.home", "/")));
    int code =
        run(
            List.of(arguments),
            sockets,
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out),
            System.err);
    System.exit(code);
  }

  /** Does it with given streams and answers the exit code. */
  static int run(
      List<String> arguments,
      DefaultSockets sockets,
      InputStream in,
      OutputStream out,
      PrintStream err) {
    Optional<Path> socket = socket(arguments, sockets);
    if (socket.isEmpty()) {
      err.println(HOW);
      return USAGE;
    }
    try {
      Bridge.carry(socket.get(), in, out);
      return 0;
    } catch (IOException e) {
      err.println(
          "drover bridge: unix socket %s: %s"
              .formatted(socket.get(), Optional.ofNullable(e.getMessage()).orElse(e.toString())));
      return Bridge.NO_DAEMON;
    }
  }

  private static Optional<Path> socket(List<String> arguments, DefaultSockets sockets) {
    if (arguments.isEmpty()) {
      return Optional.of(sockets.nearest());
    }
    String first = arguments.getFirst();
    if (arguments.size() == 2 && first.equals("--socket")) {
      return path(arguments.getLast());
    }
    if (arguments.size() > 1) {
      return Optional.empty();
    }
    return switch (first) {
      case "--system" -> Optional.of(sockets.system());
      case "--session" -> Optional.of(sockets.session());
      default -> Optional.empty();
    };
  }

  private static Optional<Path> path(String text) {
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
