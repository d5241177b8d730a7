package dev.drover.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Turns a document as people write it into the JSON form of a message, guided by the message's
 * descriptor, and refuses what the message does not have by naming the place.
 *
 * <p>Beyond the JSON form it accepts: sizes with a unit ({@code 128MiB}) in fields that count
 * bytes, and enum values in short form ({@code qcow2}, {@code tcg}).
 */
final class SpecDocument {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Messages whose JSON form is text, which their own parser checks. */
  private static final Set<String> AS_TEXT =
      Set.of("google.protobuf.Timestamp", "google.protobuf.Duration");

  private SpecDocument() {}

  /** A fault in the document; the message begins with the field. */
  static final class Fault extends Exception {
    Fault(String place, String what) {
      super(place.isEmpty() ? what : place + ": " + what);
    }
  }

  /** The document in the JSON form of the message. */
  static ObjectNode normalize(JsonNode document, Descriptor message) throws Fault {
    return message(document, message, "");
  }

  private static ObjectNode message(JsonNode node, Descriptor type, String place) throws Fault {
    if (!node.isObject()) {
      throw new Fault(place, "expected fields of the form 'name: value', got " + kind(node));
    }
    ObjectNode result = NODES.objectNode();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      FieldDescriptor field =
          field(type, entry.getKey())
              .orElseThrow(() -> unknown(type, at(place, entry.getKey()), entry.getKey()));
      String at = at(place, field.getName());
      if (result.has(field.getName())) {
        throw new Fault(at, "is given twice");
      }
      result.set(field.getName(), value(entry.getValue(), field, at));
    }
    return result;
  }

  private static JsonNode value(JsonNode node, FieldDescriptor field, String place) throws Fault {
    if (empty(node, field)) {
      throw new Fault(
          place,
          field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isRepeated()
              ? "has no value: leave it out, or write {} for its defaults"
              : "has no value: leave it out, or give one");
    }
    if (field.isMapField()) {
      return map(node, field, place);
    }
    if (!field.isRepeated()) {
      return single(node, field, place);
    }
    if (!node.isArray()) {
      throw new Fault(place, "expected a list, got " + kind(node));
    }
    ArrayNode list = NODES.arrayNode();
    for (int i = 0; i < node.size(); i++) {
      list.add(single(node.get(i), field, "%s[%d]".formatted(place, i)));
    }
    return list;
  }

  /** YAML's "name:" with nothing behind it reads as empty text. */
  private static boolean empty(JsonNode node, FieldDescriptor field) {
    boolean text = field.getJavaType() == FieldDescriptor.JavaType.STRING && !field.isRepeated();
    return node.isNull() || (!text && node.isTextual() && node.textValue().isEmpty());
  }

  private static JsonNode map(JsonNode node, FieldDescriptor field, String place) throws Fault {
    if (!node.isObject()) {
      throw new Fault(place, "expected entries of the form 'key: value', got " + kind(node));
    }
    FieldDescriptor valueField = field.getMessageType().findFieldByName("value");
    ObjectNode result = NODES.objectNode();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      result.set(entry.getKey(), single(entry.getValue(), valueField, at(place, entry.getKey())));
    }
    return result;
  }

  private static JsonNode single(JsonNode node, FieldDescriptor field, String place) throws Fault {
    return switch (field.getJavaType()) {
      case MESSAGE ->
          node.isTextual() && AS_TEXT.contains(field.getMessageType().getFullName())
              ? node
              : message(node, field.getMessageType(), place);
      case ENUM -> enumeration(node, field.getEnumType(), place);
      case STRING -> {
        if (!node.isTextual()) {
          throw new Fault(place, "expected text, got %s: put it in quotes".formatted(kind(node)));
        }
        yield node;
      }
      case BOOLEAN -> {
        if (!node.isBoolean()) {
          throw new Fault(place, "expected true or false, got " + kind(node));
        }
        yield node;
      }
      case INT, LONG -> number(node, field, place);
      case FLOAT, DOUBLE, BYTE_STRING -> node;
    };
  }

  private static JsonNode number(JsonNode node, FieldDescriptor field, String place) throws Fault {
    if (node.isIntegralNumber()) {
      return node;
    }
    boolean size = countsBytes(field);
    if (node.isTextual()) {
      String text = node.textValue();
      if (text.matches("[0-9]+")) {
        return node;
      }
      Optional<Long> bytes = size ? Sizes.parse(text) : Optional.empty();
      if (bytes.isPresent()) {
        return NODES.numberNode(bytes.get());
      }
    }
    throw new Fault(
        place,
        "expected %s, got %s"
            .formatted(
                size ? "a size such as 512MiB or a number of bytes" : "a whole number",
                kind(node)));
  }

  private static boolean countsBytes(FieldDescriptor field) {
    return field.getName().endsWith("_bytes") || field.getName().startsWith("bytes_");
  }

  private static JsonNode enumeration(JsonNode node, EnumDescriptor type, String place)
      throws Fault {
    String prefix = prefix(type);
    if (node.isTextual()) {
      String text = node.textValue().toUpperCase(Locale.ROOT).replace('-', '_');
      for (EnumValueDescriptor value : type.getValues()) {
        if (value.getName().equals(text) || value.getName().equals(prefix + text)) {
          return NODES.textNode(value.getName());
        }
      }
    }
    String known =
        type.getValues().stream()
            .filter(value -> value.getNumber() != 0)
            .map(value -> value.getName().substring(prefix.length()).toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw new Fault(place, "%s is not one of: %s".formatted(kind(node), known));
  }

  /** "ImageFormat" has values that begin with "IMAGE_FORMAT_". */
  private static String prefix(EnumDescriptor type) {
    return type.getName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toUpperCase(Locale.ROOT) + "_";
  }

  private static Optional<FieldDescriptor> field(Descriptor type, String name) {
    return type.getFields().stream()
        .filter(field -> field.getName().equals(name) || field.getJsonName().equals(name))
        .findFirst();
  }

  private static Fault unknown(Descriptor type, String place, String name) {
    String known =
        type.getFields().stream().map(FieldDescriptor::getName).collect(Collectors.joining(", "));
    String advice =
        type.getFields().stream()
            .map(FieldDescriptor::getName)
            .filter(other -> Spelling.similar(name, other))
            .findFirst()
            .map("did you mean '%s'?"::formatted)
            .orElse(known.isEmpty() ? "there are none here" : "known are: " + known);
    return new Fault(place, "unknown field; " + advice);
  }

  private static String at(String place, String name) {
    return place.isEmpty() ? name : place + "." + name;
  }

  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT, POJO -> "fields";
      case BOOLEAN -> node.asText();
      case NUMBER -> "the number " + node.asText();
      case STRING -> "'" + node.textValue() + "'";
      case NULL, MISSING -> "nothing";
      case BINARY -> "binary data";
    };
  }
}
