package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Builds the argument object of a command; an absent optional leaves no trace in it. */
final class Arguments {
  private final ObjectNode node = JsonNodeFactory.instance.objectNode();

  private Arguments() {}

  static Arguments arguments() {
    return new Arguments();
  }

  /** The argument object of the many commands that take only an id. */
  static ObjectNode ofId(String id) {
    return arguments().put("id", id).build();
  }

  static ObjectNode none() {
    return JsonNodeFactory.instance.objectNode();
  }

  Arguments put(String name, String value) {
    node.put(name, value);
    return this;
  }

  Arguments put(String name, long value) {
    node.put(name, value);
    return this;
  }

  Arguments put(String name, boolean value) {
    node.put(name, value);
    return this;
  }

  Arguments put(String name, JsonNode value) {
    node.set(name, value);
    return this;
  }

  Arguments put(String name, Enum<?> value) {
    return put(name, wireName(value));
  }

  Arguments put(String name, OptionalLong value) {
    value.ifPresent(present -> node.put(name, present));
    return this;
  }

  Arguments putText(String name, Optional<String> value) {
    value.ifPresent(present -> node.put(name, present));
    return this;
  }

  Arguments putFlag(String name, Optional<Boolean> value) {
    value.ifPresent(present -> node.put(name, present));
    return this;
  }

  Arguments putEnum(String name, Optional<? extends Enum<?>> value) {
    value.ifPresent(present -> node.put(name, wireName(present)));
    return this;
  }

  ObjectNode build() {
    return node;
  }

  /** QEMU's spelling of an enum value: {@code WRITE_BLOCKING} is {@code write-blocking}. */
  static String wireName(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
