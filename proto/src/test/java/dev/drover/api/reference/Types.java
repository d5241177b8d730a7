package dev.drover.api.reference;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes messages and enums as tables. */
final class Types {

  private static final String WELL_KNOWN =
      "https://protobuf.dev/reference/protobuf/google.protobuf/#";
  private static final String STATUS =
      "https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto";

  private final Contract contract;
  private final Page page;

  Types(Contract contract, Page page) {
    this.contract = contract;
    this.page = page;
  }

  /** Adds a message under a heading of the level. */
  void add(Descriptor message, String level) {
    page.block(level + " " + message.getName());
    page.about(message, contract.comment(message).text());
    if (!message.getFields().isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      OneofDescriptor open = null;
      for (FieldDescriptor field : message.getFields()) {
        OneofDescriptor oneof = field.getRealContainingOneof();
        if (oneof != null && !oneof.equals(open)) {
          rows.add(
              List.of(
                  Markdown.code(oneof.getName()),
                  oneof.getFieldCount() == 1
                      ? "the one below"
                      : "one of the %d below".formatted(oneof.getFieldCount()),
                  cell(contract.comment(oneof))));
        }
        open = oneof;
        rows.add(row(field));
      }
      page.table(List.of("field", "type", "meaning"), rows);
    }
  }

  /** Adds an enum under a heading of the level. */
  void add(EnumDescriptor type, String level) {
    page.block(level + " " + type.getName());
    page.about(type, contract.comment(type).text());
    List<List<String>> rows = new ArrayList<>();
    for (EnumValueDescriptor value : type.getValues()) {
      rows.add(
          List.of(
              Markdown.code(value.getName()),
              String.valueOf(value.getNumber()),
              cell(contract.comment(value))));
    }
    page.table(List.of("value", "number", "meaning"), rows);
  }

  private List<String> row(FieldDescriptor field) {
    String name = Markdown.code(field.getName());
    return List.of(
        field.getRealContainingOneof() == null ? name : "– " + name,
        type(field) + (Contract.sensitive(field) ? ", **sensitive**" : ""),
        cell(contract.comment(field)));
  }

  private String cell(Comment comment) {
    return String.join("<br>", comment.text().stream().map(page.markdown()::text).toList())
        .replaceAll("\\bRequired\\.", "**Required.**");
  }

  /** A field's type, with a link where it has a place. */
  private String type(FieldDescriptor field) {
    if (field.isMapField()) {
      Descriptor entry = field.getMessageType();
      return "map of %s to %s"
          .formatted(name(entry.findFieldByNumber(1)), name(entry.findFieldByNumber(2)));
    }
    if (field.isRepeated()) {
      return "list of " + name(field);
    }
    boolean explicit =
        field.hasPresence()
            && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
            && field.getRealContainingOneof() == null;
    return explicit ? "optional " + name(field) : name(field);
  }

  private String name(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> message(field.getMessageType());
      case ENUM -> linked(field.getEnumType(), field.getEnumType().getFullName());
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
          field.getType().name().toLowerCase(Locale.ROOT);
    };
  }

  private String message(Descriptor type) {
    String name = type.getFullName();
    if (name.startsWith("google.protobuf.")) {
      String anchor = Places.anchor(type.getName().replaceAll("([a-z])([A-Z])", "$1-$2"));
      return "[`%s`](%s%s)".formatted(name, WELL_KNOWN, anchor);
    }
    return linked(type, name);
  }

  private String linked(GenericDescriptor type, String fullName) {
    if (fullName.startsWith("drover.")) {
      return page.markdown().link(type.getName(), contract.places().of(type));
    }
    return fullName.equals("google.rpc.Status")
        ? "[`%s`](%s)".formatted(fullName, STATUS)
        : Markdown.code(fullName);
  }
}
