package dev.drover.api;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.Rule;
import dev.drover.v1.StatusMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The API as a set of promises, one line each, in the manner of Go's {@code api/*.txt}. A line
 * holds everything about one element that a client can depend on, so a line that disappears is a
 * broken promise and a line that appears is a new one.
 *
 * @param lines sorted; messages before their fields, fields by number
 */
record ApiListing(SortedSet<String> lines) {

  ApiListing {
    lines = Collections.unmodifiableSortedSet(new TreeSet<>(lines));
  }

  static ApiListing of(ApiDescriptors api) {
    SortedSet<String> lines = new TreeSet<>();
    api.files().forEach(file -> add(file, lines));
    api.messages().forEach(message -> add(message, lines));
    api.enums().forEach(type -> add(type, lines));
    api.services().forEach(service -> lines.add("service " + service.getFullName()));
    api.methods().forEach(method -> lines.add(line(method)));
    api.extensions().forEach(field -> lines.add(extensionLine(field)));
    return new ApiListing(lines);
  }

  static ApiListing read(Path file) throws IOException {
    return new ApiListing(
        new TreeSet<>(
            Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList()));
  }

  void write(Path file) throws IOException {
    List<String> text = new ArrayList<>();
    text.add("# What drover.v1 promises its clients, one promise a line. Written by");
    text.add("# bin/update-descriptor; a line that goes or changes breaks clients.");
    text.addAll(lines);
    Files.write(file, text);
  }

  /** Promises of this listing that {@code later} does not keep. */
  SortedSet<String> brokenBy(ApiListing later) {
    return without(lines, later.lines);
  }

  /** Promises that {@code later} adds to this listing. */
  SortedSet<String> addedBy(ApiListing later) {
    return without(later.lines, lines);
  }

  private static SortedSet<String> without(SortedSet<String> lines, SortedSet<String> others) {
    SortedSet<String> rest = new TreeSet<>(lines);
    rest.removeAll(others);
    return rest;
  }

  /** What generated code takes from a file: its place, its options, and what is found in it. */
  private static void add(FileDescriptor file, SortedSet<String> lines) {
    String name = "file " + file.getName();
    lines.add(name + " of " + file.getPackage());
    options(file.getOptions().getAllFields()).forEach(option -> lines.add(name + option));
    Stream.of(file.getMessageTypes(), file.getEnumTypes(), file.getServices(), file.getExtensions())
        .flatMap(List::stream)
        .forEach(element -> lines.add(name + " holds " + element.getName()));
  }

  private static void add(Descriptor message, SortedSet<String> lines) {
    lines.add("message " + message.getFullName());
    DescriptorProto proto = message.toProto();
    proto
        .getReservedNameList()
        .forEach(name -> lines.add("message " + message.getFullName() + " reserves " + name));
    for (DescriptorProto.ReservedRange range : proto.getReservedRangeList()) {
      for (int number = range.getStart(); number < range.getEnd(); number++) {
        lines.add("message %s reserves %d".formatted(message.getFullName(), number));
      }
    }
    for (FieldDescriptor field : message.getFields()) {
      lines.add(
          "message %s %5d %s %s%s%s%s%s"
              .formatted(
                  message.getFullName(),
                  field.getNumber(),
                  type(field),
                  field.getName(),
                  oneof(field),
                  json(field),
                  field.getOptions().getExtension(OptionsProto.sensitive) ? " sensitive" : "",
                  String.join("", options(field.getOptions().getAllFields()))));
    }
  }

  private static void add(EnumDescriptor type, SortedSet<String> lines) {
    lines.add("enum " + type.getFullName());
    type.toProto()
        .getReservedNameList()
        .forEach(name -> lines.add("enum " + type.getFullName() + " reserves " + name));
    for (EnumDescriptorProto.EnumReservedRange range : type.toProto().getReservedRangeList()) {
      lines.add(
          "enum %s reserves %d to %d"
              .formatted(type.getFullName(), range.getStart(), range.getEnd()));
    }
    for (EnumValueDescriptor value : type.getValues()) {
      lines.add(
          "enum %s %5d %s%s"
              .formatted(type.getFullName(), value.getNumber(), value.getName(), status(value)));
    }
  }

  private static String line(MethodDescriptor method) {
    Rule rule = method.getOptions().getExtension(OptionsProto.rule);
    return "service %s rpc %s(%s%s) returns (%s%s) %s %s%s"
        .formatted(
            method.getService().getFullName(),
            method.getName(),
            method.isClientStreaming() ? "stream " : "",
            method.getInputType().getFullName(),
            method.isServerStreaming() ? "stream " : "",
            method.getOutputType().getFullName(),
            rule.getPermission(),
            rule.getEffect().name().toLowerCase(Locale.ROOT),
            String.join("", options(method.getOptions().getAllFields())));
  }

  /** Options that change generated code; those of Drover have lines of their own. */
  private static List<String> options(Map<FieldDescriptor, Object> options) {
    return options.entrySet().stream()
        .filter(option -> !option.getKey().isExtension())
        .filter(option -> !option.getKey().getName().equals("deprecated"))
        .map(option -> " %s %s".formatted(option.getKey().getName(), option.getValue()))
        .sorted()
        .toList();
  }

  private static String extensionLine(FieldDescriptor field) {
    return "extension %s %5d %s of %s"
        .formatted(
            field.getFullName(),
            field.getNumber(),
            type(field),
            field.getContainingType().getFullName());
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      Descriptor entry = field.getMessageType();
      return "map<%s, %s>"
          .formatted(type(entry.findFieldByNumber(1)), type(entry.findFieldByNumber(2)));
    }
    String name =
        switch (field.getJavaType()) {
          case MESSAGE -> field.getMessageType().getFullName();
          case ENUM -> field.getEnumType().getFullName();
          case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
              field.getType().name().toLowerCase(Locale.ROOT);
        };
    if (field.isRepeated()) {
      return "repeated " + name;
    }
    boolean explicit =
        field.hasPresence()
            && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
            && field.getRealContainingOneof() == null;
    return explicit ? "optional " + name : name;
  }

  private static String oneof(FieldDescriptor field) {
    OneofDescriptor oneof = field.getRealContainingOneof();
    return oneof == null ? "" : " in oneof " + oneof.getName();
  }

  private static String json(FieldDescriptor field) {
    boolean usual = camelCase(field.getName()).equals(field.getJsonName());
    return usual ? "" : " json " + field.getJsonName();
  }

  /** The JSON name protoc gives a field that asks for none. */
  private static String camelCase(String name) {
    StringBuilder out = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '_') {
        upper = true;
      } else {
        out.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return out.toString();
  }

  private static String status(EnumValueDescriptor value) {
    if (!value.getOptions().hasExtension(OptionsProto.status)) {
      return "";
    }
    StatusMapping mapping = value.getOptions().getExtension(OptionsProto.status);
    return " is %s, libvirt %d".formatted(mapping.getCode(), mapping.getLibvirtCode());
  }
}
