package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The difference of two texts by lines, as {@code diff -u} writes it: three lines around each
 * change, {@code -} before what goes and {@code +} before what comes. For texts that people edit:
 * time and memory grow with the product of their lengths.
 */
final class LineDiff {
  private static final int CONTEXT = 3;

  /**
   * A line of the difference.
   *
   * @param sign '-', '+', or a space where it is in both
   * @param left lines of the first text before it
   * @param right lines of the second text before it
   */
  private record Line(char sign, String text, int left, int right) {
    private boolean change() {
      return sign != ' ';
    }
  }

  private LineDiff() {}

  /** The difference; empty where there is none. Each line begins with a sign or with @@. */
  static List<String> of(String before, String after) {
    List<Line> lines = aligned(before.lines().toList(), after.lines().toList());
    List<String> hunks = new ArrayList<>();
    int next = 0;
    while (next < lines.size()) {
      if (!lines.get(next).change()) {
        next++;
        continue;
      }
      int end = next + 1;
      for (int i = end; i < lines.size() && i <= end + 2 * CONTEXT; i++) {
        if (lines.get(i).change()) {
          end = i + 1;
        }
      }
      add(hunks, lines.subList(Math.max(0, next - CONTEXT), Math.min(lines.size(), end + CONTEXT)));
      next = end;
    }
    return hunks;
  }

  private static void add(List<String> hunks, List<Line> hunk) {
    Line first = hunk.getFirst();
    long left = hunk.stream().filter(line -> line.sign() != '+').count();
    long right = hunk.stream().filter(line -> line.sign() != '-').count();
    hunks.add("@@ -%s +%s @@".formatted(range(first.left(), left), range(first.right(), right)));
    hunk.forEach(line -> hunks.add(line.sign() + line.text()));
  }

  private static String range(int before, long count) {
    return (count == 0 ? before : before + 1) + "," + count;
  }

  /** Keeps the longest sequence of lines that both have. */
  private static List<Line> aligned(List<String> left, List<String> right) {
    int[][] common = new int[left.size() + 1][right.size() + 1];
    for (int i = left.size() - 1; i >= 0; i--) {
      for (int j = right.size() - 1; j >= 0; j--) {
        common[i][j] =
            left.get(i).equals(right.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    List<Line> lines = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < left.size() || j < right.size()) {
      if (i < left.size() && j < right.size() && left.get(i).equals(right.get(j))) {
        lines.add(new Line(' ', left.get(i), i++, j++));
      } else if (i < left.size() && (j == right.size() || common[i + 1][j] >= common[i][j + 1])) {
        lines.add(new Line('-', left.get(i), i++, j));
      } else {
        lines.add(new Line('+', right.get(j), i, j++));
      }
    }
    return lines;
  }
}
