package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.v1.Snapshot;
import java.util.Optional;
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

  /** The current snapshot, where the domain has one. */
  final Snapshot requireCurrent(Optional<Snapshot> current) {
    return current.orElseThrow(
        () -> new CommandFailure("domain '%s' has no current snapshot".formatted(domain)));
  }
}
