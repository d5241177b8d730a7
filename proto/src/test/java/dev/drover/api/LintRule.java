package dev.drover.api;

import com.google.protobuf.DescriptorProtos.FileOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules of buf's categories STANDARD and COMMENTS, as {@code buf.yaml} names them, held by the
 * build without buf. Where Drover is stricter the check says so.
 *
 * @param bufNames what buf calls what it holds
 * @param check finds full names of what breaks it, or of the file
 */
record LintRule(List<String> bufNames, Function<ApiDescriptors, Stream<String>> check) {

  private static final Pattern LOWER_SNAKE = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
  private static final Pattern PASCAL = Pattern.compile("[A-Z][A-Za-z0-9]*");

  /** All of them. */
  static final List<LintRule> ALL =
      List.of(
          rule(
              "PACKAGE_DEFINED PACKAGE_DIRECTORY_MATCH PACKAGE_SAME_DIRECTORY "
                  + "DIRECTORY_SAME_PACKAGE",
              files(file -> !file.getName().equals(inDirectoryOfPackage(file)))),
          rule("PACKAGE_NO_IMPORT_CYCLE", LintRule::packagesInACycle),
          rule(
              "PACKAGE_LOWER_SNAKE_CASE",
              files(file -> !file.getPackage().matches("[a-z0-9_]+(\\.[a-z0-9_]+)*"))),
          rule(
              "PACKAGE_VERSION_SUFFIX",
              files(file -> !file.getPackage().matches(".*\\.v[0-9]+((alpha|beta)[0-9]*)?"))),
          rule(
              "PACKAGE_SAME_CSHARP_NAMESPACE PACKAGE_SAME_GO_PACKAGE "
                  + "PACKAGE_SAME_JAVA_MULTIPLE_FILES PACKAGE_SAME_JAVA_PACKAGE "
                  + "PACKAGE_SAME_PHP_NAMESPACE PACKAGE_SAME_RUBY_PACKAGE "
                  + "PACKAGE_SAME_SWIFT_PREFIX",
              LintRule::packagesOfDifferentOptions),
          rule(
              "FILE_LOWER_SNAKE_CASE",
              files(file -> !lowerSnake(baseName(file).replaceFirst("\\.proto$", "")))),
          rule("SYNTAX_SPECIFIED", files(file -> !file.toProto().getSyntax().equals("proto3"))),
          rule("IMPORT_NO_PUBLIC", files(file -> !file.getPublicDependencies().isEmpty())),
          rule("IMPORT_USED", LintRule::unusedImports),
          rule(
              "PROTOVALIDATE",
              files(
                  file ->
                      file.getDependencies().stream()
                          .anyMatch(imported -> imported.getName().startsWith("buf/validate/")))),
          rule("MESSAGE_PASCAL_CASE", names(ApiDescriptors::messages, name -> !pascal(name))),
          rule("FIELD_LOWER_SNAKE_CASE", names(ApiDescriptors::fields, name -> !lowerSnake(name))),
          rule("FIELD_NOT_REQUIRED", elements(ApiDescriptors::fields, FieldDescriptor::isRequired)),
          rule("ONEOF_LOWER_SNAKE_CASE", names(LintRule::oneofs, name -> !lowerSnake(name))),
          rule("ENUM_PASCAL_CASE", names(ApiDescriptors::enums, name -> !pascal(name))),
          rule(
              "ENUM_NO_ALLOW_ALIAS",
              elements(ApiDescriptors::enums, type -> type.getOptions().getAllowAlias())),
          rule(
              "ENUM_FIRST_VALUE_ZERO ENUM_ZERO_VALUE_SUFFIX",
              elements(
                  ApiDescriptors::enums,
                  type ->
                      type.getValue(0).getNumber() != 0
                          || !type.getValue(0).getName().equals(prefix(type) + "UNSPECIFIED"))),
          rule(
              "ENUM_VALUE_PREFIX ENUM_VALUE_UPPER_SNAKE_CASE",
              elements(
                  LintRule::values,
                  value ->
                      !value.getName().startsWith(prefix(value.getType()))
                          || !lowerSnake(value.getName().toLowerCase(Locale.ROOT))
                          || !value.getName().equals(value.getName().toUpperCase(Locale.ROOT)))),
          rule(
              "SERVICE_PASCAL_CASE SERVICE_SUFFIX",
              names(ApiDescriptors::services, name -> !pascal(name) || !name.endsWith("Service"))),
          rule("RPC_PASCAL_CASE", names(ApiDescriptors::methods, name -> !pascal(name))),
          // The service's name before the method's, which buf allows too, is not used here.
          rule(
              "RPC_REQUEST_STANDARD_NAME RPC_RESPONSE_STANDARD_NAME",
              elements(
                  ApiDescriptors::methods,
                  method ->
                      !method.getInputType().getName().equals(method.getName() + "Request")
                          || !method
                              .getOutputType()
                              .getName()
                              .equals(method.getName() + "Response"))),
          rule("RPC_REQUEST_RESPONSE_UNIQUE", LintRule::sharedMessages),
          rule(
              "COMMENT_ENUM COMMENT_ENUM_VALUE COMMENT_FIELD COMMENT_MESSAGE COMMENT_ONEOF "
                  + "COMMENT_RPC COMMENT_SERVICE",
              api ->
                  api.comments().entrySet().stream()
                      .filter(comment -> comment.getValue().isEmpty())
                      .map(Map.Entry::getKey)));

