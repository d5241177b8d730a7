package dev.drover.server.guard;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.drover.v1.OptionsProto;
import java.util.List;
import java.util.Map;

/** A request as one line for the log, without the fields that must never reach one (A7). */
public final class RequestText {

  private static final int MOST_CHARACTERS = 4096;

  private RequestText() {}

  /** The line; cut off where it is very long. */
  public static String of(Message request) {
    String text =
        TextFormat.printer().emittingSingleLine(true).printToString(redacted(request)).strip();
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "...";
  }

  /** A copy of a message without its sensitive fields, at any depth. */
  public static Message redacted(Message message) {
    Message.Builder copy = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.getOptions().getExtension(OptionsProto.sensitive)) {
        copy.clearField(field);
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        if (entry.getValue() instanceof List<?> elements) {
          for (int i = 0; i < elements.size(); i++) {
            copy.setRepeatedField(field, i, redacted((Message) elements.get(i)));
          }
        } else {
          copy.setField(field, redacted((Message) entry.getValue()));
        }
      }
    }
    return copy.build();
  }
}
