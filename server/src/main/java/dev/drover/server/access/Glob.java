package dev.drover.server.access;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A pattern for whole names: {@code *} stands for any characters, {@code ?} for one, everything
 * else for itself.
 */
public final class Glob {

  private final String text;
  private final Pattern pattern;

  private Glob(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /** The pattern of a text. */
  public static Glob of(String text) {
    StringBuilder regex = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(Character.toString(c)));
              }
            });
    return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
  }

  /** What a filter of a request asks of a name: nothing where its glob is empty. */
  public static Predicate<String> filter(String glob) {
    return glob.isEmpty() ? _ -> true : of(glob)::matches;
  }

  /** Whether a name is meant. */
  public boolean matches(String name) {
    return pattern.matcher(name).matches();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Glob glob && glob.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
