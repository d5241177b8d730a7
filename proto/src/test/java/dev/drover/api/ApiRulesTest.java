package dev.drover.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.drover.v1.Effect;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.Rule;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Rules of Drover's own that every file of the API keeps, beside those of {@link LintRule}; a
 * violation is named by the full name of the element.
 */
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
  void everyRpcSaysWhichErrorsItRaises() {
    Map<String, String> comments = v1.comments();
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
                        .flatMap(
                            name ->
                                Stream.of(name, name.substring(LintRule.prefix(type).length()))))
            .collect(Collectors.toSet());
    assertThat(
            v1.services()
                .flatMap(
                    service ->
                        Stream.concat(
                            Stream.of(service.getFullName()),
                            service.getMethods().stream().map(MethodDescriptor::getFullName)))
                .flatMap(name -> constants(v1.comments().get(name)))
                .filter(constant -> !known.contains(constant)))
        .as("names in the comments of services and methods that no enum of the API has")
        .isEmpty();
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
}
