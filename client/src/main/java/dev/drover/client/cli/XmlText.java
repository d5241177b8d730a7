package dev.drover.client.cli;

/** Text as an XML document may hold it. */
final class XmlText {
  private XmlText() {}

  /** Two dashes in a row would end a comment. */
  static String comment(String value) {
    return escape(value).replaceAll("-(?=-)", "- ");
  }

  /** Line breaks and tabs would be read as spaces. */
  static String attribute(String value) {
    return escape(value).replace("\n", "&#10;").replace("\t", "&#9;");
  }

  /** What XML cannot hold at all becomes the replacement character. */
  static String escape(String value) {
    StringBuilder escaped = new StringBuilder(value.length());
    value
        .codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '\'' -> escaped.append("&apos;");
                case '"' -> escaped.append("&quot;");
                case '\n', '\t' -> escaped.appendCodePoint(point);
                case '\r' -> escaped.append("&#13;");
                default -> escaped.appendCodePoint(allowed(point) ? point : 0xfffd);
              }
            });
    return escaped.toString();
  }

  private static boolean allowed(int point) {
    return point >= 0x20
        && !(point >= 0xd800 && point <= 0xdfff)
        && point != 0xfffe
        && point != 0xffff;
  }
}
