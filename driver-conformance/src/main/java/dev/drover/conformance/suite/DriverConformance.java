package dev.drover.conformance.suite;

import dev.drover.conformance.ConformanceTarget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The suite as a JUnit class. A driver's author extends it, opens a {@link ConformanceTarget}, and
 * has every case that the driver's capabilities call for as a test of its own.
 *
 * <p>The system property {@code drover.conformance.only} chooses cases whose id contains one of its
 * comma-separated texts; {@code drover.conformance.reports} is the directory of the reports, {@code
 * target/conformance} by default.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DriverConformance {

  private @Nullable ConformanceTarget target;
  private @Nullable CaseRunner runner;

  /** For subclasses. */
  protected DriverConformance() {}

  /**
   * Opens the target of the run; the suite closes it.
   *
   * @param directory an empty directory for whatever the target needs, removed after the run
   */
  protected abstract ConformanceTarget open(Path directory);

  /** Whether a case belongs to the run; every case unless this says otherwise. */
  protected boolean selects(ConformanceCase one) {
    List<String> only = only();
    return only.isEmpty() || only.stream().anyMatch(one.id()::contains);
  }

  private static List<String> only() {
    String only = System.getProperty("drover.conformance.only", "");
    return only.isEmpty() ? List.of() : List.of(only.split(ConformanceCase.BETWEEN_IDS));
  }

  @BeforeAll
  final void start(@TempDir Path directory) {
    ConformanceTarget opened = open(directory);
    target = opened;
    runner = new CaseRunner(opened);
  }

  @AfterAll
  final void end() {
    if (runner != null) {
      var _ =
          runner
              .report()
              .write(
                  Path.of(System.getProperty("drover.conformance.reports", "target/conformance")),
                  Requirements.read());
    }
    if (target != null) {
      target.close();
    }
  }

  @TestFactory
  final Stream<DynamicNode> cases() {
    CaseRunner running = Objects.requireNonNull(runner);
    List<DynamicNode> nodes = new ArrayList<>();
    boolean whole = true;
    List<String> idle = new ArrayList<>(only());
    for (Class<?> subject : Subjects.all()) {
      List<ConformanceCase> all = ConformanceCase.of(subject);
      List<ConformanceCase> mine = all.stream().filter(this::selects).toList();
      whole &= mine.size() == all.size();
      idle.removeIf(word -> all.stream().anyMatch(one -> one.id().contains(word)));
      nodes.add(
          DynamicContainer.dynamicContainer(
              subject.getSimpleName(),
              mine.stream()
                  .map(one -> DynamicTest.dynamicTest(name(one), () -> run(running, one)))));
    }
    if (!idle.isEmpty()) {
      throw new IllegalArgumentException(
          "drover.conformance.only: no case is meant by %s; 'drover conformance list' has their ids"
              .formatted(String.join(", ", idle)));
    }
    if (whole) {
      nodes.add(
          DynamicContainer.dynamicContainer(
              "Coverage",
              Coverage.checks().stream()
                  .map(
                      check ->
                          DynamicTest.dynamicTest(
                              check.title(), () -> check.assertion().accept(running.seen())))));
    }
    return nodes.stream();
  }

  /** What prints tests by their number alone still shows which case it was. */
  private static void run(CaseRunner running, ConformanceCase one) {
    try {
      var _ = running.run(one);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "%s (%s): %s".formatted(one.id(), String.join(", ", one.requirements()), e.getMessage()),
          e);
    }
  }

  private static String name(ConformanceCase one) {
    return one.title() + " " + one.requirements() + " " + one.id();
  }
}
