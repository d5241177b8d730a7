package dev.drover.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

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
   * Finds the sockets as the XDG base directory specification places them, relative values ignored;
   * without a runtime directory the session's socket is in the state directory.
   *
   * @param environment environment variables: XDG_RUNTIME_DIR, XDG_STATE_HOME and HOME are read
   * @param home the user's home directory where HOME does not name it
   */
  public static DefaultSockets of(Map<String, String> environment, Path home) {
    return new DefaultSockets(
        Path.of("/run/drover", FILE_NAME), sessionDirectory(environment, home).resolve(FILE_NAME));
  }

  private static Path sessionDirectory(Map<String, String> environment, Path home) {
    return absolute(environment, "XDG_RUNTIME_DIR")
        .map(runtime -> runtime.resolve("drover"))
        .orElseGet(
            () ->
                absolute(environment, "XDG_STATE_HOME")
                    .orElseGet(
                        () -> absolute(environment, "HOME").orElse(home).resolve(".local/state"))
                    .resolve("drover/run"));
  }

  private static Optional<Path> absolute(Map<String, String> environment, String variable) {
    return Optional.ofNullable(environment.get(variable)).map(Path::of).filter(Path::isAbsolute);
  }

  /**
   * The session's socket where it exists, else the system's where that exists or may not be looked
   * for, which a call to it then tells; else the session's.
   */
  public Path nearest() {
    return !Files.exists(session) && !Files.notExists(system) ? system : session;
  }
}
