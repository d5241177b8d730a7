package dev.drover.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorInfo;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes the API's messages as JSON and YAML, with the field names of the .proto files. */
final class Documents {
  private Documents() {}

  static String json(Message message) {
    return print(printer(), message);
  }

  /** JSON without line breaks. */
  static String jsonLine(Message message) {
    return print(printer().omittingInsignificantWhitespace(), message);
  }

  private static JsonFormat.Printer printer() {
    return JsonFormat.printer()
        .preservingProtoFieldNames()
        .usingTypeRegistry(TypeRegistry.newBuilder().add(ErrorInfo.getDescriptor()).build());
  }

  private static String print(JsonFormat.Printer printer, Message message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new CommandFailure(
          "The answer holds details this client does not know (%s): use a newer client"
              .formatted(e.getMessage()));
    }
  }

  static String json(List<? extends Message> messages) {
    return messages.stream().map(Documents::json).collect(Collectors.joining(",\n", "[", "]"));
  }

  /** Lists of messages by name, as one JSON object. */
  static String json(Map<String, List<? extends Message>> lists) {
    return lists.entrySet().stream()
        .map(list -> "\"%s\": %s".formatted(list.getKey(), json(list.getValue())))
        .collect(Collectors.joining(",\n", "{", "}"));
  }

  static String yaml(Map<String, List<? extends Message>> lists) {
    return yaml(json(lists));
  }

  /** Maps, lists and plain values as JSON. */
  static String jsonOf(Object values) {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Plain values cannot be written", e);
    }
  }

  /** Maps, lists and plain values as YAML. */
  static String yamlOf(Object values) {
    return yaml(jsonOf(values));
  }

  static String yaml(Message message) {
    return yaml(json(message));
  }

  static String yaml(List<? extends Message> messages) {
    return yaml(json(messages));
  }

  private static String yaml(String json) {
    YAMLFactory factory =
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .build();
    try {
      JsonNode tree = new ObjectMapper().readTree(json);
      return new ObjectMapper(factory).writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A printed message cannot be read again", e);
    }
  }
}
