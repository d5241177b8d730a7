package dev.drover.client.cli;

import dev.drover.v1.Domain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin private final XPathOptions xpath = new XPathOptions();

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
    output().line(xpath.chosen(inactive ? DomainXml.definition(domain) : DomainXml.live(domain)));
  }

  @Override
  String failure() {
    return "Failed to get the XML of domain '%s'".formatted(words());
  }
}
