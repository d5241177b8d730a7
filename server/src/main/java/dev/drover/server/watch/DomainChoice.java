package dev.drover.server.watch;

import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * The domains that a stream is about.
 *
 * @param named the one domain; empty: every domain
 * @param name what its name must satisfy
 * @param labels labels it must have
 * @param now finds the labels that the domain of a name and uuid has now; none where it is gone
 */
public record DomainChoice(
    Optional<Named> named,
    Predicate<String> name,
    Map<String, String> labels,
    BiFunction<String, String, Map<String, String>> now) {

  /**
   * A domain in one of the ways in which objects name it.
   *
   * @param name its name; empty: named by uuid
   * @param uuid its uuid in any case; empty: named by name
   */
  public record Named(String name, String uuid) {

    boolean is(String otherName, String otherUuid) {
      return name.isEmpty() ? uuid.equalsIgnoreCase(otherUuid) : name.equals(otherName);
    }
  }

  /** Copies the labels. */
  public DomainChoice {
    labels = Map.copyOf(labels);
  }

  /** Whether a domain of a name and uuid that has, or had before a change, some labels is meant. */
  boolean holds(String itsName, String uuid, Map<String, String> has) {
    return concerns(itsName, uuid) && has.entrySet().containsAll(labels.entrySet());
  }

  /** Whether the domain that a job or snapshot belongs to is meant. */
  boolean holdsOwner(String itsName, String uuid) {
    return concerns(itsName, uuid)
        && (labels.isEmpty() || now.apply(itsName, uuid).entrySet().containsAll(labels.entrySet()));
  }

  private boolean concerns(String itsName, String uuid) {
    return named.map(domain -> domain.is(itsName, uuid)).orElse(true) && name.test(itsName);
  }
}
