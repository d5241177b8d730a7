package dev.drover.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.drover.v1.Effect;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.Rule;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules every file of the API keeps; a violation is named by the full name of the element. */
class ApiRulesTest {

  private static final Set<String> SECRET_WORDS =
      Set.of("password", "passphrase", "secret", "key", "token", "credential");
  private static final Set<String> PAGE_TOKENS = Set.of("page_token", "next_page_token");

  /** Lists whose length the spec of one domain bounds. */
  private static final Set<String> BOUNDED_LISTS = Set.of("ListDisks");

  private static final Pattern CONSTANT = Pattern.compile("\\b[A-Z]+(?:_[A-Z]+)+\\b");

  private final ApiDescriptors api = ApiDescriptors.compiled();
  private final ApiDescriptors v1 = api.inPackage("drover.v1");

  @Test
  void rulesAreHeldAgainstTheWholeApi() {
    assertThat(v1.services().map(ServiceDescriptor::getName))
        .contains("HostService", "DomainService", "BlockService", "JobService");
    assertThat(api.files()).hasSizeGreaterThan(v1.files().size());
  }

  @Test
  void everyElementHasAComment() {
    assertThat(
            comments(api).entrySet().stream()
                .filter(comment -> comment.getValue().isEmpty())
                .map(Map.Entry::getKey))
        .isEmpty();
  }

  @Test
  void everyRpcSaysWhichErrorsItRaises() {
    Map<String, String> comments = comments(v1);
    assertThat(
            v1.methods()
                .filter(method -> !comments.get(method.getFullName()).contains("Errors:"))
                .filter(method -> !comments.get(service(method)).contains("Errors of every call:"))
                .map(MethodDescriptor::getFullName))
        .as("neither the method nor its service lists errors")
        .isEmpty();
  }

  @Test
  void errorsNamedInCommentsExist() {
    Set<String> known =
        api.enums()
            .flatMap(
                type ->
                    type.getValues().stream()
                        .map(EnumValueDescriptor::getName)
                        .flatMap(name -> Stream.of(name, name.substring(prefix(type).length()))))
            .collect(Collectors.toSet());
    assertThat(
            v1.services()
                .flatMap(
                    service ->
                        Stream.concat(
                            Stream.of(service.getFullName()),
                            service.getMethods().stream().map(MethodDescriptor::getFullName)))
                .flatMap(name -> constants(comments(v1).get(name)))
                .filter(constant -> !known.contains(constant)))
        .as("names in the comments of services and methods that no enum of the API has")
        .isEmpty();
  }

  @Test
  void enumValuesCarryTheirEnumsName() {
    assertThat(
            api.enums()
                .flatMap(
                    type ->
                        type.getValues().stream()
                            .filter(value -> !value.getName().startsWith(prefix(type))))
                .map(EnumValueDescriptor::getFullName))
        .isEmpty();
  }

  @Test
  void enumsBeginUnspecified() {
    assertThat(
            api.enums()
                .filter(
                    type -> {
                      EnumValueDescriptor zero = type.findValueByNumber(0);
                      return zero == null || !zero.getName().equals(prefix(type) + "UNSPECIFIED");
                    })
                .map(EnumDescriptor::getFullName))
        .isEmpty();
  }

  @Test
  void everyRpcHasItsOwnRequestAndResponse() {
    assertThat(
            api.methods()
                .filter(
                    method ->
                        !method.getInputType().getName().equals(method.getName() + "Request")
                            || !method
                                .getOutputType()
                                .getName()
                                .equals(method.getName() + "Response"))
                .map(MethodDescriptor::getFullName))
        .isEmpty();
    assertThat(
            api.methods()
                .flatMap(method -> Stream.of(method.getInputType(), method.getOutputType())))
        .doesNotHaveDuplicates();
  }

  @Test
  void everyRpcDeclaresPermissionAndEffect() {
    assertThat(api.methods().filter(method -> !ruled(method)).map(MethodDescriptor::getFullName))
        .as("methods without a complete (drover.v1.rule): they would be denied to everybody (A4)")
        .isEmpty();
  }

  @Test
  void everyMutatingRpcCanBeRepeatedSafely() {
    assertThat(
            v1.methods()
                .filter(method -> rule(method).getEffect() == Effect.EFFECT_MUTATES)
                .filter(method -> method.getInputType().findFieldByName("request_id") == null)
                .map(MethodDescriptor::getFullName))
        .as("mutating methods whose request has no request_id")
        .isEmpty();
  }

  @Test
  void everyListIsPaged() {
    assertThat(
            v1.methods()
                .filter(method -> method.getName().startsWith("List"))
                .filter(method -> !BOUNDED_LISTS.contains(method.getName()))
                .filter(
                    method ->
                        method.getInputType().findFieldByName("page_size") == null
                            || method.getInputType().findFieldByName("page_token") == null
                            || method.getOutputType().findFieldByName("next_page_token") == null)
                .map(MethodDescriptor::getFullName))
        .isEmpty();
  }

  @Test
  void fieldsNamedLikeSecretsAreSensitive() {
    assertThat(
            api.fields()
                .filter(ApiRulesTest::namedLikeASecret)
                .filter(field -> !field.getOptions().getExtension(OptionsProto.sensitive))
                .map(FieldDescriptor::getFullName))
        .as("fields that need (drover.v1.sensitive), or another name")
        .isEmpty();
  }

  @Test
  void everyErrorReasonHasAStatus() {
    assertThat(
            api.enums()
                .filter(type -> type.getFullName().equals("drover.v1.ErrorReason"))
                .flatMap(type -> type.getValues().stream())
                .filter(value -> value.getNumber() != 0)
                .filter(value -> !value.getOptions().hasExtension(OptionsProto.status))
                .map(EnumValueDescriptor::getName))
        .isEmpty();
  }

  private static Map<String, String> comments(ApiDescriptors api) {
    return api.files().stream()
        .flatMap(file -> ApiComments.of(file.toProto()).entrySet().stream())
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static String service(MethodDescriptor method) {
    return method.getService().getFullName();
  }

  private static Stream<String> constants(String comment) {
    return CONSTANT.matcher(comment).results().map(MatchResult::group);
  }

  private static boolean namedLikeASecret(FieldDescriptor field) {
    return !PAGE_TOKENS.contains(field.getName())
        && Arrays.stream(field.getName().split("_", -1)).anyMatch(SECRET_WORDS::contains);
  }

  private static boolean ruled(MethodDescriptor method) {
    Rule rule = rule(method);
    return !rule.getPermission().isEmpty()
        && (rule.getEffect() == Effect.EFFECT_READS || rule.getEffect() == Effect.EFFECT_MUTATES);
  }

  private static Rule rule(MethodDescriptor method) {
    return method.getOptions().getExtension(OptionsProto.rule);
  }

  private static String prefix(EnumDescriptor type) {
    return type.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT) + "_";
  }
}