  /** Full names of what breaks it, or of the file. */
  List<String> violations(ApiDescriptors api) {
    return check.apply(api).sorted().toList();
  }

  /** The rule of a name of buf's. */
  static LintRule named(String bufName) {
    return ALL.stream()
        .filter(rule -> rule.bufNames.contains(bufName))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no rule " + bufName));
  }

  @Override
  public String toString() {
    return String.join(", ", bufNames);
  }

  private static LintRule rule(String bufNames, Function<ApiDescriptors, Stream<String>> check) {
    return new LintRule(List.of(bufNames.split(" ", -1)), check);
  }

  private static Function<ApiDescriptors, Stream<String>> files(Predicate<FileDescriptor> wrong) {
    return api -> api.files().stream().filter(wrong).map(FileDescriptor::getName);
  }

  private static <T extends GenericDescriptor> Function<ApiDescriptors, Stream<String>> elements(
      Function<ApiDescriptors, Stream<T>> all, Predicate<T> wrong) {
    return api -> all.apply(api).filter(wrong).map(GenericDescriptor::getFullName);
  }

  private static <T extends GenericDescriptor> Function<ApiDescriptors, Stream<String>> names(
      Function<ApiDescriptors, Stream<T>> all, Predicate<String> wrong) {
    return elements(all, element -> wrong.test(element.getName()));
  }

  private static Stream<OneofDescriptor> oneofs(ApiDescriptors api) {
    return api.messages().flatMap(message -> message.getRealOneofs().stream());
  }

  private static Stream<EnumValueDescriptor> values(ApiDescriptors api) {
    return api.enums().flatMap(type -> type.getValues().stream());
  }

  private static String inDirectoryOfPackage(FileDescriptor file) {
    return file.getPackage().replace('.', '/') + "/" + baseName(file);
  }

  private static String baseName(FileDescriptor file) {
    return file.getName().substring(file.getName().lastIndexOf('/') + 1);
  }

  private static boolean lowerSnake(String name) {
    return LOWER_SNAKE.matcher(name).matches();
  }

  private static boolean pascal(String name) {
    return PASCAL.matcher(name).matches();
  }

