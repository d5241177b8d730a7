package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A table in virsh's layout: one space before the first column, three between columns, a rule of
 * dashes under the header.
 *
 * @param header names of the columns
 * @param rows cells, as many in each row as there are columns
 */
record Table(List<String> header, List<List<String>> rows) {
  private static final String EMPTY_CELL = "-";
  private static final int MARGIN = 3;

  Table {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "Row has %d cells, the header %d".formatted(row.size(), header.size()));
      }
    }
  }

  /** What is printed for a cell without value. */
  static String orDash(String value) {
    return value.isEmpty() ? EMPTY_CELL : value;
  }

  /** The table as text, each line ended. */
  String render(boolean withHeader) {
    return render(withHeader, new Colours(false));
  }

  /** The same with its header in bold where there are colours. */
  String render(boolean withHeader, Colours colours) {
    int[] widths = new int[header.size()];
    List<List<String>> lines = new ArrayList<>();
    if (withHeader) {
      lines.add(header);
    }
    lines.addAll(rows);
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], width(line.get(column)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < lines.size(); line++) {
      StringBuilder cells = new StringBuilder();
      append(cells, lines.get(line), widths);
      boolean heads = withHeader && line == 0;
      text.append(heads ? colours.bold(cells.toString()) : cells).append('\n');
      if (heads) {
        int rule = 0;
        for (int width : widths) {
          rule += width + MARGIN;
        }
        text.append("-".repeat(rule)).append('\n');
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, List<String> cells, int[] widths) {
    for (int column = 0; column < widths.length; column++) {
      String cell = cells.get(column);
      text.append(' ').append(cell);
      if (column < widths.length - 1) {
        text.append(" ".repeat(widths[column] - width(cell) + MARGIN - 1));
      }
    }
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
