package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
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

  /**
   * The domain, of which a change of the stored definition is wanted.
   *
   * @throws CommandFailure where it has none
   */
  final Domain stored() {
    Domain found = domain().get();
    if (!found.getStatus().getPersistent()) {
      throw new CommandFailure(
          failure(),
          "domain '%s' is transient and has no stored definition; 'drover define' makes one"
              .formatted(name(found)));
    }
    return found;
  }

  /**
   * Stores another spec, unless somebody else has stored one since the domain was read.
   *
   * @throws dev.drover.client.DroverException ETAG_MISMATCH, and as DefineDomain documents
   */
  final Domain redefine(Domain read, DomainSpec spec) {
    return drover()
        .domains()
        .define(DefineDomainRequest.newBuilder().setSpec(spec).setEtag(read.getEtag()).build());
  }

  /** The current snapshot, where the domain has one. */
  final Snapshot requireCurrent(Optional<Snapshot> current) {
    return current.orElseThrow(
        () -> new CommandFailure("domain '%s' has no current snapshot".formatted(domain)));
  }
}
