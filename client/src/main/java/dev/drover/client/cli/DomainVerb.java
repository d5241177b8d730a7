package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import picocli.CommandLine.Parameters;

/** A command on one domain, its first argument. */
abstract class DomainVerb extends Verb {
  @Parameters(index = "0", paramLabel = "DOMAIN", description = "Name, id or UUID of the domain.")
  private String domain = "";

  DomainVerb(Session session) {
    super(session);
  }

  /** The domain as the person called it. */
  final String words() {
    return domain;
  }

  final DomainHandle domain() {
    return domain(domain);
  }
}
