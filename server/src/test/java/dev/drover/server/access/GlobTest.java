package dev.drover.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which names a pattern means, and that none of a client's patterns keeps a thread (R4). */
class GlobTest {

  private static final int PAIRS = 20_000;

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @CsvSource({
    "web, web, true",
    "web, webs, false",
    "web, we, false",
    "web*, web, true",
    "web*, web-1, true",
    "web*, my-web, false",
    "*web, my-web, true",
    "*web*, my-web-1, true",
    "w?b, wab, true",
    "w?b, wb, false",
    "*, anything, true",
    "?*, a, true",
    "a*b*c, abcbc, true",
    "a*b*c, acb, false",
    "a.c, abc, false",
    "[ab], a, false",
    "'\uD83D\uDC04-?', '\uD83D\uDC04-\uD83D\uDC04', true",
  })
  void namesThatAreMeant(String pattern, String name, boolean meant) {
    assertThat(Glob.of(pattern).matches(name)).isEqualTo(meant);
  }

  @Test
  void nothingIsMeantByNothing() {
    assertThat(Glob.of("").matches("")).isTrue();
    assertThat(Glob.of("").matches("a")).isFalse();
    assertThat(Glob.of("*").matches("")).isTrue();
    assertThat(Glob.of("?").matches("")).isFalse();
  }

  @Test
  void itMeansWhatTheRegularExpressionMeans() {
    Random random = new Random(1);
    for (int i = 0; i < PAIRS; i++) {
      String pattern = text(random, "ab*?");
      String name = text(random, "ab");
      String expression =
          pattern
              .chars()
              .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Character.toString(c))
              .collect(Collectors.joining());
      assertThat(Glob.of(pattern).matches(name))
          .as("%s and %s", pattern, name)
          .isEqualTo(Pattern.matches(expression, name));
    }
  }

  private static String text(Random random, String letters) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(8); length > 0; length--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }

  @Test
  void aPatternOfManyStarsIsAnsweredAtOnce() {
    Glob hostile = Glob.of("*a".repeat(120) + "b");
    assertThat(CompletableFuture.supplyAsync(() -> hostile.matches("a".repeat(255))))
        .succeedsWithin(Duration.ofSeconds(60))
        .isEqualTo(false);
  }
}
