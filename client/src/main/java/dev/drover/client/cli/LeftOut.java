package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a document says and Drover has no field for; the same thing several times is one line. */
final class LeftOut {
  private final Map<String, List<Integer>> lines = new LinkedHashMap<>();

  /** An element with everything in it. */
  void element(XmlElement parent, XmlElement child) {
    add(child, "<%s> in <%s>".formatted(child.name(), parent.name()));
  }

  /** What an element says about itself with its text. */
  void value(XmlElement element, String value) {
    add(element, "<%s>%s</%s>".formatted(element.name(), value, element.name()));
  }

  /** An attribute. */
  void attribute(XmlElement element, String attribute) {
    add(
        element,
        "%s='%s' of <%s>"
            .formatted(attribute, element.attributes().get(attribute), element.name()));
  }

  /** Every attribute but those that are known. */
  void attributes(XmlElement element, Set<String> known) {
    for (String attribute : element.attributes().keySet()) {
      if (!known.contains(attribute)) {
        attribute(element, attribute);
      }
    }
  }

  /** An attribute, where it is there and has another value than the one that is always so. */
  void otherThan(XmlElement element, String attribute, String always) {
    if (!element.attributes().getOrDefault(attribute, always).equals(always)) {
      attribute(element, attribute);
    }
  }

  /** Everything, in the order in which it stands in the document. */
  List<String> lines() {
    List<String> result = new ArrayList<>();
    lines.forEach(
        (what, where) ->
            result.add(
                "line %d: %s%s"
                    .formatted(
                        where.getFirst(),
                        what,
                        where.size() > 1 ? " (%d times)".formatted(where.size()) : "")));
    return List.copyOf(result);
  }

  private void add(XmlElement where, String what) {
    lines.computeIfAbsent(what, _ -> new ArrayList<>()).add(where.line());
  }
}
