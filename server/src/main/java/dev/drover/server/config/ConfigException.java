package dev.drover.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A configuration that cannot be used, with everything that is wrong with it. */
public final class ConfigException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  ConfigException(List<String> problems, @Nullable Throwable cause) {
    super(String.join("\n", problems), cause);
    this.problems = List.copyOf(problems);
  }

  /** Each mistake, one line for people. */
  public List<String> problems() {
    return problems;
  }
}
