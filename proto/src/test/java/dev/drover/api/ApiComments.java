package dev.drover.api;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Comments of one file by the full name of what they stand above. protoc keeps them apart from the
 * elements, addressed by the path of field numbers and indexes that leads to an element inside its
 * {@code FileDescriptorProto}.
 */
public final class ApiComments {

  private final Map<List<Integer>, String> byPath = new HashMap<>();
  private final SequencedMap<String, String> byName = new LinkedHashMap<>();

  private ApiComments(FileDescriptorProto file) {
    for (Location location : file.getSourceCodeInfo().getLocationList()) {
      byPath.put(location.getPathList(), location.getLeadingComments().strip());
    }
    String scope = file.getPackage();
    for (int i = 0; i < file.getMessageTypeCount(); i++) {
      List<Integer> path = List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, i);
      add(file.getMessageType(i), scope, path);
    }
    for (int i = 0; i < file.getEnumTypeCount(); i++) {
      add(file.getEnumType(i), scope, List.of(FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
    }
    for (int i = 0; i < file.getServiceCount(); i++) {
      add(file.getService(i), scope, List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, i));
    }
    for (int i = 0; i < file.getExtensionCount(); i++) {
      FieldDescriptorProto extension = file.getExtension(i);
      put(scope, extension.getName(), List.of(FileDescriptorProto.EXTENSION_FIELD_NUMBER, i));
    }
  }

  /** Every element of the file that wants a comment, with its comment or the empty string. */
  public static SequencedMap<String, String> of(FileDescriptorProto file) {
    return new ApiComments(file).byName;
  }

  private void add(DescriptorProto message, String scope, List<Integer> path) {
    if (message.getOptions().getMapEntry()) {
      return;
    }
    String name = put(scope, message.getName(), path);
    for (int i = 0; i < message.getFieldCount(); i++) {
      put(name, message.getField(i).getName(), at(path, DescriptorProto.FIELD_FIELD_NUMBER, i));
    }
    for (int i = 0; i < message.getOneofDeclCount(); i++) {
      if (written(message, i)) {
        put(
            name,
            message.getOneofDecl(i).getName(),
            at(path, DescriptorProto.ONEOF_DECL_FIELD_NUMBER, i));
      }
    }
    for (int i = 0; i < message.getNestedTypeCount(); i++) {
      add(message.getNestedType(i), name, at(path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, i));
    }
    for (int i = 0; i < message.getEnumTypeCount(); i++) {
      add(message.getEnumType(i), name, at(path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
    }
  }

  /** Not one that protoc makes for a field with {@code optional}. */
  private static boolean written(DescriptorProto message, int oneof) {
    return message.getFieldList().stream()
        .noneMatch(
            field ->
                field.getProto3Optional()
                    && field.hasOneofIndex()
                    && field.getOneofIndex() == oneof);
  }

  private void add(EnumDescriptorProto type, String scope, List<Integer> path) {
    String name = put(scope, type.getName(), path);
    for (int i = 0; i < type.getValueCount(); i++) {
      put(name, type.getValue(i).getName(), at(path, EnumDescriptorProto.VALUE_FIELD_NUMBER, i));
    }
  }

  private void add(ServiceDescriptorProto service, String scope, List<Integer> path) {
    String name = put(scope, service.getName(), path);
    for (int i = 0; i < service.getMethodCount(); i++) {
      String method = service.getMethod(i).getName();
      put(name, method, at(path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, i));
    }
  }

  private String put(String scope, String simpleName, List<Integer> path) {
    String name = scope + "." + simpleName;
    byName.put(name, byPath.getOrDefault(path, ""));
    return name;
  }

  private static List<Integer> at(List<Integer> path, int field, int index) {
    List<Integer> longer = new ArrayList<>(path);
    longer.add(field);
    longer.add(index);
    return longer;
  }
}
