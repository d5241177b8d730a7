package dev.drover.qemu.qmp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** Turns one line into a message. Unknown fields are ignored, unknown events are events. */
final class QmpParser {
  /** Long chains nest one level per layer in non-flat answers. */
  private static final int MAXIMUM_NESTING = 5000;

  /**
   * No event of QEMU's comes near it. Up to a thousand of each domain wait to be dealt with, so
   * that what one may have decides what a QEMU can make the daemon hold.
   */
  private static final int MOST_EVENT_BYTES = 64 << 10;

  /** The last second of the year 9999, where a protobuf timestamp ends. */
  private static final long LAST_SECOND = 253_402_300_799L;

  private static final long MICROS_PER_SECOND = 1_000_000;

  private final ObjectMapper json =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(MAXIMUM_NESTING).build())
              .build());

  /**
   * @throws QmpProtocolException when the line is not a QMP message
   */
  QmpMessage parse(byte[] buffer, int offset, int length) {
    JsonNode message;
    try {
      message = json.readTree(buffer, offset, length);
    } catch (IOException e) {
      throw new QmpProtocolException("QEMU sent a line that is not JSON: " + e.getMessage(), e);
    }
    if (!(message instanceof ObjectNode object)) {
      throw new QmpProtocolException("QEMU sent a line that is not a JSON object");
    }
    if (object.has("return")) {
      return new QmpMessage.Reply(Fields.optionalNumber(object, "id"), object.get("return"));
    }
    if (object.has("error")) {
      JsonNode error = object.get("error");
      return new QmpMessage.ErrorReply(
          Fields.optionalNumber(object, "id"),
          Fields.optionalWords(error, "class").orElse("GenericError"),
          Fields.optionalWords(error, "desc").orElse(""));
    }
    if (object.has("event")) {
      if (length > MOST_EVENT_BYTES) {
        throw new QmpProtocolException("QEMU sent an event of %d bytes".formatted(length));
      }
      return new QmpEvent(
          Fields.text(object, "event"),
          Fields.optional(object, "data").orElseGet(JsonNodeFactory.instance::objectNode),
          timestamp(object));
    }
    if (object.has("QMP")) {
      JsonNode greeting = object.get("QMP");
      return new QmpMessage.Greeting(
          QemuVersion.decode(Fields.required(greeting, "version")),
          Fields.optionalList(greeting, "capabilities", JsonNode::asText));
    }
    throw new QmpProtocolException("QEMU sent an object that is neither reply, event nor greeting");
  }

  byte[] encode(ObjectNode command) {
    try {
      return json.writeValueAsBytes(command);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("command cannot be written as JSON", e);
    }
  }

  private static Optional<Instant> timestamp(JsonNode message) {
    return Fields.optional(message, "timestamp")
        .flatMap(
            time -> {
              long seconds = Fields.optionalNumber(time, "seconds").orElse(-1);
              long micros = Fields.optionalNumber(time, "microseconds").orElse(-1);
              return isTime(seconds, micros)
                  ? Optional.of(Instant.ofEpochSecond(seconds, micros * 1000))
                  : Optional.empty();
            });
  }

  /**
   * QEMU sends -1 for both where the host's clock could not be read; nonsense is no time either.
   */
  private static boolean isTime(long seconds, long micros) {
    return seconds >= 0 && seconds <= LAST_SECOND && micros >= 0 && micros < MICROS_PER_SECOND;
  }
}
