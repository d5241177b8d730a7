package dev.drover.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where daemons listen when nothing else is said: {@code droverd.sock} in the runtime directory of
 * the system or of the user's session.
 *
 * @param system socket of the system's daemon
 * @param session socket of the user's own daemon
 */
public record DefaultSockets(Path system, Path session) {
  private static final String FILE_NAME = "droverd.sock";

  /**
   * Finds the sockets as the XDG base directory specification places them; without a runtime
   * directory the session's socket is in the state directory.
   *
   * @param environment environment variables, of which XDG_RUNTIME_DIR and XDG_STATE_HOME are read
   * @param home the user's home directory
   */
  public static DefaultSockets of(Map<String, String> environment, Path home) {
    return new DefaultSockets(
        Path.of("/run/drover", FILE_NAME), sessionDirectory(environment, home).resolve(FILE_NAME));
  }

  private static Path sessionDirectory(Map<String, String> environment, Path home) {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    if (!runtime.isEmpty()) {
      return Path.of(runtime, "drover");
    }
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    Path stateHome = state.isEmpty() ? home.resolve(".local/state") : Path.of(state);
    return stateHome.resolve("drover/run");
  }

  /**
   * The session's socket where it exists, else the system's where that exists, else the session's.
   */
  Path nearest() {
    return !Files.exists(session) && Files.exists(system) ? system : session;
  }
}
