package dev.drover.api.reference;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.drover.api.ApiDescriptors;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where each element of the API has its heading. A file and the file of its service share a page:
 * {@code job.proto} and {@code job_service.proto} make {@code job.md}.
 */
final class Places {

  static final String INDEX = "README.md";
  static final String ERRORS = "errors.md";
  static final String PERMISSIONS = "permissions.md";
  static final String CAPABILITIES = "capabilities.md";

  private static final String ERROR_REASON = "ErrorReason";
  private static final String CAPABILITY = "Capability";
  private static final String REASON_PREFIX = "ERROR_REASON_";

  private final Map<String, Place> byFullName = new HashMap<>();
  private final Map<String, Place> byWord = new HashMap<>();
  private final Set<String> fields;

  Places(ApiDescriptors api) {
    api.messages().forEach(message -> put(message, page(message.getFile())));
    api.enums().forEach(this::put);
    api.services().forEach(this::put);
    fields =
        Stream.concat(api.fields(), api.extensions())
            .map(FieldDescriptor::getName)
            .collect(Collectors.toSet());
  }

  /** The page that a file's elements are on. */
  static String page(FileDescriptor file) {
    String name = file.getName().substring(file.getName().lastIndexOf('/') + 1);
    return switch (name) {
      case "errors.proto" -> ERRORS;
      case "options.proto" -> PERMISSIONS;
      default -> name.replaceFirst("(_service)?\\.proto$", "").replace('_', '-') + ".md";
    };
  }

  /** The page of an enum: those that have a subject of their own are apart from their file. */
  static String page(EnumDescriptor type) {
    return type.getName().equals(CAPABILITY) ? CAPABILITIES : page(type.getFile());
  }

  /** Whether the values of an enum have headings of their own. */
  static boolean valuesAreHeadings(EnumDescriptor type) {
    return type.getName().equals(CAPABILITY) || type.getName().equals(ERROR_REASON);
  }

  /** The heading of an enum value that has one: a reason is named as it travels. */
  static String heading(EnumValueDescriptor value) {
    return value.getName().startsWith(REASON_PREFIX)
        ? value.getName().substring(REASON_PREFIX.length())
        : value.getName();
  }

  /** What GitHub makes of a heading. */
  static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
  }

  /** The place of an element. */
  Place of(GenericDescriptor element) {
    Place place = byFullName.get(element.getFullName());
    if (place == null) {
      throw new IllegalArgumentException(element.getFullName() + " has no place");
    }
    return place;
  }

  /** The place of what a word of a comment names: a type, an RPC, a value of an enum, a reason. */
  Optional<Place> named(String word) {
    return Optional.ofNullable(byWord.get(word));
  }

  /** Whether a word is the name of a field. */
  boolean isField(String word) {
    return fields.contains(word);
  }

  private void put(GenericDescriptor element, String page) {
    put(element, new Place(page, anchor(element.getName())));
  }

  private void put(GenericDescriptor element, Place place) {
    byFullName.put(element.getFullName(), place);
    byWord.put(element.getName(), place);
  }

  private void put(EnumDescriptor type) {
    put(type, page(type));
    for (EnumValueDescriptor value : type.getValues()) {
      if (valuesAreHeadings(type)) {
        put(value, new Place(page(type), anchor(heading(value))));
        byWord.put(heading(value), of(value));
      } else {
        put(value, of(type));
      }
    }
  }

  private void put(ServiceDescriptor service) {
    String page = page(service.getFile());
    put(service, page);
    service.getMethods().forEach(method -> put(method, page));
  }
}
