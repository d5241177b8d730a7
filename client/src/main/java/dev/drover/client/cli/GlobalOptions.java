package dev.drover.client.cli;

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
      "A DOMAIN is named by name, id or UUID. Environment: DROVER_URI is the default of -c;"
          + " DROVER_DEBUG=1 shows stack traces."
    })
final class GlobalOptions {
  @Option(
      names = {"-c", "--connect"},
      paramLabel = "URI",
      scope = ScopeType.INHERIT,
      description = {
        "Daemon and driver, for example qemu:///system, qemu:///session, test:///default or"
            + " qemu+unix:///session?socket=/path, or qemu+tls://host/system. Default: $DROVER_URI,"
            + " else the nearest daemon's own default."
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
}
