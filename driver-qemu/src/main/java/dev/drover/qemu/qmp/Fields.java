package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;

/**
 * Reads fields of QEMU's answers. Unknown fields are never looked at; a missing or mistyped
 * required field is a protocol error that names the field, because going on with a guess would be
 * worse.
 */
final class Fields {
  /** Room for what went wrong with two of the longest paths. */
  private static final int MOST_WORDS = 10_000;

  private Fields() {}

  static String text(JsonNode object, String name) {
    JsonNode value = required(object, name);
    if (!value.isTextual()) {
      throw mistyped(name, "a string", value);
    }
    return value.textValue();
  }

  /**
   * A number. All that are read here count or measure something, so that one below nought is
   * nonsense, which the API would show as more than there can be.
   */
  static long number(JsonNode object, String name) {
    JsonNode value = required(object, name);
    if (!isLong(value)) {
      throw mistyped(name, "an integer of 64 bits, not below 0", value);
    }
    return value.longValue();
  }

  /** A number of which QEMU never sends one that is larger than an int. */
  static int integer(JsonNode object, String name) {
    JsonNode value = required(object, name);
    if (!isInt(value)) {
      throw mistyped(name, "an integer of 32 bits, not below 0", value);
    }
    return value.intValue();
  }

  static UUID uuid(JsonNode object, String name) {
    String text = text(object, name);
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw mistyped(name, "a UUID", object.get(name));
    }
  }

  static boolean flag(JsonNode object, String name) {
    JsonNode value = required(object, name);
    if (!value.isBoolean()) {
      throw mistyped(name, "a boolean", value);
    }
    return value.booleanValue();
  }

  static JsonNode required(JsonNode object, String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      throw new QmpProtocolException(
          "QEMU left out the field '%s' in %s".formatted(name, excerpt(object)));
    }
    return value;
  }

  static Optional<JsonNode> optional(JsonNode object, String name) {
    return Optional.ofNullable(object.get(name)).filter(value -> !value.isNull());
  }

  static Optional<String> optionalText(JsonNode object, String name) {
    return optional(object, name).filter(JsonNode::isTextual).map(JsonNode::textValue);
  }

  /** What QEMU says to people. It becomes part of errors and records, which have to stay small. */
  static Optional<String> optionalWords(JsonNode object, String name) {
    return optionalText(object, name)
        .map(text -> text.length() <= MOST_WORDS ? text : text.substring(0, MOST_WORDS) + "…");
  }

  static OptionalLong optionalNumber(JsonNode object, String name) {
    return optional(object, name)
        .filter(Fields::isLong)
        .map(value -> OptionalLong.of(value.longValue()))
        .orElseGet(OptionalLong::empty);
  }

  static OptionalInt optionalInt(JsonNode object, String name) {
    return optional(object, name)
        .filter(Fields::isInt)
        .map(value -> OptionalInt.of(value.intValue()))
        .orElseGet(OptionalInt::empty);
  }

  static boolean flagOr(JsonNode object, String name, boolean absent) {
    return optional(object, name)
        .filter(JsonNode::isBoolean)
        .map(JsonNode::booleanValue)
        .orElse(absent);
  }

  /** Maps QEMU's spelling to a constant; a value added by a later QEMU becomes {@code unknown}. */
  static <E extends Enum<E>> E enumValue(Class<E> type, String wireName, E unknown) {
    String constant = wireName.toUpperCase(Locale.ROOT).replace('-', '_');
    for (E candidate : type.getEnumConstants()) {
      if (candidate.name().equals(constant)) {
        return candidate;
      }
    }
    return unknown;
  }

  static <T> List<T> list(JsonNode array, Function<JsonNode, T> element) {
    if (!(array instanceof ArrayNode)) {
      throw new QmpProtocolException("QEMU answered %s, expected a list".formatted(excerpt(array)));
    }
    List<T> elements = new ArrayList<>(array.size());
    array.forEach(item -> elements.add(element.apply(item)));
    return List.copyOf(elements);
  }

  static <T> List<T> optionalList(JsonNode object, String name, Function<JsonNode, T> element) {
    return optional(object, name).map(array -> list(array, element)).orElseGet(List::of);
  }

  /** A larger number would be cut to another one without a word. */
  private static boolean isLong(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0;
  }

  private static boolean isInt(JsonNode value) {
    return isLong(value) && value.canConvertToInt();
  }

  private static QmpProtocolException mistyped(String name, String expected, JsonNode value) {
    return new QmpProtocolException(
        "QEMU sent %s in the field '%s', expected %s".formatted(excerpt(value), name, expected));
  }

  private static String excerpt(JsonNode node) {
    String text = node.toString();
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
