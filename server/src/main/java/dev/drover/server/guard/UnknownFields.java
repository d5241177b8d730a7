package dev.drover.server.guard;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds what this daemon does not know in a request: an older daemon must never drop an instruction
 * of a newer client (A9, R24).
 */
public final class UnknownFields {

  private UnknownFields() {}

  /**
   * Refuses a request that carries an unknown field or enum value anywhere.
   *
   * @throws DriverException UNKNOWN_FIELD with the path
   */
  public static void refuse(Message request) {
    find(request, "")
        .ifPresent(
            path -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_UNKNOWN_FIELD,
                  "this daemon does not know "
                      + path
                      + "; it is older than the client, ask GetCapabilities what it can do",
                  "field",
                  path);
            });
  }

  private static Optional<String> find(Message message, String path) {
    var unknown = message.getUnknownFields().asMap().keySet().stream().min(Integer::compare);
    if (unknown.isPresent()) {
      return Optional.of(at(path, "field number " + unknown.get()));
    }
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      Optional<String> found = value(field.getValue(), at(path, field.getKey().getName()));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> value(Object value, String path) {
    if (value instanceof List<?> elements) {
      for (int i = 0; i < elements.size(); i++) {
        Optional<String> found = single(elements.get(i), path + "[" + i + "]");
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }
    return single(value, path);
  }

  private static Optional<String> single(Object value, String path) {
    return switch (value) {
      case Message message -> find(message, path);
      case EnumValueDescriptor constant when constant.getIndex() < 0 ->
          Optional.of(path + " = " + constant.getNumber());
      default -> Optional.empty();
    };
  }

  private static String at(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