  static String prefix(EnumDescriptor type) {
    return type.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT) + "_";
  }

  private static Stream<String> packagesInACycle(ApiDescriptors api) {
    Map<String, Set<String>> imports =
        api.files().stream()
            .collect(
                Collectors.groupingBy(
                    FileDescriptor::getPackage,
                    Collectors.flatMapping(
                        file -> file.getDependencies().stream().map(FileDescriptor::getPackage),
                        Collectors.toSet())));
    return imports.keySet().stream().filter(name -> reaches(name, name, imports, new HashSet<>()));
  }

  private static boolean reaches(
      String from, String to, Map<String, Set<String>> imports, Set<String> seen) {
    return imports.getOrDefault(from, Set.of()).stream()
        .filter(next -> !next.equals(from))
        .anyMatch(next -> next.equals(to) || (seen.add(next) && reaches(next, to, imports, seen)));
  }

  private static Stream<String> packagesOfDifferentOptions(ApiDescriptors api) {
    return api.files().stream()
        .collect(
            Collectors.groupingBy(
                FileDescriptor::getPackage,
                Collectors.mapping(LintRule::packageOptions, Collectors.toSet())))
        .entrySet()
        .stream()
        .filter(one -> one.getValue().size() > 1)
        .map(Map.Entry::getKey);
  }

  private static List<Object> packageOptions(FileDescriptor file) {
    FileOptions options = file.getOptions();
    return List.of(
        options.getCsharpNamespace(),
        options.getGoPackage(),
        options.getJavaMultipleFiles(),
        options.getJavaPackage(),
        options.getPhpNamespace(),
        options.getRubyPackage(),
        options.getSwiftPrefix());
  }

  private static Stream<String> unusedImports(ApiDescriptors api) {
    return api.files().stream()
        .flatMap(
            file -> {
              Set<String> used = usedFiles(new ApiDescriptors(List.of(file)));
              return file.getDependencies().stream()
                  .filter(imported -> !used.contains(imported.getName()))
                  .map(imported -> file.getName() + " imports " + imported.getName());
            });
  }

  private static Set<String> usedFiles(ApiDescriptors file) {
    Stream<FileDescriptor> types =
        Stream.concat(file.messages().flatMap(LintRule::withEntries), file.extensions())
            .flatMap(LintRule::typesOf);
    Stream<FileDescriptor> calls =
        file.methods()
            .flatMap(method -> Stream.of(method.getInputType(), method.getOutputType()))
            .map(Descriptor::getFile);
    Stream<FileDescriptor> options =
        Stream.of(
                file.methods().map(method -> method.getOptions().getAllFields().keySet()),
                file.fields().map(field -> field.getOptions().getAllFields().keySet()),
                values(file).map(value -> value.getOptions().getAllFields().keySet()))
            .flatMap(Function.identity())
            .flatMap(Collection::stream)
            .map(FieldDescriptor::getFile);
    return Stream.of(types, calls, options)
        .flatMap(Function.identity())
        .map(FileDescriptor::getName)
        .collect(Collectors.toSet());
  }

  /** The fields of a message, and those of the entries of its maps. */
  private static Stream<FieldDescriptor> withEntries(Descriptor message) {
    return Stream.concat(
        message.getFields().stream(),
        message.getNestedTypes().stream()
            .filter(nested -> nested.getOptions().getMapEntry())
            .flatMap(entry -> entry.getFields().stream()));
  }

  private static Stream<FileDescriptor> typesOf(FieldDescriptor field) {
    Stream<FileDescriptor> type =
        switch (field.getJavaType()) {
          case MESSAGE -> Stream.of(field.getMessageType().getFile());
          case ENUM -> Stream.of(field.getEnumType().getFile());
          case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING -> Stream.of();
        };
    return Stream.concat(type, Stream.of(field.getContainingType().getFile()));
  }

  private static Stream<String> sharedMessages(ApiDescriptors api) {
    return api
        .methods()
        .flatMap(method -> Stream.of(method.getInputType(), method.getOutputType()))
        .collect(Collectors.groupingBy(Descriptor::getFullName, Collectors.counting()))
        .entrySet()
        .stream()
        .filter(message -> message.getValue() > 1)
        .map(Map.Entry::getKey);
  }
}
