package dev.drover.server.access;

import java.util.List;
import java.util.Optional;

/**
 * Gives a role to principals.
 *
 * @param principals patterns, one of which a principal matches
 * @param role what they get
 * @param limit the domains it holds for; empty: the whole host
 * @param line line of the policy file where it begins; 0: it is not from the file
 */
public record Binding(List<Glob> principals, Role role, Optional<DomainSelector> limit, int line) {

  /** Copies the list. */
  public Binding {
    principals = List.copyOf(principals);
  }

  /** Whether it is about a principal. */
  public boolean binds(String principal) {
    return principals.stream().anyMatch(pattern -> pattern.matches(principal));
  }
}
