package dev.drover.client.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/** What is printed of an XML document. */
final class XPathOptions {
  @Option(
      names = "--xpath",
      paramLabel = "EXPRESSION",
      description = "Print only the nodes that an XPath expression chooses, each on its own.")
  private Optional<String> expression = Optional.empty();

  @Option(names = "--wrap", description = "Put what --xpath chooses into one element <nodes>.")
  private boolean wrap;

  /**
   * The document, or what was chosen of it.
   *
   * @throws CommandFailure where nothing is chosen, or the expression is none
   */
  String chosen(String document) {
    if (expression.isEmpty()) {
      return document;
    }
    XmlSelection selection = XmlSelection.of(document, expression.get());
    if (selection.nodes().isEmpty()) {
      throw new CommandFailure("XPath expression '%s' chooses nothing".formatted(expression.get()));
    }
    return wrap ? selection.wrapped() : selection.lines();
  }
}
