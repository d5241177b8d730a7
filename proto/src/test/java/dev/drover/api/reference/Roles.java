package dev.drover.api.reference;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The built-in roles, read from the table in docs/security.md, which the daemon's tests hold to
 * what the daemon gives.
 *
 * @param permissions of each role, by its name, in the order of the table
 */
record Roles(SequencedMap<String, Set<String>> permissions) {

  private static final Pattern ROW = Pattern.compile("\\| `([a-z]+)` \\| (.*) \\|");
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  /**
   * Reads the table.
   *
   * @param guide lines of the guide
   * @param declared permissions that the API's rules declare, for a role that has all
   */
  static Roles read(List<String> guide, Set<String> declared) {
    Map<String, String> rows = new LinkedHashMap<>();
    for (String line : guide) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.put(row.group(1), row.group(2));
      }
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("the guide has no table of roles");
    }
    SequencedMap<String, Set<String>> roles = new LinkedHashMap<>();
    rows.forEach(
        (name, text) -> {
          Set<String> permissions = new TreeSet<>();
          if (text.startsWith("all")) {
            permissions.addAll(declared);
          }
          QUOTED
              .matcher(text)
              .results()
              .map(found -> found.group(1))
              .forEach(
                  word -> {
                    Set<String> other = roles.get(word);
                    if (other == null) {
                      permissions.add(word);
                    } else {
                      permissions.addAll(other);
                    }
                  });
          roles.put(name, permissions);
        });
    return new Roles(roles);
  }

  /** Every permission that a role has, sorted. */
  Set<String> all() {
    Set<String> all = new TreeSet<>();
    permissions.values().forEach(all::addAll);
    return all;
  }
}
