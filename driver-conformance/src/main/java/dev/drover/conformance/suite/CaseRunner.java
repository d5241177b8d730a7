package dev.drover.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Observations;
import dev.drover.v1.Capability;
import dev.drover.v1.DriverCapabilities;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Runs cases one after the other against one target and keeps what came out. */
public final class CaseRunner {

  private final ConformanceTarget target;
  private final Observations observations = new Observations();
  private final ConformanceReport report;
  private final Set<Capability> declared;
  private final Map<Capability, String> refused = new EnumMap<>(Capability.class);
  private int count;

  /** Asks the driver for its capabilities, which decide about every case. */
  public CaseRunner(ConformanceTarget target) {
    this.target = target;
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

  /** What was called and provoked so far. */
  public Observations observations() {
    return observations;
  }

  /** What the driver declares. */
  public Set<Capability> declared() {
    return declared;
  }

  /** Runs a case, or asserts the refusal of what it needs; throws what failed. */
  public void run(ConformanceCase one) {
    count++;
    try {
      Set<Capability> missing = EnumSet.noneOf(Capability.class);
      missing.addAll(one.needs());
      missing.removeAll(declared);
      if (missing.isEmpty()) {
        try (Bench bench = bench()) {
          one.run(bench);
        }
        report.add(one, new Outcome.Passed());
      } else {
        Capability first = missing.iterator().next();
        report.add(one, new Outcome.DeclaredUnsupported(first + ": " + refusal(first)));
      }
    } catch (RuntimeException | Error e) {
      report.add(one, new Outcome.Failed(String.valueOf(e.getMessage())));
      throw e;
    }
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
    return Bench.open(target, observations, declared, Integer.toString(count));
  }
}
