package dev.drover.server.service;

import dev.drover.server.access.Glob;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainFilter;
import java.util.Map;
import java.util.function.Predicate;

/** Chooses domains by a filter; what the filter leaves empty does not restrict. */
final class DomainMatcher implements Predicate<Domain> {

  private final DomainFilter filter;
  private final Predicate<String> name;

  DomainMatcher(DomainFilter filter) {
    this.filter = filter;
    this.name = Glob.filter(filter.getNameGlob());
  }

  @Override
  public boolean test(Domain domain) {
    var status = domain.getStatus();
    return (filter.getStatesCount() == 0 || filter.getStatesList().contains(status.getState()))
        && (!filter.hasPersistent() || filter.getPersistent() == status.getPersistent())
        && (!filter.hasAutostart() || filter.getAutostart() == status.getAutostart())
        && (!filter.hasHasSnapshots()
            || filter.getHasSnapshots() == (status.getSnapshotCount() != 0))
        && name.test(domain.getSpec().getName())
        && labels(domain.getSpec().getLabelsMap());
  }

  private boolean labels(Map<String, String> labels) {
    return labels.entrySet().containsAll(filter.getLabelsMap().entrySet());
  }
}
