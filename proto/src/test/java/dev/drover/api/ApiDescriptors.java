package dev.drover.api;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.ExtensionRegistry;
import dev.drover.v1.OptionsProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The API's own files, linked: those whose package is {@code drover} or below. Imported files are
 * known to the linker and not listed.
 *
 * @param files imports before the files that import them
 */
public record ApiDescriptors(List<FileDescriptor> files) {

  private static final String RESOURCE = "/drover.binpb";

  /** Reads what the build compiled from {@code src/main/proto}. */
  public static ApiDescriptors compiled() {
    try (InputStream in = ApiDescriptors.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            RESOURCE + " is not on the class path: the execution descriptor-set has not run");
      }
      return link(FileDescriptorSet.parseFrom(in, options()).getFileList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Links files that are given in the order protoc writes them: imports first. */
  public static ApiDescriptors link(List<FileDescriptorProto> protos) {
    Map<String, FileDescriptor> linked = new HashMap<>();
    for (FileDescriptorProto proto : protos) {
      FileDescriptor[] imports =
          proto.getDependencyList().stream().map(linked::get).toArray(FileDescriptor[]::new);
      try {
        linked.put(proto.getName(), FileDescriptor.buildFrom(proto, imports));
      } catch (DescriptorValidationException e) {
        throw new IllegalArgumentException(proto.getName() + " does not link", e);
      }
    }
    return new ApiDescriptors(
        protos.stream()
            .map(proto -> linked.get(proto.getName()))
            .filter(file -> (file.getPackage() + ".").startsWith("drover."))
            .toList());
  }

  /** Only the files of one package, {@code drover.v1} for instance. */
  public ApiDescriptors inPackage(String name) {
    return new ApiDescriptors(
        files.stream().filter(file -> file.getPackage().equals(name)).toList());
  }

  /** Every message, nested ones too; not the entry types that protoc makes for maps. */
  public Stream<Descriptor> messages() {
    return files.stream()
        .flatMap(file -> file.getMessageTypes().stream())
        .flatMap(ApiDescriptors::withNested)
        .filter(message -> !message.getOptions().getMapEntry());
  }

  /** Every field of every message. */
  public Stream<FieldDescriptor> fields() {
    return messages().flatMap(message -> message.getFields().stream());
  }

  /** The options that the API adds to those of protobuf. */
  public Stream<FieldDescriptor> extensions() {
    return files.stream().flatMap(file -> file.getExtensions().stream());
  }

  /** Every enum, nested ones too. */
  public Stream<EnumDescriptor> enums() {
    return Stream.concat(
        files.stream().flatMap(file -> file.getEnumTypes().stream()),
        messages().flatMap(message -> message.getEnumTypes().stream()));
  }

  /** Every service. */
  public Stream<ServiceDescriptor> services() {
    return files.stream().flatMap(file -> file.getServices().stream());
  }

  /** Every RPC of every service. */
  public Stream<MethodDescriptor> methods() {
    return services().flatMap(service -> service.getMethods().stream());
  }

  /** Comments of all elements by full name; empty where there is none. */
  public Map<String, String> comments() {
    return files.stream()
        .flatMap(file -> ApiComments.of(file.toProto()).entrySet().stream())
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static Stream<Descriptor> withNested(Descriptor message) {
    return Stream.concat(
        Stream.of(message), message.getNestedTypes().stream().flatMap(ApiDescriptors::withNested));
  }

  private static ExtensionRegistry options() {
    ExtensionRegistry registry = ExtensionRegistry.newInstance();
    OptionsProto.registerAllExtensions(registry);
    return registry;
  }
}
