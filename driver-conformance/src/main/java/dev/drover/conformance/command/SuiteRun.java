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
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.HostServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/** One run of chosen cases, by one daemon or shared by several, told as it goes. */
final class SuiteRun {
  /** Within it a daemon that runs answers what it holds in memory, also on a busy machine. */
  private static final Duration LOOK = Duration.ofSeconds(20);

  private final List<ConformanceCase> cases;
  private final boolean whole;
  private final PrintWriter out;
  private final boolean verbose;
  private volatile Optional<String> ended = Optional.empty();

  /** Where a worker runs its cases. */
  private record Place(ConformanceTarget target, CaseRunner runner) {}

  /** A case that has run. */
  private record Ran(ConformanceCase run, RunReport.Result result) {}

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
   * @return of the cases that have run, fewer than all where the run was stopped
   */
  RunReport against(List<? extends ConformanceTarget> targets) {
    long begun = System.nanoTime();
    Observations observations = new Observations();
    List<Place> places =
        targets.stream().map(target -> new Place(target, runner(target, observations))).toList();
    CaseRunner first = places.getFirst().runner();
    String uri = targets.getFirst().connectionUri();
    out.println(
        "%d cases%s against %s"
            .formatted(
                cases.size(),
                whole ? " and %d checks of the whole".formatted(Coverage.checks().size()) : "",
                uri));
    List<Ran> ran = shared(places);
    List<RunReport.Result> results = new ArrayList<>(ran.stream().map(Ran::result).toList());
    ConformanceReport byRequirement = first.report().emptied();
    ran.forEach(one -> byRequirement.add(one.run(), one.result().outcome()));
    if (whole && ended.isEmpty()) {
      for (Coverage.Check check : Coverage.checks()) {
        RunReport.Result result = run(first.seen(), check);
        results.add(result);
        tell(result);
      }
    }
    RunReport report = new RunReport(uri, byRequirement, results, since(begun));
    out.println(report.summary());
    return report;
  }

  /**
   * Lets nobody begin another case; those under way go on to their end, so that each removes what
   * it has made.
   */
  void stop() {
    end("stopped");
  }

  private synchronized void end(String why) {
    ended = ended.or(() -> Optional.of(why));
  }

  /** Why a report would tell half the truth; empty where every case has run. */
  Optional<String> broken(RunReport report) {
    return ended.map(
        why ->
            "%s when %d of %d cases had run; no report is written"
                .formatted(why, report.results().size(), cases.size()));
  }

  /** The results in the order of the cases, whoever ran them; fewer where the run was stopped. */
  private List<Ran> shared(List<Place> places) {
    AtomicReferenceArray<Ran> results = new AtomicReferenceArray<>(cases.size());
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (Place place : places) {
        work.add(
            workers.submit(
                () -> {
                  for (int i = next.getAndIncrement();
                      i < cases.size() && ended.isEmpty();
                      i = next.getAndIncrement()) {
                    RunReport.Result result = run(place.runner(), cases.get(i));
                    if (result.outcome() instanceof Outcome.Failed && isGone(place.target())) {
                      end("the daemon was gone in %s,".formatted(result.id()));
                    }
                    // Where the run was stopped meanwhile, its daemon may have been, too.
                    if (ended.isEmpty()) {
                      results.set(i, new Ran(cases.get(i), result));
                      tell(result);
                    }
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
    return IntStream.range(0, cases.size())
        .mapToObj(results::get)
        .filter(Objects::nonNull)
        .toList();
  }

  /** A thousand cases that fail, each for the same reason, would tell less than the one. */
  private static boolean isGone(ConformanceTarget target) {
    try {
      var _ =
          HostServiceGrpc.newBlockingStub(target.channel())
              .withWaitForReady()
              .withDeadlineAfter(LOOK)
              .getVersion(GetVersionRequest.getDefaultInstance());
      return false;
    } catch (StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
        default -> false;
      };
    }
  }

  private static CaseRunner runner(ConformanceTarget target, Observations observations) {
    CaseRunner runner;
    try {
      runner = new CaseRunner(target, observations);
    } catch (RuntimeException | AssertionError e) {
      throw new UnusableTarget(
          "%s cannot be tested: %s".formatted(target.connectionUri(), why(e)), e);
    }
    if (runner.declared().contains(Capability.CAPABILITY_BLOCK_CHAIN)
        && target.world() instanceof NoImages) {
      throw new UnusableTarget(
          "how images are made for %s is not known here; run its suite from JUnit, with a ConformanceTarget of its own"
              .formatted(target.connectionUri()));
    }
    return runner;
  }

  private static String why(Throwable failure) {
    return failure instanceof StatusRuntimeException call
            && call.getStatus().getCode() == Status.Code.UNAVAILABLE
        ? "no daemon answers there; start one with 'droverd', or name the driver alone, as in"
            + " 'test:///default', and the run has a daemon of its own"
        : String.valueOf(failure.getMessage());
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
