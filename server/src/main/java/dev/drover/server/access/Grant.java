package dev.drover.server.access;

import java.util.List;

/** How far one permission of one caller reaches. */
public sealed interface Grant {

  /** Whether it reaches a domain. */
  boolean covers(DomainTraits domain);

  /** The caller does not have the permission. */
  record Nothing() implements Grant {
    @Override
    public boolean covers(DomainTraits domain) {
      return false;
    }
  }

  /** The caller has it without limits. */
  record Everywhere() implements Grant {
    @Override
    public boolean covers(DomainTraits domain) {
      return true;
    }
  }

  /**
   * The caller has it on some domains.
   *
   * @param domains selectors, one of which covers the domain
   */
  record Within(List<DomainSelector> domains) implements Grant {

    /** Copies the list. */
    public Within {
      domains = List.copyOf(domains);
    }

    @Override
    public boolean covers(DomainTraits domain) {
      return domains.stream().anyMatch(selector -> selector.covers(domain));
    }
  }
}
