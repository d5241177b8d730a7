package dev.drover.server.access;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import java.util.Map;

/**
 * What a policy looks at in a domain.
 *
 * @param name its name
 * @param labels its labels
 */
public record DomainTraits(String name, Map<String, String> labels) {

  /** Copies the labels. */
  public DomainTraits {
    labels = Map.copyOf(labels);
  }

  /** Those of a domain. */
  public static DomainTraits of(Domain domain) {
    return of(domain.getSpec());
  }

  /** Those that a domain of a spec would have. */
  public static DomainTraits of(DomainSpec spec) {
    return new DomainTraits(spec.getName(), spec.getLabelsMap());
  }
}
