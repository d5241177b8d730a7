package dev.drover.conformance.command;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.NoImages;
import dev.drover.conformance.bench.Observations;
import dev.drover.conformance.suite.CaseRunner;
import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.conformance.suite.ConformanceReport;
import dev.drover.conformance.suite.Coverage;
import dev.drover.conformance.suite.Outcome;
import dev.drover.v1.Capability;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/** One run of chosen cases, by one daemon or shared by several, told as it goes. */
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

  /**
   * Runs the cases.
   *
   * @param targets where; several of the same kind share the cases, each taking the next one when
   *     it has ended its last
   */
  RunReport against(List<? extends ConformanceTarget> targets) {
    long begun = System.nanoTime();
    Observations observations = new Observations();
    List<CaseRunner> runners =
        targets.stream().map(target -> runner(target, observations)).toList();
    String uri = targets.getFirst().connectionUri();
    out.println(
        "%d cases%s against %s"
            .formatted(
                cases.size(),
                whole ? " and %d checks of the whole".formatted(Coverage.checks().size()) : "",
                uri));
    List<RunReport.Result> results = new ArrayList<>(shared(runners));
    ConformanceReport byRequirement = runners.getFirst().report().emptied();
    for (int i = 0; i < results.size(); i++) {
      byRequirement.add(cases.get(i), results.get(i).outcome());
    }
    if (whole) {
      for (Coverage.Check check : Coverage.checks()) {
        RunReport.Result result = run(runners.getFirst().seen(), check);
        results.add(result);
        tell(result);
      }
    }
    RunReport report = new RunReport(uri, byRequirement, results, since(begun));
    out.println(report.summary());
    return report;
  }

  /** The results in the order of the cases, whoever ran them. */
  private List<RunReport.Result> shared(List<CaseRunner> runners) {
    AtomicReferenceArray<RunReport.Result> results = new AtomicReferenceArray<>(cases.size());
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (CaseRunner runner : runners) {
        work.add(
            workers.submit(
                () -> {
                  for (int i = next.getAndIncrement();
                      i < cases.size();
                      i = next.getAndIncrement()) {
                    RunReport.Result result = run(runner, cases.get(i));
                    results.set(i, result);
                    tell(result);
                  }
                }));
      }
      for (Future<?> one : work) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in the middle of a run", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    return IntStream.range(0, cases.size()).mapToObj(results::get).toList();
  }

  private static CaseRunner runner(ConformanceTarget target, Observations observations) {
    CaseRunner runner;
    try {
      runner = new CaseRunner(target, observations);
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
    Outcome outcome;
    try {
      outcome = runner.run(one);
    } catch (RuntimeException | AssertionError e) {
      outcome = new Outcome.Failed(message(e));
    }
    return new RunReport.Result(one.id(), one.title(), outcome, since(begun));
  }

  private static RunReport.Result run(Coverage.Seen seen, Coverage.Check check) {
    try {
      check.assertion().accept(seen);
      return new RunReport.Result("Coverage", check.title(), new Outcome.Passed(), Duration.ZERO);
    } catch (AssertionError e) {
      return new RunReport.Result(
          "Coverage", check.title(), new Outcome.Failed(message(e)), Duration.ZERO);
    }
  }

  private static String message(Throwable failure) {
    return String.valueOf(failure.getMessage()).strip();
  }

  /** A line at a time: the writer is everybody's. */
  private void tell(RunReport.Result result) {
    switch (result.outcome()) {
      case Outcome.Failed(String message) ->
          out.println(
              "FAILED       %s: %s%n    %s"
                  .formatted(result.id(), result.title(), message.replace("\n", "\n    ")));
      case Outcome.Passed() -> tellIfVerbose("passed      ", result);
      case Outcome.DeclaredUnsupported(String _) -> tellIfVerbose("unsupported ", result);
      case Outcome.BeyondReach(String _) -> tellIfVerbose("out of reach", result);
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
