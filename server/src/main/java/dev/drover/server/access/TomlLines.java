package dev.drover.server.access;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where things stand in a file, for messages: the reader of TOML tells lines of its own mistakes
 * alone. It knows headers and the keys that begin a line; what it does not find is told by the line
 * of what is around it.
 */
final class TomlLines {

  private static final Pattern HEADER = Pattern.compile("^\\s*(\\[\\[?)\\s*([^\\[\\]]+?)\\s*\\].*");
  private static final Pattern KEY = Pattern.compile("^\\s*([A-Za-z0-9_.\"'-]+)\\s*=.*");
  private static final Pattern QUOTES = Pattern.compile("[\"']");

  private final List<String> lines;
  private final Map<String, Integer> places = new HashMap<>();
  private final TreeMap<Integer, String> paths = new TreeMap<>();

  TomlLines(String toml) {
    lines = toml.lines().toList();
    Map<String, Integer> elements = new HashMap<>();
    String table = "";
    for (int i = 0; i < lines.size(); i++) {
      Matcher header = HEADER.matcher(lines.get(i));
      Matcher key = KEY.matcher(lines.get(i));
      if (header.matches()) {
        String name = plain(header.group(2));
        if (header.group(1).equals("[[")) {
          elements.merge(name, 1, Integer::sum);
        }
        table = numbered(name, elements);
        place(table, i + 1);
      } else if (key.matches()) {
        String name = plain(key.group(1));
        place(table.isEmpty() ? name : table + "." + name, i + 1);
      }
    }
  }

  /** Path of an element of an array of tables, counted from 1. */
  static String element(String array, int number) {
    return array + "#" + number;
  }

  /** The line of a path, or of what is around it. */
  int of(String path) {
    String around = path;
    while (!around.isEmpty()) {
      Integer line = places.get(around);
      if (line != null) {
        return line;
      }
      int dot = around.lastIndexOf('.');
      around = dot < 0 ? "" : around.substring(0, dot);
    }
    return 1;
  }

  /** The line of a text within the value of a path, or of the path. */
  int of(String path, String text) {
    int first = of(path);
    Integer next = paths.higherKey(first);
    int end = next == null ? lines.size() : next - 1;
    for (int line = first; line <= end; line++) {
      String content = lines.get(line - 1);
      if (content.contains('"' + text + '"') || content.contains("'" + text + "'")) {
        return line;
      }
    }
    return first;
  }

  private void place(String path, int line) {
    if (places.putIfAbsent(path, line) == null) {
      paths.put(line, path);
    }
  }

  private static String numbered(String name, Map<String, Integer> elements) {
    int dot = name.indexOf('.');
    String first = dot < 0 ? name : name.substring(0, dot);
    Integer number = elements.get(first);
    return number == null ? name : element(first, number) + name.substring(first.length());
  }

  private static String plain(String name) {
    return QUOTES.matcher(name).replaceAll("");
  }
}
