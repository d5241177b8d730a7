package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Completes commands, their options, and what these take: names of domains, disks, images,
 * snapshots and jobs as the daemon knows them, and words from a list.
 */
final class ShellCompleter implements Completer {
  private final CommandLine root;
  private final ShellNames names;

  ShellCompleter(CommandLine root, ShellNames names) {
    this.root = root;
    this.names = names;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    candidates(line.words().subList(0, line.wordIndex()), line.word()).stream()
        .map(Candidate::new)
        .forEach(candidates::add);
  }

  /**
   * What may stand next.
   *
   * @param before the words before it
   * @param begun what there is of it already
   */
  List<String> candidates(List<String> before, String begun) {
    CommandLine command = root;
    List<String> positional = new ArrayList<>();
    Optional<OptionSpec> open = Optional.empty();
    for (String word : before) {
      if (open.isPresent()) {
        open = Optional.empty();
      } else if (word.startsWith("-")) {
        @Nullable OptionSpec option = command.getCommandSpec().findOption(word);
        open = Optional.ofNullable(option).filter(found -> found.arity().max() > 0);
      } else if (positional.isEmpty() && command.getSubcommands().containsKey(word)) {
        command = command.getSubcommands().get(word);
      } else if (command.getParent() != null || !word.equals("help")) {
        positional.add(word);
      }
    }
    if (open.isPresent()) {
      return values(open.get(), positional);
    }
    if (begun.startsWith("-")) {
      return options(command.getCommandSpec());
    }
    if (!command.getSubcommands().isEmpty()) {
      return positional.isEmpty() ? commands(command, before.isEmpty()) : List.of();
    }
    return parameter(command.getCommandSpec(), positional.size())
        .map(parameter -> values(parameter, positional))
        .orElse(List.of());
  }

  private List<String> commands(CommandLine command, boolean first) {
    List<String> commands = new ArrayList<>(command.getSubcommands().keySet());
    if (command.getParent() == null && first) {
      commands.add("help");
      commands.add(ConnectWords.NAME);
      commands.addAll(CommandBatch.ENDINGS);
    }
    return commands;
  }

  private static List<String> options(CommandSpec spec) {
    return spec.options().stream()
        .filter(option -> !option.hidden())
        .map(OptionSpec::longestName)
        .toList();
  }

  private static Optional<PositionalParamSpec> parameter(CommandSpec spec, int place) {
    return spec.positionalParameters().stream()
        .filter(parameter -> parameter.index().contains(place))
        .findFirst();
  }

  private List<String> values(ArgSpec taker, List<String> positional) {
    @Nullable Iterable<String> listed = taker.completionCandidates();
    if (listed != null) {
      return StreamSupport.stream(listed.spliterator(), false).toList();
    }
    return names.of(taker.paramLabel(), positional.stream().findFirst());
  }
}
