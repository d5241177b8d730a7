package dev.drover.conformance.command;

import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.conformance.suite.Subjects;
import java.util.List;
import java.util.Locale;

/**
 * Which cases a person means.
 *
 * @param words ids of requirements (C4), or parts of the ids of cases (CommitCases); none: all
 */
record CaseChoice(List<String> words) {

  /** The cases, in the order of a run. */
  List<ConformanceCase> cases() {
    List<ConformanceCase> chosen =
        Subjects.all().stream()
            .flatMap(subject -> ConformanceCase.of(subject).stream())
            .filter(this::selects)
            .toList();
    if (chosen.isEmpty()) {
      throw new UnusableTarget(
          "no case is meant by %s; see 'drover conformance list'"
              .formatted(String.join(", ", words)));
    }
    return chosen;
  }

  /** Whether nothing was left out, so that the coverage of the whole can be told. */
  boolean everything() {
    return words.isEmpty();
  }

  private boolean selects(ConformanceCase one) {
    return words.isEmpty() || words.stream().anyMatch(word -> means(word, one));
  }

  private static boolean means(String word, ConformanceCase one) {
    return one.requirements().contains(word.toUpperCase(Locale.ROOT)) || one.id().contains(word);
  }
}
