package dev.drover.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.OutOfReach;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Observations;
import dev.drover.v1.Capability;
import dev.drover.v1.DriverCapabilities;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Runs cases one after the other against one target and keeps what came out. */
public final class CaseRunner {

  /** Random digits in the names of a run: enough that no other run, and no owner, has them. */
  private static final int DIGITS = 6;

  private final ConformanceTarget target;
  private final Observations observations;
  private final ConformanceReport report;
  private final Set<Capability> declared;
  private final Map<Capability, String> refused = new EnumMap<>(Capability.class);
  private final String run = UUID.randomUUID().toString().substring(0, DIGITS);
  private int count;

  /** Asks the driver for its capabilities, which decide about every case. */
  public CaseRunner(ConformanceTarget target) {
    this(target, new Observations());
  }

  /** As one of several that share a run: each has a target of its own, all observe together. */
  public CaseRunner(ConformanceTarget target, Observations observations) {
    this.target = target;
    this.observations = observations;
    DriverCapabilities driver = Bench.driverOf(target, observations);
    this.report =
        new ConformanceReport(
            target.name(),
            (driver.getHypervisorName() + " " + driver.getHypervisorVersion()).strip());
    this.declared = Set.copyOf(driver.getCapabilitiesList());
    assertThat(declared)
        .as("capabilities this suite knows; a newer driver needs a newer suite")
        .doesNotContain(Capability.UNRECOGNIZED, Capability.CAPABILITY_UNSPECIFIED);
    assertThat(declared)
        .as("what every driver must be able to do")
        .contains(Capability.CAPABILITY_DOMAIN_LIFECYCLE);
  }

  /** What came out so far. */
  public ConformanceReport report() {
    return report;
  }

  /** What the driver declares. */
  public Set<Capability> declared() {
    return declared;
  }

  /** What the checks of a whole run look at. */
  public Coverage.Seen seen() {
    return new Coverage.Seen(observations, declared);
  }

  /**
   * Runs a case, or asserts the refusal of what it needs; throws what failed.
   *
   * @return how it ended otherwise
   */
  public Outcome run(ConformanceCase one) {
    count++;
    try {
      Set<Capability> missing = EnumSet.noneOf(Capability.class);
      missing.addAll(one.needs());
      missing.removeAll(declared);
      if (missing.isEmpty()) {
        try (Bench bench = bench()) {
          one.run(bench);
        }
        return added(one, new Outcome.Passed());
      }
      Capability first = missing.iterator().next();
      return added(one, new Outcome.DeclaredUnsupported(first + ": " + refusal(first)));
    } catch (OutOfReach e) {
      return added(one, new Outcome.BeyondReach(String.valueOf(e.getMessage())));
    } catch (RuntimeException | Error e) {
      report.add(one, new Outcome.Failed(String.valueOf(e.getMessage())));
      throw e;
    }
  }

  private Outcome added(ConformanceCase one, Outcome outcome) {
    report.add(one, outcome);
    return outcome;
  }

  /** A refusal is the same for every case that needs the capability, so that once is enough. */
  private String refusal(Capability missing) {
    String known = refused.get(missing);
    if (known != null) {
      return known;
    }
    try (Bench bench = bench()) {
      String shown = Refusals.check(missing, bench);
      refused.put(missing, shown);
      return shown;
    }
  }

  private Bench bench() {
    // A daemon that runs already has domains of its owner's, and images of the runs before.
    return Bench.open(target, observations, declared, run + "-" + count);
  }
}
