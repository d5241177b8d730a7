package dev.drover.server.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A policy file that cannot be used, with everything that is wrong with it. */
public final class PolicyException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  PolicyException(List<String> problems, @Nullable Throwable cause) {
    super(String.join("\n", problems), cause);
    this.problems = List.copyOf(problems);
  }

  /** Each mistake, one line for people, with the line of the file where that is known. */
  public List<String> problems() {
    return problems;
  }
}
