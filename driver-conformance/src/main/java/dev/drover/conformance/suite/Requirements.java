package dev.drover.conformance.suite;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Every requirement that a case may cite, from {@code requirements.txt}: a line each, id and
 * sentence with a tab between.
 *
 * @param texts sentences by id, in the order of the file
 */
public record Requirements(Map<String, String> texts) {

  /** Keeps the order. */
  public Requirements {
    texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
  }

  /** Reads the list of the suite. */
  public static Requirements read() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String line : Resources.lines("requirements.txt")) {
      String[] parts = line.split("\t", 2);
      if (parts.length != 2 || texts.put(parts[0], parts[1]) != null) {
        throw new IllegalStateException("requirements.txt: malformed or repeated: " + line);
      }
    }
    return new Requirements(texts);
  }
}
