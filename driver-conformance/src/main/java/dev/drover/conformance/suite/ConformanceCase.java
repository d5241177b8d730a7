package dev.drover.conformance.suite;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.OfSnapshot;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.v1.Capability;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One case as it is run: a method, with one value and in one state where it is repeated.
 *
 * @param subject class that holds it
 * @param method the method
 * @param variant value it is run with; empty where it takes none
 * @param state state of its domain; empty where it does not depend on one
 */
public record ConformanceCase(
    Class<?> subject, Method method, Optional<Object> variant, Optional<PowerState> state) {

  /**
   * What stands between ids in a list of them: a comma, but for those within the brackets of one.
   */
  public static final String BETWEEN_IDS = ",(?![^\\[\\]]*\\])";

  /** The cases of a class, in the order of their names. */
  public static List<ConformanceCase> of(Class<?> subject) {
    List<ConformanceCase> cases = new ArrayList<>();
    Arrays.stream(subject.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Case.class))
        .sorted(Comparator.comparing(Method::getName))
        .forEach(
            method -> {
              for (Optional<Object> variant : variants(subject, method)) {
                for (Optional<PowerState> state : states(subject, method)) {
                  cases.add(new ConformanceCase(subject, method, variant, state));
                }
              }
            });
    return cases;
  }

  private static List<Optional<Object>> variants(Class<?> subject, Method method) {
    EachOf each = method.getAnnotation(EachOf.class);
    if (each == null) {
      return List.of(Optional.empty());
    }
    try {
      List<Optional<Object>> variants = new ArrayList<>();
      if (subject.getMethod(each.value()).invoke(null) instanceof List<?> values) {
        for (Object value : values) {
          variants.add(Optional.of(value));
        }
      }
      if (variants.isEmpty()) {
        throw new IllegalStateException(each.value() + " of " + subject + " is no list of values");
      }
      return variants;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(each.value() + " of " + subject + " cannot be read", e);
    }
  }

  private static List<Optional<PowerState>> states(Class<?> subject, Method method) {
    InStates own = method.getAnnotation(InStates.class);
    InStates marked = own == null ? subject.getAnnotation(InStates.class) : own;
    return marked == null
        ? List.of(Optional.empty())
        : Arrays.stream(marked.value()).map(Optional::of).toList();
  }

  /** What it shows, for people. */
  public String title() {
    Case described = method.getAnnotation(Case.class);
    String sentence = described == null ? method.getName() : described.value();
    String repeated = repetition();
    return repeated.isEmpty() ? sentence : sentence + ": " + repeated;
  }

  /** Class and method, and the repetition where there are several. */
  public String id() {
    String name = subject.getSimpleName() + "." + method.getName();
    String repeated = repetition();
    return repeated.isEmpty() ? name : name + "[" + repeated + "]";
  }

  private String repetition() {
    return Stream.of(variant, state)
        .flatMap(Optional::stream)
        .map(Object::toString)
        .collect(Collectors.joining(" "));
  }

  /** Requirements it shows. */
  public SortedSet<String> requirements() {
    Requirement cited = method.getAnnotation(Requirement.class);
    return cited == null ? new TreeSet<>() : new TreeSet<>(Arrays.asList(cited.value()));
  }

  /** Ids of the rows of the table of snapshots to which it belongs. */
  public Set<String> snapshotRows() {
    OfSnapshot own = method.getAnnotation(OfSnapshot.class);
    OfSnapshot marked = own == null ? subject.getAnnotation(OfSnapshot.class) : own;
    return marked == null
        ? Set.of()
        : Arrays.stream(marked.kind())
            .flatMap(
                kind ->
                    Arrays.stream(marked.operation())
                        .map(operation -> SnapshotRow.id(kind, operation)))
            .collect(Collectors.toSet());
  }

  /** Capabilities it needs in its state, its class's among them. */
  public Set<Capability> needs() {
    Set<Capability> needs = EnumSet.noneOf(Capability.class);
    for (Needs marked :
        Arrays.asList(subject.getAnnotation(Needs.class), method.getAnnotation(Needs.class))) {
      if (marked != null) {
        needs.addAll(Arrays.asList(marked.value()));
        if (state.filter(PowerState.OFF::equals).isPresent()) {
          needs.addAll(Arrays.asList(marked.off()));
        }
      }
    }
    return needs;
  }

  /** Runs it on a bench. */
  public void run(Bench bench) {
    try {
      Object cases = subject.getConstructor(Bench.class).newInstance(bench);
      var _ =
          method.invoke(
              cases,
              Arrays.stream(method.getParameterTypes())
                  .map(type -> type == PowerState.class ? state : variant)
                  .map(Optional::orElseThrow)
                  .toArray());
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(id() + " failed", e);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(id() + " cannot be run", e);
    }
  }
}
