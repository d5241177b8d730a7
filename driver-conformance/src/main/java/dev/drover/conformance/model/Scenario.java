package dev.drover.conformance.model;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What is done in one sequence, and on what.
 *
 * @param layers images of the first disk
 * @param relative whether headers name the images below by relative paths
 * @param rawBase whether the second disk has a raw image at the bottom
 * @param operations what is done
 */
public record Scenario(int layers, boolean relative, boolean rawBase, List<Operation> operations) {

  /** Copies the operations. */
  public Scenario {
    operations = List.copyOf(operations);
  }

  /** The same without what comes after a step. */
  Scenario first(int count) {
    return new Scenario(layers, relative, rawBase, operations.subList(0, count));
  }

  /** The same without one step. */
  Scenario without(int step) {
    return new Scenario(
        layers,
        relative,
        rawBase,
        IntStream.range(0, operations.size())
            .filter(place -> place != step)
            .mapToObj(operations::get)
            .toList());
  }

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            "%d layers, relative %s, raw base %s".formatted(layers, relative, rawBase));
    operations.forEach(operation -> text.append("\n  ").append(operation));
    return text.toString();
  }
}
