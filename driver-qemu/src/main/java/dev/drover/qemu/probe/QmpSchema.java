package dev.drover.qemu.probe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The answer of {@code query-qmp-schema}: every command, argument and event a QEMU binary
 * understands. Type names in it are masked numbers that differ between builds, so everything is
 * reached from a command or event.
 */
public final class QmpSchema {
  /** Commands that take properties of devices, which the schema does not describe. */
  private static final Set<String> OPEN_ENDED = Set.of("device_add");

  private final Map<String, JsonNode> entities;

  private QmpSchema(Map<String, JsonNode> entities) {
    this.entities = entities;
  }

  /**
   * Reads a schema.
   *
   * @param schema the array QEMU returned
   * @throws IllegalArgumentException when it is not a schema
   */
  public static QmpSchema of(JsonNode schema) {
    if (!schema.isArray() || schema.isEmpty()) {
      throw new IllegalArgumentException("a QMP schema is a list of types, commands and events");
    }
    Map<String, JsonNode> entities = new HashMap<>();
    for (JsonNode entity : schema) {
      if (!entity.path("name").isTextual() || !entity.path("meta-type").isTextual()) {
        throw new IllegalArgumentException("not an entry of a QMP schema: " + entity);
      }
      entities.put(entity.get("name").textValue(), entity);
    }
    return new QmpSchema(Map.copyOf(entities));
  }

  /** Whether the binary has a command. */
  public boolean hasCommand(String command) {
    return entity(command, "command").isPresent();
  }

  /** Whether the binary can send an event. */
  public boolean hasEvent(String event) {
    return entity(event, "event").isPresent();
  }

  /**
   * Whether a command takes an argument.
   *
   * @param command the command
   * @param path member names joined by dots; a name is looked for in all variants of a union, and a
   *     list is stepped through, so {@code actions.data.node} is a path of {@code transaction}
   */
  public boolean hasArgument(String command, String path) {
    return entity(command, "command")
        .map(
            entity -> hasMember(entity.get("arg-type").textValue(), List.of(path.split("\\.", -1))))
        .orElse(false);
  }

  /**
   * Whether an argument takes a value.
   *
   * @param command the command
   * @param path as in {@link #hasArgument}
   * @param value the enum value as QEMU spells it
   */
  public boolean hasArgumentValue(String command, String path, String value) {
    return entity(command, "command")
        .map(
            entity ->
                typesAt(entity.get("arg-type").textValue(), List.of(path.split("\\.", -1))).stream()
                    .flatMap(type -> enumValues(type).stream())
                    .anyMatch(value::equals))
        .orElse(false);
  }

  /**
   * Checks arguments as QEMU would.
   *
   * @return what is wrong, each with the path of the argument; empty when QEMU would accept them
   */
  public List<String> validate(String command, JsonNode arguments) {
    Optional<JsonNode> entity = entity(command, "command");
    if (entity.isEmpty()) {
      return List.of("there is no command " + command);
    }
    List<String> problems = new ArrayList<>();
    validateObject(
        entity.get().get("arg-type").textValue(),
        arguments,
        command,
        OPEN_ENDED.contains(command),
        problems);
    return List.copyOf(problems);
  }

  /** Checks the data of an event; same form as {@link #validate}. */
  public List<String> validateEvent(String event, JsonNode data) {
    Optional<JsonNode> entity = entity(event, "event");
    if (entity.isEmpty()) {
      return List.of("there is no event " + event);
    }
    List<String> problems = new ArrayList<>();
    validateObject(entity.get().get("arg-type").textValue(), data, event, false, problems);
    return List.copyOf(problems);
  }

  private Optional<JsonNode> entity(String name, String metaType) {
    return Optional.ofNullable(entities.get(name))
        .filter(entity -> entity.get("meta-type").textValue().equals(metaType));
  }

  private JsonNode type(String name) {
    return Optional.ofNullable(entities.get(name))
        .orElseThrow(() -> new IllegalArgumentException("the QMP schema lacks its type " + name));
  }

  private boolean hasMember(String typeName, List<String> path) {
    return !typesAt(typeName, path).isEmpty();
  }

