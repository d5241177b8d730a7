package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * Completion scripts made from the command table; names of domains are asked of the daemon at each
 * completion.
 */
final class CompletionScripts {
  private static final String COMMAND = "drover";
  private static final String DOMAIN_LABEL = "DOMAIN";

  /** Labels of arguments that are files of the client's host. */
  static final Set<String> FILE_LABELS = Set.of("FILE", "PATH", "DIR", "DIRECTORY");

  private final CommandLine root;

  private CompletionScripts(CommandLine root) {
    this.root = root;
  }

  static CompletionScripts ofAllCommands(Session session) {
    return new CompletionScripts(CommandTable.commandLine(new GlobalOptions(), session, List.of()));
  }

  /**
   * Picocli's script, and around its function one that adds the names of domains, of the connection
   * that the line names. Bash cuts a URI into several words at its colons, so the line itself is
   * looked at.
   */
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

        function _drover_domains() {
          local -a connect=()
          local option='[[:space:]](-c|--connect)([[:space:]]+|=)([^[:space:]]+)[[:space:]]'
          if [[ ${COMP_LINE:0:COMP_POINT} =~ $option ]]; then
            local uri=${BASH_REMATCH[3]#[\\"\\']}
            connect=(--connect "${uri%%[\\"\\']}")
          fi
          drover "${connect[@]}" --quiet list --all --name 2>/dev/null
        }

        function _complete_drover_with_domains() {
          local current=${COMP_WORDS[COMP_CWORD]}
          _complete_drover
          if [[ $current != -* ]] && _drover_domain_verb; then
            COMPREPLY+=($(compgen -W "$(_drover_domains)" -- "$current"))
          fi
        }

        complete -F _complete_drover_with_domains -o default drover
        """
            .formatted(String.join(" | ", domainVerbs()));
  }

  /** Verbs, options with their descriptions, listed values, files and names of domains. */
  String zsh() {
    return new ZshCompletion(root, DOMAIN_LABEL).script();
  }

  /** Verbs, options with their descriptions, files and names of domains. */
  String fish() {
    return new FishCompletion(root, domainVerbs()).script();
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
}
