package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Completion scripts made from the command table; names of domains are asked of the daemon at each
 * completion.
 */
final class CompletionScripts {
  private static final String COMMAND = "drover";
  private static final String DOMAIN_LABEL = "DOMAIN";
  private static final String DOMAIN_NAMES = COMMAND + " --quiet list --all --name 2>/dev/null";

  private final CommandLine root;

  private CompletionScripts(CommandLine root) {
    this.root = root;
  }

  static CompletionScripts ofAllCommands(Session session) {
    return new CompletionScripts(CommandTable.commandLine(new GlobalOptions(), session, List.of()));
  }

  /** Picocli's script, and around its function one that adds the names of domains. */
  String bash() {
    return AutoComplete.bash(COMMAND, root)
        + """

        function _drover_domain_verb() {
          local word
          for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
            case "$word" in
              %s) return 0 ;;
            esac
          done
          return 1
        }

        function _complete_drover_with_domains() {
          local current=${COMP_WORDS[COMP_CWORD]}
          _complete_drover
          if [[ $current != -* ]] && _drover_domain_verb; then
            COMPREPLY+=($(compgen -W "$(%s)" -- "$current"))
          fi
        }

        complete -F _complete_drover_with_domains -o default drover
        """
            .formatted(String.join(" | ", domainVerbs()), DOMAIN_NAMES);
  }

  /** Verbs, options with their descriptions, listed values, files and names of domains. */
  String zsh() {
    return new ZshCompletion(root, DOMAIN_LABEL, DOMAIN_NAMES).script();
  }

  /** Verbs, options with their descriptions, and names of domains. */
  String fish() {
    List<String> lines = new ArrayList<>();
    lines.add("complete -c %s -f".formatted(COMMAND));
    root.getSubcommands()
        .forEach(
            (name, command) -> {
              lines.add(
                  "complete -c %s -n __fish_use_subcommand -a %s -d %s"
                      .formatted(COMMAND, name, quoted(description(command))));
              addOptions(lines, name, command);
              command
                  .getSubcommands()
                  .forEach(
                      (childName, child) -> {
                        lines.add(
                            "complete -c %s -n '__fish_seen_subcommand_from %s' -a %s -d %s"
                                .formatted(COMMAND, name, childName, quoted(description(child))));
                        addOptions(lines, childName, child);
                      });
            });
    lines.add(
        "complete -c %s -n '__fish_seen_subcommand_from %s' -a '(%s)'"
            .formatted(COMMAND, String.join(" ", domainVerbs()), DOMAIN_NAMES));
    return String.join("\n", lines) + "\n";
  }

  private static void addOptions(List<String> lines, String verb, CommandLine command) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.inherited() || !option.longestName().startsWith("--")) {
        continue;
      }
      lines.add(
          "complete -c %s -n '__fish_seen_subcommand_from %s' -l %s%s -d %s"
              .formatted(
                  COMMAND,
                  verb,
                  option.longestName().substring(2),
                  option.arity().max() > 0 ? " -r" : "",
                  quoted(String.join(" ", option.description()))));
    }
  }

  private List<String> domainVerbs() {
    List<String> verbs = new ArrayList<>();
    collect(verbs, root.getSubcommands());
    return verbs;
  }

  private static void collect(List<String> verbs, Map<String, CommandLine> commands) {
    commands.forEach(
        (name, command) -> {
          boolean first =
              command.getCommandSpec().positionalParameters().stream()
                  .anyMatch(parameter -> parameter.paramLabel().equals(DOMAIN_LABEL));
          if (first) {
            verbs.add(name);
          }
          collect(verbs, command.getSubcommands());
        });
  }

  private static String description(CommandLine command) {
    return String.join(" ", command.getCommandSpec().usageMessage().description());
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
