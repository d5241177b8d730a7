package dev.drover.conformance.command;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.NoImages;
import dev.drover.conformance.suite.CaseRunner;
import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.conformance.suite.Coverage;
import dev.drover.conformance.suite.Outcome;
import dev.drover.v1.Capability;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One run of chosen cases, told as it goes. */
final class SuiteRun {
  private final List<ConformanceCase> cases;
  private final boolean whole;
  private final PrintWriter out;
  private final boolean verbose;

  /**
   * A run.
   *
   * @param whole whether these are all the cases, so that the coverage can be told
   * @param out where it is told
   * @param verbose tells cases that did not fail, too
   */
  SuiteRun(List<ConformanceCase> cases, boolean whole, PrintWriter out, boolean verbose) {
    this.cases = List.copyOf(cases);
    this.whole = whole;
    this.out = out;
    this.verbose = verbose;
  }

  RunReport against(ConformanceTarget target) {
    long begun = System.nanoTime();
    CaseRunner runner = runner(target);
    out.println("%d cases against %s".formatted(cases.size(), target.connectionUri()));
    List<RunReport.Result> results = new ArrayList<>();
    for (ConformanceCase one : cases) {
      RunReport.Result result = run(runner, one);
      results.add(result);
      tell(result);
    }
    if (whole) {
      Coverage.checks().stream()
          .map(check -> run(runner, check))
          .forEach(
              result -> {
                results.add(result);
                tell(result);
              });
    }
    RunReport report =
        new RunReport(target.connectionUri(), runner.report(), results, since(begun));
    out.println(report.summary());
    return report;
  }

  private static CaseRunner runner(ConformanceTarget target) {
    CaseRunner runner;
    try {
      runner = new CaseRunner(target);
    } catch (RuntimeException | AssertionError e) {
      throw new UnusableTarget(
          "%s cannot be tested: %s".formatted(target.connectionUri(), e.getMessage()), e);
    }
    if (runner.declared().contains(Capability.CAPABILITY_BLOCK_CHAIN)
        && target.world() instanceof NoImages) {
      throw new UnusableTarget(
          "how images are made for %s is not known here; run its suite from JUnit, with a ConformanceTarget of its own"
              .formatted(target.connectionUri()));
    }
    return runner;
  }

  /** Whatever a case throws is its outcome, which the runner has noted. */
  private static RunReport.Result run(CaseRunner runner, ConformanceCase one) {
    long begun = System.nanoTime();
    try {
      runner.run(one);
    } catch (RuntimeException | AssertionError e) {
      return new RunReport.Result(
          one.id(), one.title(), new Outcome.Failed(message(e)), since(begun));
    }
    return new RunReport.Result(
        one.id(), one.title(), runner.report().entries().getLast().outcome(), since(begun));
  }

  private static RunReport.Result run(CaseRunner runner, Coverage.Check check) {
    try {
      check.assertion().accept(runner);
      return new RunReport.Result("Coverage", check.title(), new Outcome.Passed(), Duration.ZERO);
    } catch (AssertionError e) {
      return new RunReport.Result(
          "Coverage", check.title(), new Outcome.Failed(message(e)), Duration.ZERO);
    }
  }

  private static String message(Throwable failure) {
    return String.valueOf(failure.getMessage()).strip();
  }

  private void tell(RunReport.Result result) {
    switch (result.outcome()) {
      case Outcome.Failed(String message) ->
          out.println(
              "FAILED       %s: %s%n    %s"
                  .formatted(result.id(), result.title(), message.replace("\n", "\n    ")));
      case Outcome.Passed() -> tellIfVerbose("passed      ", result);
      case Outcome.DeclaredUnsupported(String _) -> tellIfVerbose("unsupported ", result);
    }
  }

  private void tellIfVerbose(String word, RunReport.Result result) {
    if (verbose) {
      out.println("%s %s: %s".formatted(word, result.id(), result.title()));
    }
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }
}
