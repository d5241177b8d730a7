package dev.drover.server.access;

import java.util.List;
import java.util.Map;

/**
 * The domains that a binding is limited to: those of a name and with labels.
 *
 * @param names patterns, one of which the name matches; empty: any name
 * @param labels labels that the domain has, all of them; empty: any
 */
public record DomainSelector(List<Glob> names, Map<String, String> labels) {

  /** Copies the collections. */
  public DomainSelector {
    names = List.copyOf(names);
    labels = Map.copyOf(labels);
  }

  /** Whether a domain is among them. */
  public boolean covers(DomainTraits domain) {
    return (names.isEmpty() || names.stream().anyMatch(name -> name.matches(domain.name())))
        && domain.labels().entrySet().containsAll(labels.entrySet());
  }
}
