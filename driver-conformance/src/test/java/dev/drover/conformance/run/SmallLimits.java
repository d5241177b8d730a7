package dev.drover.conformance.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.dispatch.LimitCases;
import dev.drover.conformance.suite.CaseRunner;
import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.conformance.suite.Outcome;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.server.config.DaemonConfig;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Daemons whose limits a case can reach. An answer that is forgotten for its number is not to be
 * taken for one that is forgotten for its age, so that there are two.
 */
final class SmallLimits {
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final int RECORDS = 12;
  private static final Duration AGE = Duration.ofSeconds(2);

  private SmallLimits() {}

  /** Runs the cases of limits on both daemons, each opened by its change to the plan. */
  static void run(Function<UnaryOperator<EmbeddedDaemon.Plan>, ConformanceTarget> opener) {
    List<UnaryOperator<EmbeddedDaemon.Plan>> daemons =
        List.of(
            plan -> with(plan, LONGEST, RECORDS, limits(plan).requestRecordAge()),
            plan -> with(plan, limits(plan).maximumDeadline(), limits(plan).requestRecords(), AGE));
    List<ConformanceCase> cases = ConformanceCase.of(LimitCases.class);
    Set<String> reached = new HashSet<>();
    for (UnaryOperator<EmbeddedDaemon.Plan> daemon : daemons) {
      try (ConformanceTarget target = opener.apply(daemon)) {
        CaseRunner runner = new CaseRunner(target);
        cases.stream()
            .filter(one -> runner.run(one) instanceof Outcome.Passed)
            .map(ConformanceCase::id)
            .forEach(reached::add);
      }
    }
    assertThat(reached)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(cases.stream().map(ConformanceCase::id).toList());
  }

  private static DaemonConfig.Limits limits(EmbeddedDaemon.Plan plan) {
    return plan.config().limits();
  }

  private static EmbeddedDaemon.Plan with(
      EmbeddedDaemon.Plan plan, Duration longest, int records, Duration age) {
    DaemonConfig.Limits now = limits(plan);
    return plan.config(
        plan.config()
            .withLimits(
                new DaemonConfig.Limits(
                    now.messageBytes(),
                    now.callsPerConnection(),
                    now.watchers(),
                    now.eventHistory(),
                    longest.compareTo(now.defaultDeadline()) < 0 ? longest : now.defaultDeadline(),
                    longest,
                    records,
                    age,
                    now.callsPerCaller(),
                    now.driver())));
  }
}
