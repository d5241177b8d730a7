package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Lets each positional argument be given by name too, as in virsh: {@code blockcommit --domain web
 * --path vda}. The name is the label of the argument in lower case; those without a name fill the
 * places that are left, in order.
 */
final class NamedArguments {
  private NamedArguments() {}

  /** The arguments with the named ones put in their places. */
  static List<String> rewrite(CommandLine root, List<String> arguments) {
    CommandLine command = root;
    int start = 0;
    int next = 0;
    while (next < arguments.size()) {
      String word = arguments.get(next);
      if (word.startsWith("-")) {
        next += takesNextWord(command.getCommandSpec(), word) ? 2 : 1;
        continue;
      }
      @Nullable CommandLine child = command.getSubcommands().get(word);
      if (child == null) {
        break;
      }
      command = child;
      next++;
      start = next;
    }
    List<String> rewritten = new ArrayList<>(arguments.subList(0, start));
    rewritten.addAll(places(command.getCommandSpec(), arguments.subList(start, arguments.size())));
    return rewritten;
  }

  private static List<String> places(CommandSpec spec, List<String> words) {
    if (words.stream().noneMatch(word -> word.startsWith("--"))) {
      return words;
    }
    List<PositionalParamSpec> positional =
        spec.positionalParameters().stream()
            .filter(parameter -> !parameter.index().isVariable())
            .sorted((one, other) -> Integer.compare(one.index().min(), other.index().min()))
            .toList();
    List<String> options = new ArrayList<>();
    List<String> unnamed = new ArrayList<>();
    Map<Integer, String> filled = new TreeMap<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      Optional<Integer> place = place(spec, positional, name);
      if (word.equals("--")) {
        unnamed.addAll(words.subList(i + 1, words.size()));
        break;
      } else if (place.isPresent() && (equals >= 0 || i + 1 < words.size())) {
        filled.put(place.get(), equals >= 0 ? word.substring(equals + 1) : words.get(++i));
      } else if (word.startsWith("-") && word.length() > 1) {
        options.add(word);
        if (takesNextWord(spec, word) && i + 1 < words.size()) {
          options.add(words.get(++i));
        }
      } else {
        unnamed.add(word);
      }
    }
    if (filled.isEmpty()) {
      return words;
    }
    int used = 0;
    for (int i = 0; i < positional.size() && used < unnamed.size(); i++) {
      if (!filled.containsKey(i)) {
        filled.put(i, unnamed.get(used++));
      }
    }
    List<String> result = new ArrayList<>(options);
    result.add("--");
    result.addAll(filled.values());
    result.addAll(unnamed.subList(used, unnamed.size()));
    return result;
  }

  private static Optional<Integer> place(
      CommandSpec spec, List<PositionalParamSpec> positional, String name) {
    if (!name.startsWith("--") || spec.findOption(name) != null) {
      return Optional.empty();
    }
    for (int i = 0; i < positional.size(); i++) {
      String label = positional.get(i).paramLabel().toLowerCase(Locale.ROOT);
      if (name.equals("--" + label)) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  private static boolean takesNextWord(CommandSpec spec, String word) {
    @Nullable OptionSpec option = spec.findOption(word);
    return option != null && option.arity().max() > 0;
  }
}
