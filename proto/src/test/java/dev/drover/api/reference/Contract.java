package dev.drover.api.reference;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.drover.api.ApiDescriptors;
import dev.drover.v1.Effect;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.Rule;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that the pages are made from.
 *
 * @param api the descriptors
 * @param comments by full name of the element
 * @param places where each element is told of
 * @param errors which call raises what
 */
record Contract(
    ApiDescriptors api, Map<String, Comment> comments, Places places, ErrorLists errors) {

  static Contract of(ApiDescriptors api) {
    Map<String, Comment> comments =
        api.comments().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, one -> Comment.parse(one.getValue())));
    return new Contract(api, comments, new Places(api), new ErrorLists(api, comments));
  }

  Comment comment(GenericDescriptor element) {
    return commentOf(element.getFullName());
  }

  /** protoc's full name of an enum value leaves out the enum; comments are kept with it. */
  Comment comment(EnumValueDescriptor value) {
    return commentOf(value.getType().getFullName() + "." + value.getName());
  }

  Rule rule(MethodDescriptor method) {
    return method.getOptions().getExtension(OptionsProto.rule);
  }

  boolean mutates(MethodDescriptor method) {
    return rule(method).getEffect() == Effect.EFFECT_MUTATES;
  }

  static boolean sensitive(FieldDescriptor field) {
    return field.getOptions().getExtension(OptionsProto.sensitive);
  }

  EnumDescriptor enumNamed(String name) {
    return api.enums()
        .filter(type -> type.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the API has no enum " + name));
  }

  /** Calls, types and values whose comment, or that of a field of theirs, has a word. */
  Stream<GenericDescriptor> naming(String word) {
    Stream<GenericDescriptor> all =
        Stream.of(
                api.services(),
                api.methods(),
                api.messages(),
                api.enums().filter(type -> !Places.valuesAreHeadings(type)))
            .flatMap(stream -> stream.map(GenericDescriptor.class::cast));
    return all.filter(element -> mentions(element, word));
  }

  private boolean mentions(GenericDescriptor element, String word) {
    return switch (element) {
      case Descriptor message -> says(message, word);
      case EnumDescriptor type ->
          has(comment(type), word)
              || type.getValues().stream().anyMatch(value -> has(comment(value), word));
      default -> has(comment(element), word);
    };
  }

  private boolean says(Descriptor message, String word) {
    return has(comment(message), word)
        || message.getFields().stream().anyMatch(field -> has(comment(field), word));
  }

  private static boolean has(Comment comment, String word) {
    return Stream.of(comment.text(), comment.errors(), comment.everyCall(), comment.everyStart())
        .flatMap(List::stream)
        .anyMatch(
            paragraph ->
                Pattern.compile("(?<![A-Za-z0-9_.])" + Pattern.quote(word) + "(?![A-Za-z0-9_])")
                    .matcher(paragraph)
                    .find());
  }

  private Comment commentOf(String fullName) {
    Comment comment = comments.get(fullName);
    if (comment == null) {
      throw new IllegalArgumentException(fullName + " has no comment");
    }
    return comment;
  }
}
