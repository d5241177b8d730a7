package dev.drover.client.cli;

import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.Set;
import java.util.function.Supplier;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An element of an XML document, read without anything outside the document: a document type and
 * with it every entity but XML's own five is refused, so that neither files nor the network are
 * read and nothing grows when it is expanded.
 *
 * @param name its name as written, with its prefix
 * @param attributes values by name, in the order written
 * @param text the text directly in it
 * @param children the elements directly in it, in order
 * @param line where it begins, from 1
 */
record XmlElement(
    String name, Map<String, String> attributes, String text, List<XmlElement> children, int line) {
  private static final int DEEPEST = 16;

  /** A fault in a document; the message is for people. */
  static final class Fault extends Exception {
    Fault(int line, String what) {
      super(line > 0 ? "line %d: %s".formatted(line, what) : what);
    }
  }

  private static final class Open {
    final String name;
    final Map<String, String> attributes = new LinkedHashMap<>();
    final StringBuilder text = new StringBuilder();
    final List<XmlElement> children = new ArrayList<>();
    final int line;

    Open(XMLStreamReader reader) {
      name = reader.getLocalName();
      line = reader.getLocation().getLineNumber();
      for (int i = 0; i < reader.getAttributeCount(); i++) {
        attributes.put(attributeName(reader, i), reader.getAttributeValue(i));
      }
    }

    /** A reader that knows nothing of namespaces splits off the prefix xmlns all the same. */
    private static String attributeName(XMLStreamReader reader, int index) {
      String prefix = reader.getAttributePrefix(index);
      String name = reader.getAttributeLocalName(index);
      return prefix == null || prefix.isEmpty() ? name : prefix + ":" + name;
    }

    XmlElement close() {
      return new XmlElement(
          name,
          Collections.unmodifiableMap(attributes),
          text.toString(),
          List.copyOf(children),
          line);
    }
  }

  /** An attribute that must be there with a value. */
  String required(String attribute) throws Fault {
    String value = attributes.getOrDefault(attribute, "");
    if (value.isEmpty()) {
      throw new Fault(line, "<%s> needs attribute '%s'".formatted(name, attribute));
    }
    return value;
  }

  /** An attribute that is yes or no; no where it is not there. */
  boolean yes(String attribute) throws Fault {
    String value = attributes.getOrDefault(attribute, "no");
    return switch (value) {
      case "yes" -> true;
      case "no" -> false;
      default ->
          throw new Fault(
              line, "attribute '%s' of <%s> is neither yes nor no".formatted(attribute, name));
    };
  }

  /**
   * What is read of it by a rule that other parts of the command line have too; its refusal becomes
   * one of this line.
   */
  <T> T understood(Supplier<T> reading) throws Fault {
    try {
      return reading.get();
    } catch (CommandFailure e) {
      throw new Fault(line, String.join(": ", e.lines()));
    }
  }

  /** A whole number in it. */
  int number(String written) throws Fault {
    try {
      return Integer.parseUnsignedInt(written);
    } catch (NumberFormatException _) {
      throw new Fault(line, "<%s> needs a whole number, got '%s'".formatted(name, written));
    }
  }

  /** The elements of a name directly in it, in order. */
  List<XmlElement> children(String named) {
    return children.stream().filter(child -> child.name().equals(named)).toList();
  }

  /** Refuses attributes that are not known. */
  void onlyAttributes(Set<String> known) throws Fault {
    for (String attribute : attributes.keySet()) {
      if (!known.contains(attribute)) {
        throw new Fault(line, "attribute '%s' of <%s> is not supported".formatted(attribute, name));
      }
    }
  }

  /** The refusal of an element directly in it. */
  Fault unsupported(XmlElement child) {
    return new Fault(child.line(), "<%s> in <%s> is not supported".formatted(child.name(), name));
  }

  /** Refuses text directly in it. */
  void noText() throws Fault {
    if (!text.isBlank()) {
      throw new Fault(line, "<%s> holds text".formatted(name));
    }
  }

  /** Refuses a second element of the same name in it. */
  void once() throws Fault {
    Set<String> seen = new HashSet<>();
    for (XmlElement child : children) {
      if (!seen.add(child.name())) {
        throw new Fault(child.line(), "<%s> is given twice".formatted(child.name()));
      }
    }
  }

  /** Reads a document and answers its root. */
  static XmlElement parse(byte[] document) throws Fault {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(document));
      try {
        return read(reader);
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      throw new Fault(line(e.getLocation()), "is not well-formed XML: " + shortened(e));
    } catch (MissingResourceException e) {
      // The parser lacks words for some of what is wrong in document types, and says so instead.
      throw new Fault(0, "is not well-formed XML: its document type cannot be read");
    }
  }

  private static XmlElement read(XMLStreamReader reader) throws XMLStreamException, Fault {
    Deque<Open> open = new ArrayDeque<>();
    List<XmlElement> roots = new ArrayList<>();
    while (reader.hasNext()) {
      int event = reader.next();
      switch (event) {
        case XMLStreamConstants.START_ELEMENT -> {
          if (open.size() == DEEPEST) {
            throw fault(reader, "elements are nested deeper than %d".formatted(DEEPEST));
          }
          open.push(new Open(reader));
        }
        case XMLStreamConstants.END_ELEMENT -> {
          XmlElement closed = open.pop().close();
          (open.isEmpty() ? roots : open.element().children).add(closed);
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (!open.isEmpty()) {
            open.element().text.append(reader.getText());
          }
        }
        case XMLStreamConstants.DTD -> throw fault(reader, "a document type is not accepted");
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw fault(reader, "entity &%s; is not accepted".formatted(reader.getLocalName()));
        case XMLStreamConstants.PROCESSING_INSTRUCTION ->
            throw fault(
                reader,
                "processing instruction <?%s?> is not accepted".formatted(reader.getPITarget()));
        case XMLStreamConstants.COMMENT,
            XMLStreamConstants.SPACE,
            XMLStreamConstants.END_DOCUMENT -> {
          // Nothing that has a meaning.
        }
        default -> throw fault(reader, "holds what is not accepted (event %d)".formatted(event));
      }
    }
    return roots.getFirst();
  }

  private static Fault fault(XMLStreamReader reader, String what) {
    return new Fault(line(reader.getLocation()), what);
  }

  private static int line(Location location) {
    return location == null ? 0 : location.getLineNumber();
  }

  /** The reader puts the place on a line of its own before the message. */
  private static String shortened(XMLStreamException failure) {
    String message = String.valueOf(failure.getMessage());
    int own = message.indexOf("Message: ");
    return (own < 0 ? message : message.substring(own + "Message: ".length())).strip();
  }
}
