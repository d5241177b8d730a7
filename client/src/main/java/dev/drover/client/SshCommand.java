package dev.drover.client;

import dev.drover.client.ConnectionUri.Target;
import java.util.ArrayList;
import java.util.List;

/**
 * The words that make stock OpenSSH start a bridge on another host. What a person configured for
 * the host counts, except what would mix something else into the bytes.
 */
final class SshCommand {
  private SshCommand() {}

  /**
   * The command line.
   *
   * @param ask true where ssh may ask for a passphrase or about a host key, on the terminal
   */
  static List<String> words(Target.Ssh target, boolean ask) {
    List<String> words = new ArrayList<>();
    words.add(target.command().map(Object::toString).orElse("ssh"));
    words.addAll(List.of("-T", "-x", "-a", "-e", "none"));
    option(words, "ClearAllForwardings", "yes");
    option(words, "RemoteCommand", "none");
    option(words, "BatchMode", ask ? "no" : "yes");
    target
        .keyFile()
        .ifPresent(
            file -> {
              option(words, "IdentityFile", quoted(file.toString()));
              option(words, "IdentitiesOnly", "yes");
            });
    target
        .knownHosts()
        .ifPresent(file -> option(words, "UserKnownHostsFile", quoted(file.toString())));
    target.user().ifPresent(user -> words.addAll(List.of("-l", user)));
    target.port().ifPresent(port -> words.addAll(List.of("-p", Integer.toString(port))));
    words.addAll(List.of("--", target.host(), remote(target)));
    return List.copyOf(words);
  }

  /** What the login shell of the other host runs. */
  private static String remote(Target.Ssh target) {
    String bridge = shellWord(target.bridge()) + " bridge";
    return switch (target.daemon()) {
      case Target.Ssh.Daemon.OfSystem() -> bridge + " --system";
      case Target.Ssh.Daemon.OfSession() -> bridge + " --session";
      case Target.Ssh.Daemon.Nearest() -> bridge;
      case Target.Ssh.Daemon.At(String socket) -> bridge + " --socket " + shellWord(socket);
    };
  }

  private static void option(List<String> words, String name, String value) {
    words.add("-o");
    words.add(name + "=" + value);
  }

  /** A path in ssh's configuration, where percent signs stand for something. */
  private static String quoted(String path) {
    return '"' + path.replace("%", "%%") + '"';
  }

  private static String shellWord(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
