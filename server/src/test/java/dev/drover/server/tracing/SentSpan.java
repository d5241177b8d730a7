package dev.drover.server.tracing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A span as a collector gets it, read by the numbers that OTLP's fields have.
 *
 * @param parent id of the span above; empty: none
 * @param failed whether its status is an error
 */
record SentSpan(
    String trace,
    String id,
    String parent,
    String name,
    boolean failed,
    Map<String, String> attributes) {

  private static final int RESOURCE_SPANS = 1;
  private static final int SCOPE_SPANS = 2;
  private static final int SPANS = 2;
  private static final int TRACE_ID = 1;
  private static final int SPAN_ID = 2;
  private static final int PARENT_ID = 4;
  private static final int NAME = 5;
  private static final int ATTRIBUTES = 9;
  private static final int STATUS = 15;
  private static final int STATUS_CODE = 3;
  private static final long STATUS_ERROR = 2;
  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int STRING = 1;

  /** The spans of a request. */
  static List<SentSpan> of(byte[] request) {
    return parts(fields(ByteString.copyFrom(request)), RESOURCE_SPANS)
        .flatMap(resource -> parts(resource, SCOPE_SPANS))
        .flatMap(scope -> parts(scope, SPANS))
        .map(SentSpan::read)
        .toList();
  }

  private static SentSpan read(UnknownFieldSet span) {
    Map<String, String> attributes = new HashMap<>();
    parts(span, ATTRIBUTES)
        .forEach(
            attribute ->
                attributes.put(
                    text(attribute, KEY),
                    parts(attribute, VALUE).map(value -> text(value, STRING)).findFirst().get()));
    return new SentSpan(
        hex(span, TRACE_ID),
        hex(span, SPAN_ID),
        hex(span, PARENT_ID),
        text(span, NAME),
        parts(span, STATUS)
            .anyMatch(
                status -> status.getField(STATUS_CODE).getVarintList().contains(STATUS_ERROR)),
        attributes);
  }

  private static Stream<UnknownFieldSet> parts(UnknownFieldSet message, int field) {
    return message.getField(field).getLengthDelimitedList().stream().map(SentSpan::fields);
  }

  private static UnknownFieldSet fields(ByteString bytes) {
    try {
      return UnknownFieldSet.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("no protobuf", e);
    }
  }

  private static ByteString bytes(UnknownFieldSet message, int field) {
    return message.getField(field).getLengthDelimitedList().stream()
        .findFirst()
        .orElse(ByteString.EMPTY);
  }

  private static String text(UnknownFieldSet message, int field) {
    return bytes(message, field).toStringUtf8();
  }

  private static String hex(UnknownFieldSet message, int field) {
    return HexFormat.of().formatHex(bytes(message, field).toByteArray());
  }
}
