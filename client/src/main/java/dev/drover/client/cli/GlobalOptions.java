package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options every command has; they may stand before or after the command's name. */
@Command(
    name = "drover",
    description = "Virtual machines, their disks and the jobs on them.",
    versionProvider = ClientVersion.class,
    footer = {
      "",
      "Without a command drover is interactive; 'drover -' and 'drover --file FILE' run one command"
          + " per line, drover 'COMMAND; COMMAND' several, until one fails.",
      "A DOMAIN is named by name, id or UUID. Environment: DROVER_URI is the default of -c;"
          + " DROVER_DEBUG=1 shows stack traces; NO_COLOR turns colours off."
    })
final class GlobalOptions {
  @Option(
      names = {"-c", "--connect"},
      paramLabel = "URI",
      scope = ScopeType.INHERIT,
      description = {
        "Daemon and driver, for example qemu:///system, qemu:///session, test:///default or"
            + " qemu+unix:///session?socket=/path, qemu+tls://host/system or"
            + " qemu+ssh://user@host/system. Default: $DROVER_URI, else the nearest daemon's own"
            + " default."
      })
  private Optional<String> uri = Optional.empty();

  @Option(
      names = {"-r", "--readonly"},
      scope = ScopeType.INHERIT,
      description = "Refuse whatever would change something.")
  private boolean readOnly;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Leave out confirmations, headers and progress.")
  private boolean quiet;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      description = "Form of the answer: ${COMPLETION-CANDIDATES}. Default: table.")
  private Output.Format format = Output.Format.TABLE;

  @Option(
      names = "--no-headers",
      scope = ScopeType.INHERIT,
      description = "Leave out the header of tables.")
  private boolean noHeaders;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Run the commands in this file, in place of one; - is standard input.")
  private Optional<String> file = Optional.empty();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this text.")
  @SuppressWarnings("unused") // Picocli acts on it.
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version of this client.")
  @SuppressWarnings("unused") // Picocli acts on it.
  private boolean version;

  Optional<String> uri() {
    return uri;
  }

  boolean readOnly() {
    return readOnly;
  }

  boolean quiet() {
    return quiet;
  }

  Output.Format format() {
    return format;
  }

  boolean headers() {
    return !noHeaders;
  }

  /** Where commands are to be read; empty where the arguments name one. */
  Optional<String> file() {
    return file;
  }

  /** The same options as arguments, for the commands that share them. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    uri.ifPresent(value -> words.addAll(List.of("--connect", value)));
    if (readOnly) {
      words.add("--readonly");
    }
    if (quiet) {
      words.add("--quiet");
    }
    words.addAll(List.of("--output", format.name()));
    if (noHeaders) {
      words.add("--no-headers");
    }
    return words;
  }
}
