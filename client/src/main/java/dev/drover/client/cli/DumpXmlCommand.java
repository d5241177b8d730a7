package dev.drover.client.cli;

import dev.drover.v1.Domain;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code drover dumpxml}: a domain in libvirt's XML. */
@Command(
    name = "dumpxml",
    description = {
      "Print a domain as libvirt's XML: what it runs as, or its definition where it is shut off.",
      "'drover define' reads it back. What libvirt has no words for stands in <metadata>."
    })
final class DumpXmlCommand extends DomainVerb {
  @Option(names = "--inactive", description = "The stored definition, which the next start has.")
  private boolean inactive;

  @Option(
      names = "--xpath",
      paramLabel = "EXPRESSION",
      description = "Print only the nodes that an XPath expression chooses, each on its own.")
  private Optional<String> expression = Optional.empty();

  @Option(names = "--wrap", description = "Put what --xpath chooses into one element <nodes>.")
  private boolean wrap;

  @Option(
      names = {"--security-info", "--update-cpu", "--migratable"},
      description = "Accepted as virsh does: the document holds no secrets and is the same.")
  @SuppressWarnings("unused") // There is nothing to add or to leave out.
  private boolean[] nothing = {};

  DumpXmlCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    Domain domain = inactive ? stored() : domain().get();
    if (!output().forPeople()) {
      output().message(domain);
      return;
    }
    String document = inactive ? DomainXml.definition(domain) : DomainXml.live(domain);
    if (expression.isPresent()) {
      XmlSelection selection = XmlSelection.of(document, expression.get());
      if (selection.nodes().isEmpty()) {
        throw new CommandFailure(
            "XPath expression '%s' chooses nothing".formatted(expression.get()));
      }
      output().line(wrap ? selection.wrapped() : selection.lines());
    } else {
      output().line(document);
    }
  }

  @Override
  String failure() {
    return "Failed to get the XML of domain '%s'".formatted(words());
  }
}
