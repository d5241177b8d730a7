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
    List<ConformanceCase> all =
        Subjects.all().stream().flatMap(subject -> ConformanceCase.of(subject).stream()).toList();
    // One that means nothing beside others is a slip of the hand as well, and leaves out a case.
    List<String> idle =
        words.stream().filter(word -> all.stream().noneMatch(one -> means(word, one))).toList();
    if (!idle.isEmpty()) {
      throw new UnusableTarget(
          "no case is meant by %s; see 'drover conformance list'"
              .formatted(String.join(", ", idle)));
    }
    return all.stream().filter(this::selects).toList();
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
