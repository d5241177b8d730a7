package dev.drover.client;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection over ssh that could not be made or that broke, in words for people, with what ssh
 * itself said (R14). gRPC answers UNAVAILABLE with it as the cause.
 */
final class SshFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** What ssh itself ends with, and no command that it runs. */
  private static final int OF_SSH = 255;

  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;

  private static final List<String> KEY_NOT_BELIEVED =
      List.of("host key verification failed", "host key for ", "remote host identification");
  private static final List<String> LOGIN_REFUSED =
      List.of("permission denied", "too many authentication failures");

  private final boolean lasting;

  private SshFailure(String message, boolean lasting, @Nullable Throwable cause) {
    super(message, cause);
    this.lasting = lasting;
  }

  /** The ssh program does not start. */
  static SshFailure notStarted(String program, String authority, IOException cause) {
    return new SshFailure(
        "Cannot run '%s' to reach %s: %s; install OpenSSH's client, or name the program with ?command=/path"
            .formatted(program, authority, cause.getMessage()),
        true,
        cause);
  }

  /**
   * The ssh program ended before a bridge spoke.
   *
   * @param code its exit code
   * @param said what it and the other host printed
   */
  static SshFailure notConnected(ConnectionUri.Target.Ssh target, int code, String said) {
    String host = target.authority();
    String words = words(said);
    return switch (code) {
      case OF_SSH -> ofSsh(host, said.toLowerCase(Locale.ROOT), words);
      case NOT_FOUND, NOT_EXECUTABLE ->
          lasting(
              "%s has no program '%s' where a login over ssh looks for it%s; install Drover there, or name it with ?bridge=/path/to/drover"
                  .formatted(host, target.bridge(), words));
      case Bridge.NO_DAEMON ->
          passing(
              "No daemon answers on %s%s; start one there with 'droverd', or name its socket with ?socket=/path"
                  .formatted(host, words));
      default ->
          lasting(
              "'%s bridge' on %s ended with %d before it reached a daemon%s"
                  .formatted(target.bridge(), host, code, words));
    };
  }

  private static SshFailure ofSsh(String host, String said, String words) {
    if (KEY_NOT_BELIEVED.stream().anyMatch(said::contains)) {
      return lasting(
          "ssh does not believe the host key of %s%s; log in there once by hand and compare the key"
              .formatted(host, words));
    }
    if (LOGIN_REFUSED.stream().anyMatch(said::contains)) {
      return lasting(
          "%s refuses the login over ssh%s; a login by hand has to work first, and without a question where there is no terminal"
              .formatted(host, words));
    }
    return passing("Cannot reach %s over ssh%s".formatted(host, words));
  }

  /** The ssh program ended while it carried a connection. */
  static SshFailure broken(ConnectionUri.Target.Ssh target, int code, String said) {
    return passing(
        "The connection to %s over ssh broke: ssh ended with %d%s"
            .formatted(target.authority(), code, words(said)));
  }

  /** What came from the other host is not what a bridge says. */
  static SshFailure noBridge(ConnectionUri.Target.Ssh target, String said) {
    return lasting(
        "What answers on %s is not 'drover bridge'%s".formatted(target.authority(), words(said)));
  }

  private static SshFailure lasting(String message) {
    return new SshFailure(message, true, null);
  }

  private static SshFailure passing(String message) {
    return new SshFailure(message, false, null);
  }

  /** In one line, and without what a terminal would obey. */
  private static String words(String said) {
    String line = said.strip().replaceAll("\\s*\\R\\s*", " / ").replaceAll("\\p{Cntrl}", " ");
    return line.isEmpty() ? "" : " (" + line + ")";
  }

  /** The failure of this kind behind another; empty where there is none. */
  static Optional<SshFailure> behind(@Nullable Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SshFailure own) {
        return Optional.of(own);
      }
    }
    return Optional.empty();
  }

  /** True where another attempt would end the same way until somebody does something. */
  boolean lasts() {
    return lasting;
  }

  /** The message, never null. */
  String text() {
    return Optional.ofNullable(getMessage()).orElse("");
  }
}
