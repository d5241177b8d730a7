package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The completion script of fish: verbs, options with their descriptions, files and domains. */
final class FishCompletion {
  private static final String COMMAND = "drover";

  private final CommandLine root;
  private final List<String> domainVerbs;

  /**
   * Reads nothing yet.
   *
   * @param domainVerbs verbs that take a domain
   */
  FishCompletion(CommandLine root, List<String> domainVerbs) {
    this.root = root;
    this.domainVerbs = domainVerbs;
  }

  String script() {
    List<String> lines = new ArrayList<>();
    lines.add(functions());
    lines.add("complete -c %s -f".formatted(COMMAND));
    addOptions(lines, "__drover_needs_verb", root, true);
    root.getSubcommands()
        .forEach(
            (name, verb) -> {
              lines.add(
                  "complete -c %s -n __drover_needs_verb -a %s -d %s"
                      .formatted(COMMAND, name, quoted(description(verb))));
              addVerb(lines, name, verb);
              verb.getSubcommands()
                  .forEach(
                      (childName, child) -> {
                        lines.add(
                            "complete -c %s -n %s -a %s -d %s"
                                .formatted(
                                    COMMAND, seen(name), childName, quoted(description(child))));
                        addVerb(lines, childName, child);
                      });
            });
    lines.add(
        "complete -c %s -n %s -a '(__drover_domains)'"
            .formatted(COMMAND, seen(String.join(" ", domainVerbs))));
    return String.join("\n", lines) + "\n";
  }

  /** What stands before the verb is looked through by hand: fish takes the URI for a verb. */
  private String functions() {
    String valued =
        root.getCommandSpec().options().stream()
            .filter(option -> option.arity().max() > 0)
            .flatMap(option -> Stream.of(option.names()))
            .collect(Collectors.joining(" "));
    return """
    function __drover_needs_verb
        set -l words (commandline -opc)
        set -l value no
        for word in $words[2..-1]
            if test $value = yes
                set value no
            else if contains -- $word %s
                set value yes
            else if not string match -q -- '-*' $word
                return 1
            end
        end
        test $value = no
    end

    function __drover_domains
        set -l words (commandline -opc)
        set -l connect
        for place in (seq 2 (count $words))
            switch $words[$place]
                case -c --connect
                    set connect --connect $words[(math $place + 1)]
                case '--connect=*'
                    set connect $words[$place]
            end
        end
        drover $connect --quiet list --all --name 2>/dev/null
    end
    """
        .formatted(valued);
  }

  private static void addVerb(List<String> lines, String name, CommandLine verb) {
    addOptions(lines, seen(name), verb, false);
    if (verb.getCommandSpec().positionalParameters().stream().anyMatch(FishCompletion::file)) {
      lines.add("complete -c %s -n %s -F".formatted(COMMAND, seen(name)));
    }
  }

  private static void addOptions(
      List<String> lines, String condition, CommandLine command, boolean shared) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.hidden()
          || (option.inherited() && !shared)
          || !option.longestName().startsWith("--")) {
        continue;
      }
      String shorter =
          Arrays.stream(option.names())
              .filter(name -> name.length() == 2)
              .map(name -> " -s " + name.charAt(1))
              .collect(Collectors.joining());
      lines.add(
          "complete -c %s -n %s%s -l %s%s%s -d %s"
              .formatted(
                  COMMAND,
                  condition,
                  shorter,
                  option.longestName().substring(2),
                  option.arity().max() > 0 ? " -r" : "",
                  file(option) ? " -F" : "",
                  quoted(String.join(" ", option.description()))));
    }
  }

  private static boolean file(ArgSpec argument) {
    return CompletionScripts.FILE_LABELS.contains(argument.paramLabel());
  }

  private static String seen(String verbs) {
    return "'__fish_seen_subcommand_from %s'".formatted(verbs);
  }

  private static String description(CommandLine command) {
    return String.join(" ", command.getCommandSpec().usageMessage().description());
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
