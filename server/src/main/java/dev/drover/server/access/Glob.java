package dev.drover.server.access;

import java.util.function.Predicate;

/**
 * A pattern for whole names: {@code *} stands for any characters, {@code ?} for one, everything
 * else for itself.
 */
public final class Glob {

  private final String text;
  private final int[] pattern;

  private Glob(String text) {
    this.text = text;
    this.pattern = text.codePoints().toArray();
  }

  /** The pattern of a text. */
  public static Glob of(String text) {
    return new Glob(text);
  }

  /** What a filter of a request asks of a name: nothing where its glob is empty. */
  public static Predicate<String> filter(String glob) {
    return glob.isEmpty() ? _ -> true : of(glob)::matches;
  }

  /**
   * Whether a name is meant. Takes at most as many steps as the product of both lengths, since
   * clients choose patterns: only the last star is ever tried again, as what those before it stood
   * for need not change.
   */
  public boolean matches(String name) {
    int[] letters = name.codePoints().toArray();
    int at = 0;
    int letter = 0;
    int afterStar = -1;
    int resume = 0;
    while (letter < letters.length) {
      if (is(at, '*')) {
        at++;
        afterStar = at;
        resume = letter;
      } else if (is(at, '?') || is(at, letters[letter])) {
        at++;
        letter++;
      } else if (afterStar >= 0) {
        at = afterStar;
        resume++;
        letter = resume;
      } else {
        return false;
      }
    }
    while (is(at, '*')) {
      at++;
    }
    return at == pattern.length;
  }

  private boolean is(int at, int codePoint) {
    return at < pattern.length && pattern[at] == codePoint;
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
