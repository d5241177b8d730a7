package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A completion script for zsh, made from the command table: commands and options with what they do,
 * the values that are listed, and files or the names of domains where those are asked for. It works
 * as a file of {@code $fpath} and where it is sourced.
 */
final class ZshCompletion {
  private static final String NO_ACTION = " ";
  private static final String FILES = "_files";

  private final CommandLine root;
  private final String domainLabel;

  /**
   * Reads nothing yet.
   *
   * @param domainLabel label of the arguments that take a domain
   */
  ZshCompletion(CommandLine root, String domainLabel) {
    this.root = root;
    this.domainLabel = domainLabel;
  }

  String script() {
    return """
    #compdef drover

    _drover_domains() {
      local -a names
      names=("${(@f)$(drover $connect --quiet list --all --name 2>/dev/null)}")
      compadd -a names
    }

    _drover() {
      local context state state_descr line curcontext="$curcontext"
      local -A opt_args
      # The daemon that the line names is the one whose domains are offered.
      local -a connect=(${(Q)${(M)words:#--connect=*}})
      local -i option=${words[(i)(-c|--connect)]}
      if (( option + 1 < CURRENT )); then
        connect=(--connect ${(Q)words[option + 1]})
      fi
    %s}

    if [ "$funcstack[1]" = _drover ]; then
      _drover "$@"
    else
      autoload -Uz compinit
      (( $+functions[compdef] )) || compinit
      compdef _drover drover
    fi
    """
        .formatted(command(root, "  "));
  }

  private String command(CommandLine line, String indent) {
    List<String> arguments = new ArrayList<>();
    line.getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> addOption(arguments, option));
    Map<String, CommandLine> children = line.getSubcommands();
    if (children.isEmpty()) {
      line.getCommandSpec().positionalParameters().stream()
          .map(this::argument)
          .forEach(arguments::add);
      return indent + "_arguments -s" + words(arguments, indent) + "\n";
    }
    arguments.add("'1: :->command'");
    arguments.add("'*:: :->arguments'");
    String commands =
        children.entrySet().stream()
            .map(
                child -> "'%s:%s'".formatted(child.getKey(), quoted(description(child.getValue()))))
            .collect(Collectors.joining("\n" + indent + "    "));
    String cases =
        children.entrySet().stream()
            .map(
                child ->
                    "%s    %s)\n%s%s      ;;\n"
                        .formatted(
                            indent,
                            child.getKey(),
                            command(child.getValue(), indent + "      "),
                            indent))
            .collect(Collectors.joining());
    return """
    %1$s_arguments -s -C%2$s && return
    %1$sif [[ $state = command ]]; then
    %1$s  local -a commands=(
    %1$s    %3$s
    %1$s  )
    %1$s  _describe -t commands command commands
    %1$selif [[ $state = arguments ]]; then
    %1$s  case $words[1] in
    %4$s%1$s  esac
    %1$sfi
    """
        .formatted(indent, words(arguments, indent), commands, cases);
  }

  private static String words(List<String> arguments, String indent) {
    return arguments.stream()
        .map(argument -> " \\\n" + indent + "  " + argument)
        .collect(Collectors.joining());
  }

  private void addOption(List<String> arguments, OptionSpec option) {
    String others = String.join(" ", option.names());
    boolean takes = option.arity().max() > 0;
    for (String name : option.names()) {
      String suffix = !takes ? "" : name.startsWith("--") ? "=" : "+";
      arguments.add(
          "'(%s)%s%s[%s]%s'"
              .formatted(
                  others,
                  name,
                  suffix,
                  bracketed(String.join(" ", option.description())),
                  takes ? ":%s:%s".formatted(colons(option.paramLabel()), action(option)) : ""));
    }
  }

  private String argument(PositionalParamSpec argument) {
    String place =
        argument.index().isVariable() ? "*" : Integer.toString(argument.index().min() + 1);
    String optional = argument.required() || place.equals("*") ? ":" : "::";
    return "'%s%s%s:%s'"
        .formatted(place, optional, colons(argument.paramLabel()), action(argument));
  }

  private String action(ArgSpec argument) {
    @Nullable Iterable<String> listed = argument.completionCandidates();
    if (listed != null) {
      List<String> values = new ArrayList<>();
      listed.forEach(values::add);
      return "(" + quoted(String.join(" ", values)) + ")";
    }
    String label = argument.paramLabel();
    if (label.equals(domainLabel)) {
      return "_drover_domains";
    }
    return CompletionScripts.FILE_LABELS.contains(label) ? FILES : NO_ACTION;
  }

  private static String description(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    return String.join(" ", spec.usageMessage().description());
  }

  private static String bracketed(String text) {
    return quoted(text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]"));
  }

  private static String colons(String text) {
    return quoted(text.replace(":", "\\:"));
  }

  /** For within single quotes. */
  private static String quoted(String text) {
    return text.replace("'", "'\\''");
  }
}
