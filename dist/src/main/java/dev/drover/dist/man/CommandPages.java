package dev.drover.dist.man;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Pages about programs: one for each command, and one for each command of a command. */
final class CommandPages {
  private final PageMaker maker;
  private final int section;

  CommandPages(PageMaker maker, int section) {
    this.maker = maker;
    this.section = section;
  }

  /**
   * The pages of a program.
   *
   * @param ending what is added to the program's own page
   * @return text by the name of the file
   */
  Map<String, String> of(CommandSpec program, PageEnding ending) {
    Map<String, String> pages = new TreeMap<>();
    add(pages, program, ending);
    return pages;
  }

  /** Adds what only people know to a page that is otherwise made from the program. */
  @FunctionalInterface
  interface PageEnding {
    void addTo(Roff page);
  }

  private void add(Map<String, String> pages, CommandSpec command, PageEnding ending) {
    String name = command.qualifiedName("-");
    Roff page = maker.page(name, section, summary(command));
    page.heading("SYNOPSIS").marked(synopsis(command));
    page.heading("DESCRIPTION").paragraph(description(command));
    Arrays.stream(command.usageMessage().footer())
        .filter(line -> !line.isBlank())
        .forEach(line -> page.paragraph(plain(line)));
    List<PositionalParamSpec> arguments = command.positionalParameters();
    if (!arguments.isEmpty()) {
      page.heading("ARGUMENTS");
      arguments.forEach(argument -> page.item(label(argument), plain(argument.description())));
    }
    List<OptionSpec> options =
        command.options().stream()
            .filter(option -> !option.hidden() && !option.inherited())
            .toList();
    if (!options.isEmpty()) {
      page.heading("OPTIONS");
      options.forEach(option -> page.item(option(option), plain(option.description())));
    }
    Map<String, CommandLine> commands = command.subcommands();
    if (!commands.isEmpty()) {
      page.heading("COMMANDS");
      commands.forEach(
          (child, line) ->
              page.item(
                  Roff.page(name + "-" + child, section), description(line.getCommandSpec())));
    }
    ending.addTo(page);
    pages.put(name + "." + section, page.text());
    String others =
        command.parent() == null ? name : name + ", " + command.root().qualifiedName("-");
    commands.forEach(
        (child, line) ->
            add(pages, line.getCommandSpec(), childPage -> seeAlso(childPage, others)));
  }

  private void seeAlso(Roff page, String names) {
    String pages =
        Stream.of(names.split(", ", -1))
            .distinct()
            .map(name -> Roff.page(name, section))
            .collect(Collectors.joining(", "));
    page.heading("SEE ALSO").marked(pages + ", which has the options of every command.");
  }

  private static String synopsis(CommandSpec command) {
    List<String> parts = new ArrayList<>();
    parts.add(Roff.bold(command.qualifiedName(" ")));
    parts.add("[" + Roff.italic("OPTION") + "]...");
    command.positionalParameters().forEach(argument -> parts.add(label(argument)));
    if (!command.subcommands().isEmpty()) {
      parts.add(Roff.italic("COMMAND"));
    }
    return String.join(" ", parts);
  }

  private static String label(PositionalParamSpec argument) {
    String label = Roff.italic(argument.paramLabel()) + (argument.arity().max() > 1 ? "..." : "");
    return argument.required() ? label : "[" + label + "]";
  }

  private static String option(OptionSpec option) {
    return Arrays.stream(option.names())
        .map(
            name -> {
              if (option.arity().max() == 0) {
                return Roff.bold(name);
              }
              String value = Roff.italic(option.paramLabel());
              return Roff.bold(name) + (name.startsWith("--") ? "=" : " ") + value;
            })
        .collect(Collectors.joining(", "));
  }

  /** The first sentence, as the line that apropos(1) looks through. */
  private static String summary(CommandSpec command) {
    String text = description(command);
    int end = text.indexOf(". ");
    String sentence = end < 0 ? text : text.substring(0, end);
    String first = sentence.substring(0, 1).toLowerCase(Locale.ROOT);
    return first + sentence.substring(1).replaceFirst("\\.$", "");
  }

  private static String description(CommandSpec command) {
    return plain(command.usageMessage().description());
  }

  private static String plain(String... lines) {
    return String.join(" ", lines).replace("%n", " ").replace("%%", "%");
  }
}