  private List<JsonNode> typesAt(String typeName, List<String> path) {
    JsonNode type = type(typeName);
    return switch (type.get("meta-type").textValue()) {
      case "array" -> typesAt(type.get("element-type").textValue(), path);
      case "alternate" -> typesAtAny(type.get("members"), path);
      case "object" -> {
        if (path.isEmpty()) {
          yield List.of(type);
        }
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode member : type.get("members")) {
          if (member.get("name").textValue().equals(path.getFirst())) {
            found.addAll(typesAt(member.get("type").textValue(), path.subList(1, path.size())));
          }
        }
        found.addAll(typesAtAny(type.path("variants"), path));
        yield found;
      }
      default -> path.isEmpty() ? List.of(type) : List.of();
    };
  }

  private List<JsonNode> typesAtAny(JsonNode alternatives, List<String> path) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode alternative : alternatives) {
      found.addAll(typesAt(alternative.get("type").textValue(), path));
    }
    return found;
  }

  private static List<String> enumValues(JsonNode type) {
    List<String> values = new ArrayList<>();
    if (type.get("meta-type").textValue().equals("enum")) {
      type.get("values").forEach(value -> values.add(value.textValue()));
    }
    return values;
  }

  private void validateValue(String typeName, JsonNode value, String path, List<String> problems) {
    JsonNode type = type(typeName);
    switch (type.get("meta-type").textValue()) {
      case "builtin" -> {
        if (!matchesBuiltin(type.get("json-type").textValue(), value)) {
          problems.add(
              "%s must be of type %s, is %s"
                  .formatted(path, type.get("json-type").textValue(), value));
        }
      }
      case "enum" -> {
        if (!value.isTextual() || !enumValues(type).contains(value.textValue())) {
          problems.add("%s has no value %s".formatted(path, value));
        }
      }
      case "array" -> {
        if (!value.isArray()) {
          problems.add(path + " must be a list");
        }
        for (int i = 0; i < value.size() && value.isArray(); i++) {
          validateValue(
              type.get("element-type").textValue(),
              value.get(i),
              "%s[%d]".formatted(path, i),
              problems);
        }
      }
      case "alternate" -> validateAlternate(type, value, path, problems);
      case "object" -> validateObject(typeName, value, path, false, problems);
      default -> problems.add("%s has the unusable type %s".formatted(path, type));
    }
  }

  private void validateAlternate(
      JsonNode type, JsonNode value, String path, List<String> problems) {
    List<String> first = new ArrayList<>();
    for (JsonNode member : type.get("members")) {
      List<String> tried = new ArrayList<>();
      validateValue(member.get("type").textValue(), value, path, tried);
      if (tried.isEmpty()) {
        return;
      }
      if (first.isEmpty() || (value.isObject() && tried.size() < first.size())) {
        first = tried;
      }
    }
    problems.addAll(first);
  }

  private void validateObject(
      String typeName, JsonNode value, String path, boolean openEnded, List<String> problems) {
    if (!value.isObject()) {
      problems.add(path + " must be an object");
      return;
    }
    Map<String, JsonNode> members = new HashMap<>();
    collectMembers(type(typeName), value, path, members, problems);
    for (Map.Entry<String, JsonNode> given : value.properties()) {
      String memberPath = path + "." + given.getKey();
      JsonNode member = members.get(given.getKey());
      if (member != null) {
        validateValue(member.get("type").textValue(), given.getValue(), memberPath, problems);
      } else if (!openEnded) {
        problems.add(memberPath + " is unknown");
      }
    }
    members.forEach(
        (name, member) -> {
          if (!member.has("default") && !value.has(name)) {
            problems.add("%s.%s is missing".formatted(path, name));
          }
        });
  }

  /** Own members, and those of the variant that the tag chooses, and so on. */
  private void collectMembers(
      JsonNode type,
      JsonNode value,
      String path,
      Map<String, JsonNode> members,
      List<String> problems) {
    if (!type.get("meta-type").textValue().equals("object")) {
      problems.add("%s cannot be an object here".formatted(path));
      return;
    }
    type.get("members").forEach(member -> members.put(member.get("name").textValue(), member));
    if (!type.has("tag")) {
      return;
    }
    String tag = value.path(type.get("tag").textValue()).asText();
    for (JsonNode variant : type.get("variants")) {
      if (variant.get("case").textValue().equals(tag)) {
        collectMembers(type(variant.get("type").textValue()), value, path, members, problems);
      }
    }
  }

  private static boolean matchesBuiltin(String jsonType, JsonNode value) {
    return switch (jsonType) {
      case "string" -> value.isTextual();
      case "int" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      case "value" -> true;
      default -> false;
    };
  }
}
