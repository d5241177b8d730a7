package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** The options every command has; they may stand before or after the command's name. */
final class GlobalOptions {
  private Optional<String> uri = Optional.empty();
  private boolean readOnly;
  private boolean quiet;
  private Output.Format format = Output.Format.TABLE;
  private boolean noHeaders;
  private Optional<String> file = Optional.empty();
  private boolean timing;

  /** What the program understands without its commands. */
  CommandSpec spec() {
    CommandSpec spec =
        CommandSpec.wrapWithoutInspection(this, CommandTable.FACTORY)
            .name("drover")
            .versionProvider(new ClientVersion());
    spec.usageMessage()
        .description("Virtual machines, their disks and the jobs on them.")
        .footer(
            "",
            "Without a command drover is interactive; 'drover -' and 'drover --file FILE' run one"
                + " command per line, drover 'COMMAND; COMMAND' several, until one fails. There"
                + " 'connect URI' says for whom those behind it are, and 'quit' ends it.",
            "A DOMAIN is named by name, id or UUID. Environment: DROVER_URI is the default of -c;"
                + " DROVER_DEBUG=1 shows stack traces; NO_COLOR turns colours off.");
    spec.addOption(
        OptionSetter.value(String.class, given -> uri = Optional.of(given), "-c", "--connect")
            .paramLabel("URI")
            .scopeType(ScopeType.INHERIT)
            .description(
                "Daemon and driver, for example qemu:///system, qemu:///session, test:///default or"
                    + " qemu+unix:///session?socket=/path, qemu+tls://host/system or"
                    + " qemu+ssh://user@host/system. Default: $DROVER_URI, else the nearest"
                    + " daemon's own default.")
            .build());
    spec.addOption(
        OptionSetter.flag(given -> readOnly = given, "-r", "--readonly")
            .scopeType(ScopeType.INHERIT)
            .description("Refuse whatever would change something.")
            .build());
    spec.addOption(
        OptionSetter.flag(given -> quiet = given, "-q", "--quiet")
            .scopeType(ScopeType.INHERIT)
            .description("Leave out confirmations, headers and progress.")
            .build());
    spec.addOption(
        OptionSetter.value(Output.Format.class, given -> format = given, "-o", "--output")
            .paramLabel("FORMAT")
            .scopeType(ScopeType.INHERIT)
            .description("Form of the answer: ${COMPLETION-CANDIDATES}. Default: table.")
            .build());
    spec.addOption(
        OptionSetter.flag(given -> noHeaders = given, "--no-headers")
            .scopeType(ScopeType.INHERIT)
            .description("Leave out the header of tables.")
            .build());
    spec.addOption(
        OptionSetter.value(String.class, given -> file = Optional.of(given), "-f", "--file")
            .paramLabel("FILE")
            .description(
                "Run the commands in this file, in place of one, until one fails; - is standard"
                    + " input.")
            .build());
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .scopeType(ScopeType.INHERIT)
            .description("Show this text.")
            .build());
    spec.addOption(
        OptionSetter.flag(given -> timing = given, "-t", "--timing")
            .description("Show after each command how long it took.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "-v", "--version")
            .versionHelp(true)
            .description("Show the version of this client.")
            .build());
    addWhatAsksForNothing(spec);
    return spec;
  }

  /**
   * What scripts give to virsh. Connections are watched and mended without being told, nothing is
   * logged but what is printed, and there is no console.
   */
  private static void addWhatAsksForNothing(CommandSpec spec) {
    for (String[] names :
        new String[][] {
          {"-d", "--debug"},
          {"-e", "--escape"},
          {"-k", "--keepalive-interval"},
          {"-K", "--keepalive-count"},
          {"-l", "--log"}
        }) {
      spec.addOption(
          OptionSetter.value(String.class, _ -> {}, names)
              .hidden(true)
              .description("Accepted as virsh does, and changes nothing.")
              .build());
    }
  }

  Optional<String> uri() {
    return uri;
  }

  boolean readOnly() {
    return readOnly;
  }

  boolean quiet() {
    return quiet;
  }

  boolean timing() {
    return timing;
  }

  /** What {@code connect} says: commands from now on go there, else to where none is named. */
  void connect(Optional<String> chosen, boolean changesNothing) {
    uri = chosen;
    readOnly = changesNothing;
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
    if (timing) {
      words.add("--timing");
    }
    return words;
  }
}
