package dev.drover.server;

import dev.drover.server.config.LogLevel;
import dev.drover.spi.DaemonMode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What can be said on the command line of {@code droverd}. */
final class DaemonOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file; --print-config shows what it can hold.")
  @Nullable Path config;

  @Option(
      names = "--state-directory",
      paramLabel = "DIR",
      description =
          "Directory for what outlives the daemon. Default: /var/lib/drover in mode system,"
              + " $XDG_STATE_HOME/drover in mode session.")
  @Nullable Path stateDirectory;

  @Option(
      names = "--runtime-directory",
      paramLabel = "DIR",
      description =
          "Directory for sockets. Default: /run/drover in mode system, $XDG_RUNTIME_DIR/drover in"
              + " mode session.")
  @Nullable Path runtimeDirectory;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Unix socket to serve on. Default: droverd.sock in the runtime directory.")
  @Nullable Path socket;

  @Option(
      names = "--mode",
      paramLabel = "system|session",
      converter = ModeConverter.class,
      description =
          "Whom the daemon serves: the whole host or one user. Default: system for root, session"
              + " for everybody else.")
  @Nullable DaemonMode mode;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      converter = LevelConverter.class,
      description = "error, warn, info, debug or trace; goes before logging.level of the file.")
  @Nullable LogLevel logLevel;

  @Option(
      names = "--ephemeral",
      description =
          "Serve the test driver alone, for a test: from a new directory, until the standard input"
              + " is closed (where it is a pipe) or the parent process ends, and leave nothing"
              + " behind. Prints the address as one line, in the form gRPC takes.")
  boolean ephemeral;

  @Option(
      names = "--print-config",
      description = "Print a commented configuration file with every default, and exit.")
  boolean printConfig;

  @Option(
      names = "--check-policy",
      paramLabel = "FILE",
      description =
          "Say what is wrong with a policy file, and exit: with 0 where nothing is, else with 1.")
  @Nullable Path checkPolicy;

  @Option(
      names = {"-V", "--version"},
      description = "Print the version, and exit.")
  boolean version;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this help, and exit.")
  boolean help;

  /** What contradicts {@link #ephemeral}; empty: nothing. */
  Optional<String> contradiction() {
    if (!ephemeral) {
      return Optional.empty();
    }
    Map<String, Boolean> given =
        Map.of(
            "--state-directory",
            stateDirectory != null,
            "--runtime-directory",
            runtimeDirectory != null,
            "--mode",
            mode != null);
    return given.entrySet().stream()
        .filter(Map.Entry::getValue)
        .map(option -> "--ephemeral and " + option.getKey() + " exclude each other")
        .sorted()
        .findFirst();
  }

  /** Whom the daemon serves. */
  DaemonMode mode(long userId) {
    if (mode != null) {
      return mode;
    }
    return userId == 0 ? DaemonMode.SYSTEM : DaemonMode.SESSION;
  }

  /** Directory for what outlives the daemon. */
  Path stateDirectory(DaemonMode effective, Map<String, String> environment) {
    if (stateDirectory != null) {
      return stateDirectory.toAbsolutePath().normalize();
    }
    return switch (effective) {
      case SYSTEM -> Path.of("/var/lib/drover");
      case SESSION -> sessionState(environment);
    };
  }

  /** Directory for sockets. */
  Path runtimeDirectory(DaemonMode effective, Map<String, String> environment) {
    if (runtimeDirectory != null) {
      return runtimeDirectory.toAbsolutePath().normalize();
    }
    return switch (effective) {
      case SYSTEM -> Path.of("/run/drover");
      case SESSION ->
          absolute(environment, "XDG_RUNTIME_DIR")
              .map(directory -> directory.resolve("drover"))
              .orElseGet(() -> sessionState(environment).resolve("run"));
    };
  }

  /** The socket. */
  Path socket(Path effectiveRuntimeDirectory) {
    return socket == null
        ? effectiveRuntimeDirectory.resolve("droverd.sock")
        : socket.toAbsolutePath().normalize();
  }

  private static Path sessionState(Map<String, String> environment) {
    return absolute(environment, "XDG_STATE_HOME")
        .orElseGet(() -> home(environment).resolve(".local").resolve("state"))
        .resolve("drover");
  }

  private static Path home(Map<String, String> environment) {
    return absolute(environment, "HOME").orElseGet(() -> Path.of(System.getProperty("user.home")));
  }

  /** The base directory specification has relative values ignored. */
  private static Optional<Path> absolute(Map<String, String> environment, String variable) {
    return Optional.ofNullable(environment.get(variable)).map(Path::of).filter(Path::isAbsolute);
  }

  /** Reads a mode. */
  static final class ModeConverter implements ITypeConverter<DaemonMode> {
    @Override
    public DaemonMode convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "system" -> DaemonMode.SYSTEM;
        case "session" -> DaemonMode.SESSION;
        default -> throw new IllegalArgumentException("expected system or session");
      };
    }
  }

  /** Reads a level. */
  static final class LevelConverter implements ITypeConverter<LogLevel> {
    @Override
    public LogLevel convert(String value) {
      return LogLevel.parse(value);
    }
  }
}
