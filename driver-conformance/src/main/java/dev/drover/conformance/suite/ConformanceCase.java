package dev.drover.conformance.suite;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
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

/**
 * One case as it is run: a method, with one value where it is repeated.
 *
 * @param subject class that holds it
 * @param method the method
 * @param variant value it is run with; empty where it takes none
 */
public record ConformanceCase(Class<?> subject, Method method, Optional<Object> variant) {

  /** The cases of a class, in the order of their names. */
  public static List<ConformanceCase> of(Class<?> subject) {
    List<ConformanceCase> cases = new ArrayList<>();
    Arrays.stream(subject.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Case.class))
        .sorted(Comparator.comparing(Method::getName))
        .forEach(method -> cases.addAll(repeated(subject, method)));
    return cases;
  }

  private static List<ConformanceCase> repeated(Class<?> subject, Method method) {
    EachOf each = method.getAnnotation(EachOf.class);
    if (each == null) {
      return List.of(new ConformanceCase(subject, method, Optional.empty()));
    }
    try {
      List<ConformanceCase> cases = new ArrayList<>();
      if (subject.getMethod(each.value()).invoke(null) instanceof List<?> values) {
        for (Object value : values) {
          cases.add(new ConformanceCase(subject, method, Optional.of(value)));
        }
      }
      if (cases.isEmpty()) {
        throw new IllegalStateException(each.value() + " of " + subject + " is no list of values");
      }
      return cases;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(each.value() + " of " + subject + " cannot be read", e);
    }
  }

  /** What it shows, for people. */
  public String title() {
    Case described = method.getAnnotation(Case.class);
    String sentence = described == null ? method.getName() : described.value();
    return variant.map(value -> sentence + ": " + value).orElse(sentence);
  }

  /** Class and method, and the variant where there is one. */
  public String id() {
    String name = subject.getSimpleName() + "." + method.getName();
    return variant.map(value -> name + "[" + value + "]").orElse(name);
  }

  /** Requirements it shows. */
  public SortedSet<String> requirements() {
    Requirement cited = method.getAnnotation(Requirement.class);
    return cited == null ? new TreeSet<>() : new TreeSet<>(Arrays.asList(cited.value()));
  }

  /** Capabilities it needs, its class's among them. */
  public Set<Capability> needs() {
    Set<Capability> needs = EnumSet.noneOf(Capability.class);
    for (Needs marked :
        Arrays.asList(subject.getAnnotation(Needs.class), method.getAnnotation(Needs.class))) {
      if (marked != null) {
        needs.addAll(Arrays.asList(marked.value()));
      }
    }
    return needs;
  }

  /** Runs it on a bench. */
  public void run(Bench bench) {
    try {
      Object cases = subject.getConstructor(Bench.class).newInstance(bench);
      if (variant.isPresent()) {
        var _ = method.invoke(cases, variant.get());
      } else {
        var _ = method.invoke(cases);
      }
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
